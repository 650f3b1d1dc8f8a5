"""Where scripts and styles are found: by names that change with what is in them."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

STATIC: Final = Path(__file__).parent / "static"
_MANIFEST: Final = STATIC / "manifest.json"
_NEEDS: Final = STATIC / "needs.json"


def asset(name: str) -> str:
    """The address of `js/desk.js` and the like, as it was built last."""
    return f"/assets/{_read(_MANIFEST).get(name, name)}"


def needed_by(name: str) -> list[str]:
    """The addresses of everything that a script loads sooner or later, itself first."""
    return [f"/assets/{file}" for file in _read(_NEEDS).get(name, ())]


def app_icons() -> list[dict[str, str]]:
    """The icons of a page that is installed, as its manifest names them."""
    drawn = {"src": asset("images/icon.svg"), "type": "image/svg+xml", "sizes": "any"}
    pictures = [
        {"src": asset(f"images/icon-{size}.png"), "type": "image/png", "sizes": f"{size}x{size}"}
        for size in (192, 512)
    ]
    return [drawn, {**drawn, "purpose": "maskable"}, *pictures]


def _read(file: Path) -> dict[str, Any]:
    """What a built file says now: it may be built anew under a process that runs."""
    return _read_at(file, file.stat().st_mtime_ns) if file.exists() else {}


@lru_cache(maxsize=4)
def _read_at(file: Path, _changed: int) -> dict[str, Any]:
    return dict(json.loads(file.read_text()))
