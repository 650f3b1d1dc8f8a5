"""What the parts see of a shell's variables, and what is said when one does not start."""

import os
from pathlib import Path

import pytest

from deploy.local.failure import StartError, last_words
from deploy.local.processes import Part, Parts
from deploy.local.surroundings import of_the_machine, without_postgres_variables
from tests.support.settings import SETTINGS, defaults

_PROGRAM = """
import os, sys
print("BUS" in os.environ, os.environ.get("OWN"), "PATH" in os.environ)
print("Traceback (most recent call last):\\n  File \\"x.py\\", line 1\\n    connect()\\n"
      "RuntimeError: postgresql://app:s3cret@db/x "
      "password=hunter2 068180000001", file=sys.stderr)
sys.exit(1)
"""


def test_no_variable_that_a_service_could_take_for_its_setting_reaches_a_part() -> None:
    own = {
        name
        for model in SETTINGS.values()
        for name in (*defaults(model), *(group.upper() for group in model.model_fields))
    }
    of_make = {
        "PORT",
        "PEOPLE",
        "DOSES",
        "NODES",
        "ARGS",
        "BUS",
        "BUS_URL",
        "DATABASE_URL",
        "MAKEFLAGS",
        "HOCHIEU_DATABASE_URL",
    }
    assert of_the_machine(dict.fromkeys(own | of_make | {"PGPORT"}, "x")) == {}
    kept = {"PATH": "x", "HOME": "x", "LC_ALL": "x", "TZ": "x"}
    assert of_the_machine(kept) == kept
    assert of_the_machine({"PGSSLMODE": "x"}, postgres=True) == {"PGSSLMODE": "x"}


def test_the_embedded_server_does_not_obey_variables_of_another_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PGPORT", "5999")
    with without_postgres_variables():
        assert "PGPORT" not in os.environ
    assert os.environ["PGPORT"] == "5999"


async def test_a_part_that_keeps_ending_is_named_with_its_last_words_and_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "failing_part.py").write_text(_PROGRAM)
    monkeypatch.setenv("BUS", "kafka")
    parts = Parts(tmp_path, {**of_the_machine(), "PYTHONPATH": str(tmp_path)})
    (tmp_path / "records.log").write_text("an earlier run\n")
    try:
        await parts.start(
            Part(
                "records",
                "failing_part",
                environment={"OWN": "yes"},
                socket=tmp_path / "records.sock",
            )
        )
        with pytest.raises(StartError) as raised:
            await parts.ready()
    finally:
        await parts.stop()
    words = str(raised.value)
    assert (
        "records không khởi động được / did not start" in words
        and str(tmp_path / "records.log") in words
    )
    assert "False yes True" in words and "RuntimeError: postgresql://***@db/x" in words
    for secret in ("s3cret", "hunter2", "068180000001", "earlier", "connect()"):
        assert secret not in words


def test_the_last_words_of_a_group_of_errors_are_the_errors(tmp_path: Path) -> None:
    log = tmp_path / "signer.log"
    log.write_text(
        '  + Exception Group Traceback (most recent call last):\n  |   File "run.py", line 3, in'
        " main\n  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)\n "
        " +-+---------------- 1 ----------------\n    | Traceback (most recent call last):\n    |  "
        ' File "keys.py", line 9, in read\n    | PermissionError: keys\n    +----\n'
    )
    assert last_words(log).splitlines() == [
        "ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)",
        "PermissionError: keys",
    ]
    assert last_words(tmp_path / "none.log") == ""
