"""`python -m deploy.clients`: writes `web/clients/{records,verifier,signer}` from the committed
contracts.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from deploy.clients.document import for_the_generator
from deploy.clients.templates import write_templates

# not from `deploy.contracts`, which needs what only tests install: `make run` comes here first
_ROOT = Path(__file__).resolve().parents[2]
_DOCUMENTS = _ROOT / "contracts/openapi"
FOLDER = _ROOT / "web/clients"
_SERVICES = ("records", "verifier", "signer")
_HEAD = '"""Generated from `contracts/openapi` by `python -m deploy.clients`; never edited."""\n'


class NotGeneratedError(RuntimeError):
    """The generator could not make a call of every operation."""


def generate(service: str, into: Path) -> None:
    """Writes one service's client to `into`; NotGeneratedError with what it stumbled over.

    All or nothing: what stands at `into` stays until the new one is whole.
    """
    document = json.loads((_DOCUMENTS / f"{service}.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as place:
        asked, made, templates = (
            Path(place, name) for name in (f"{service}.json", service, "templates")
        )
        write_templates(templates)
        asked.write_text(json.dumps(for_the_generator(document)), encoding="utf-8")
        done = subprocess.run(
            [
                *(sys.executable, "-m", "openapi_python_client", "generate"),
                *("--path", asked, "--output-path", made, "--meta", "none"),
                *("--custom-template-path", templates, "--fail-on-warning"),
            ],
            # what it forms the code with stands beside this Python, on the path or not
            env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise NotGeneratedError(f"{service}: {done.stdout}\n{done.stderr}")
        shutil.rmtree(into, ignore_errors=True)
        shutil.move(made, into)


def main() -> None:
    """Writes all three, and the package around them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "__init__.py").write_text(_HEAD, encoding="utf-8")
    for service in _SERVICES:
        generate(service, FOLDER / service)


if __name__ == "__main__":
    main()
