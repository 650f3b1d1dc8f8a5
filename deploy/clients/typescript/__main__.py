"""`python -m deploy.clients.typescript`: writes the TypeScript client to `build/typescript`.

It is a package of its own: types of the committed contracts, and openapi-fetch at run time.
"""

import fcntl
import hashlib
import shutil
import sys
from pathlib import Path
from typing import Final

from deploy import npm

_ROOT = Path(__file__).resolve().parents[3]
_DOCUMENTS = _ROOT / "contracts" / "openapi"
_SOURCES = Path(__file__).parent
_COPIED: Final = ("package.json", "package-lock.json", ".npmrc", "tsconfig.json", "client.ts")
_SERVICES: Final = ("records", "verifier", "signer")
_GENERATE_S: Final = 120
FOLDER: Final = _ROOT / "build" / "typescript"


def generate(into: Path = FOLDER) -> None:
    """Writes the client to `into`, unless it is that of these contracts already; NodeError."""
    into.mkdir(parents=True, exist_ok=True)
    with (into / ".lock").open("a") as lock:  # two tests may come here at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        mark, wanted = into / ".generated-from", _digest()
        if mark.exists() and mark.read_text() == wanted:
            return
        for name in _COPIED:
            shutil.copyfile(_SOURCES / name, into / name)
        npm.install(into)
        for service in _SERVICES:
            _write_types(service, into)
        mark.write_text(wanted)


def _digest() -> str:
    known = hashlib.sha256()
    for file in (
        *(_SOURCES / name for name in _COPIED),
        *(_DOCUMENTS / f"{service}.json" for service in _SERVICES),
    ):
        known.update(file.read_bytes())
    return known.hexdigest()


def _write_types(service: str, into: Path) -> None:
    generator = into / "node_modules" / "openapi-typescript" / "bin" / "cli.js"
    document, types = _DOCUMENTS / f"{service}.json", into / f"{service}.ts"
    command = [npm.program("node"), str(generator), str(document), "--output", str(types)]
    npm.run(command, into, _GENERATE_S)


if __name__ == "__main__":
    try:
        generate()
    except npm.NodeError as error:
        sys.exit(f"The TypeScript client could not be made. ({error})")
    print(f"The TypeScript client is in {FOLDER.relative_to(_ROOT)}.")
