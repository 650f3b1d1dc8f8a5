"""The generated TypeScript client against the running services: an app in TypeScript is checked by
the compiler, and does what an app does.
"""

import csv
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from contracts.access import Role
from deploy import npm
from deploy.clients.typescript.__main__ import FOLDER, generate
from deploy.local import issuer
from services.records.uploads.dose_schema import EXAMPLES, as_json
from tests.support.paths import ROOT
from tests.support.stack import System

_APP = ROOT / "tests" / "js" / "an_app.ts"
_LIMIT_S = 180


@pytest.fixture(scope="session")
def client() -> Path:
    """The client's folder, with the app in it."""
    generate()
    shutil.copyfile(_APP, FOLDER / _APP.name)
    return FOLDER


def _compiled(folder: Path) -> str:
    compiler = folder / "node_modules" / "typescript" / "bin" / "tsc"
    return npm.run([npm.program("node"), str(compiler), "--project", "."], folder, _LIMIT_S)


async def test_an_app_in_typescript_pushes_watches_and_shows_a_passport(
    client: Path, with_made_up_people: System, made_up: Path
) -> None:
    await with_made_up_people.push((made_up / "doses.csv").read_bytes())
    someone = _registered(made_up)
    told = {
        "origin": with_made_up_people.stack.origin,
        "dose": as_json({**EXAMPLES[0], **someone, "source_id": "typescript-1"}),
        "tokens": {
            "clinic": _token(with_made_up_people, Role.SERVICE),
            "citizen": _token(
                with_made_up_people, Role.CITIZEN, personal_id=someone["personal_id"]
            ),
            "office": _token(with_made_up_people, Role.PROVINCE, areas=["01"]),
        },
    }
    _compiled(client)
    done = subprocess.run(
        [npm.program("node"), _APP.name, json.dumps(told)],
        cwd=client,
        capture_output=True,
        text=True,
        check=False,
        timeout=_LIMIT_S,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["batch_id"] > 1
    assert (answer["first_replayed"], answer["again"]) == (None, [answer["batch_id"], "true"])
    assert (answer["settled"], answer["states"]) == (True, ["issued"])
    assert answer["fields"] == 11 and "valid" in answer["certificates"]
    assert (answer["waiting"], answer["refused"]) == (1, "DOSE_NOT_FOUND")
    assert answer["verdict"] == "VALID"


def test_what_no_service_takes_or_gives_does_not_compile(
    client: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = _APP.read_text(encoding="utf-8")
    for right, wrong in (
        ("body: { doses: [told.dose] }", "body: { doses: [{ lot: 7 }] }"),
        ('"/signer/v1/me/passport"', '"/signer/v1/me/pasport"'),
        ("row.state", "row.stat"),
    ):
        assert right in text
        (client / _APP.name).write_text(text.replace(right, wrong), encoding="utf-8")
        with pytest.raises(npm.NodeError):
            _compiled(client)
    (client / _APP.name).write_text(text, encoding="utf-8")


def _token(running: System, role: Role, **limits: Any) -> str:
    return issuer.token(running.stack.home, role, **limits)


def _registered(made_up: Path) -> dict[str, str]:
    """A grown-up of the made-up province, as an upload names them."""
    with (made_up / "people.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if row["date_of_birth"] < "1990" and len(row["date_of_birth"]) == 10:
                return {
                    field: row[field]
                    for field in ("full_name", "date_of_birth", "sex", "personal_id")
                }
    raise AssertionError("nobody is grown up")
