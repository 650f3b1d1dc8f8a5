"""The runbook tells of everything that an operator may set, meet or run, and of nothing that is not
there.
"""

import ast
import importlib.util
import re
from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined

from tests.support import paths
from tests.support.paths import DEPLOY, ROOT
from tests.support.settings import PROCESSES, SETTINGS, defaults

PAGES = {page.stem: page.read_text() for page in sorted(paths.RUNBOOK.glob("*.md"))}
RUNBOOK = "\n".join(PAGES.values())
WORDS: dict[object, str] = {None: "none", PydanticUndefined: "required", (): "[]"}
"""What stands for a default that is no text."""
FIRST_RELEASE = {"records": "0008", "verifier": "0004", "signer": "0004"}
"""The last migrations of 0.1.0. To be raised by who takes away what the release before has stopped
using.
"""


def test_every_variable_of_the_compose_files_is_explained_in_the_runbook() -> None:
    used = {
        one
        for name in ("compose.yaml", "compose.production.yaml", "compose.keycloak.yaml")
        for one in re.findall(r"\$\{(\w+)", (DEPLOY / name).read_text())
    }
    assert {one for one in used if f"`{one}`" not in RUNBOOK} == set()


@pytest.mark.parametrize("service", PROCESSES)
def test_every_setting_of_a_service_is_told_in_the_runbook(service: str) -> None:
    told = set(re.findall(r"(?:HOCHIEU_)?([A-Z][A-Z_]+[A-Z])", RUNBOOK))
    assert set(defaults(PROCESSES[service])) <= told


def written(default: object) -> str:
    """A default as variables are written."""
    if isinstance(default, bool):
        return str(default).lower()
    return WORDS.get(default, str(default))


def test_the_defaults_and_services_in_the_table_of_settings_are_those_of_the_code() -> None:
    rows = [line.split(" | ") for line in PAGES["settings"].splitlines() if line.startswith("| `")]
    assert len(rows) > 20
    for variables, of, given, _ in rows:
        for service in SETTINGS if of == "all" else of.split(", "):
            known = defaults(PROCESSES[service])
            for variable, default in zip(
                re.findall("`(.*?)`", variables), re.findall("`(.*?)`", given), strict=True
            ):
                expected = written(known[variable])
                assert default == expected, (service, variable)
        if of != "all":
            variable = re.findall("`(.*?)`", variables)[0]
            assert {
                name for name, model in PROCESSES.items() if variable in defaults(model)
            } == set(of.split(", ")), variable


def test_every_command_and_path_of_the_runbook_exists() -> None:
    for path in set(re.findall(r"\bdeploy/[\w./-]+\b", RUNBOOK)):
        if not path.startswith("deploy/secrets"):
            assert (ROOT / path.rstrip(".")).exists(), path
    for module in set(re.findall(r"python3? -m ((?:deploy|services|web)[\w.]*)", RUNBOOK)):
        assert importlib.util.find_spec(module), module


def takes_away(migration: Path) -> set[str]:
    """What in a migration's `upgrade` takes from an older release that still runs what that reads
    or writes.
    """
    upgrade = next(
        one
        for one in ast.parse(migration.read_text()).body
        if isinstance(one, ast.FunctionDef) and one.name == "upgrade"
    )
    words = r"drop_table|drop_column|rename_table|new_column_name|DROP TABLE|DROP COLUMN|RENAME"
    return set(re.findall(words, ast.unparse(upgrade)))


def migrations(service: str) -> dict[str, Path]:
    """A service's migrations by their number."""
    return {
        path.name[:4]: path
        for path in (ROOT / "services" / service / "migrations/versions").glob("*.py")
    }


@pytest.mark.parametrize(("service", "last"), FIRST_RELEASE.items())
def test_from_the_first_release_on_no_migration_takes_a_table_or_column_away(
    service: str, last: str
) -> None:
    assert f"`{service}` {last}" in RUNBOOK
    later = {number: path for number, path in migrations(service).items() if number > last}
    assert {number: found for number, path in later.items() if (found := takes_away(path))} == {}


def test_what_a_migration_takes_away_is_seen() -> None:
    assert takes_away(migrations("records")["0005"]) == {"drop_table"}
    assert takes_away(migrations("signer")["0003"]) == {"drop_column"}
    assert takes_away(migrations("records")["0007"]) == set(), (
        "what only its downgrade takes away does not count"
    )
