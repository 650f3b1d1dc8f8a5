"""The runbook tells of everything that an operator may set, meet or run, and of nothing that is not there."""

import importlib.util
import re

from tests.support.paths import DEPLOY, ROOT

RUNBOOK = (DEPLOY / "README.md").read_text()


def test_every_variable_of_the_compose_files_is_explained_in_the_runbook() -> None:
    used = {one for name in ("compose.yaml", "compose.production.yaml") for one in re.findall(r"\$\{(\w+)", (DEPLOY / name).read_text())}
    assert {one for one in used if f"`{one}`" not in RUNBOOK} == set()


def test_every_command_and_path_of_the_runbook_exists() -> None:
    for path in set(re.findall(r"\bdeploy/[\w./-]+\b", RUNBOOK)):
        if not path.startswith("deploy/secrets"):
            assert (ROOT / path.rstrip(".")).exists(), path
    for module in set(re.findall(r"python3? -m ((?:deploy|services)[\w.]+)", RUNBOOK)):
        assert importlib.util.find_spec(module), module
