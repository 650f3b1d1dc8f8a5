"""Where scripts and styles are found: by names that change with what is in them."""

import json
from functools import cache
from pathlib import Path
from typing import Final

STATIC: Final = Path(__file__).parent / "static"


def asset(name: str) -> str:
    """The address of `js/desk.js` and the like, as it was built last."""
    return f"/assets/{_built().get(name, name)}"


@cache
def _built() -> dict[str, str]:
    manifest = STATIC / "manifest.json"
    return dict(json.loads(manifest.read_text())) if manifest.exists() else {}
