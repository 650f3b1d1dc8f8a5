"""What `make run` starts needs no package that only tests install."""

import subprocess
import sys
from importlib.metadata import packages_distributions

import pytest

from tests.support.paths import ROOT

PROGRAMS = (
    "deploy.clients.__main__", "deploy.pages.__main__", "deploy.cli.run", "deploy.stubs.mail",
    "deploy.local.gateway", "deploy.audit.watch", "web.__main__", "services.records.__main__",
    "services.verifier.__main__", "services.signer.__main__",
)  # fmt: skip
_BLOCKED = """
import sys
from importlib import import_module
for name in sys.argv[2:]:
    sys.modules[name] = None
import_module(sys.argv[1])
"""


def _locked(file: str) -> set[str]:
    lines = (ROOT / file).read_text().splitlines()
    return {line.split("==")[0].lower() for line in lines if "==" in line and line[0] != " "}


def _modules_of_tests() -> list[str]:
    """Modules that come with no package of what `make run` installs."""
    installed = _locked("requirements-build.lock") | {"hochieu", "pip"}
    only_tests = _locked("requirements-dev.lock") - installed
    return sorted(
        module
        for module, packages in packages_distributions().items()
        if {package.lower().replace("_", "-") for package in packages} <= only_tests
    )


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_of_make_run_starts_without_the_packages_of_tests(program: str) -> None:
    blocked = _modules_of_tests()
    assert "yaml" in blocked and "pytest" in blocked
    done = subprocess.run(
        [sys.executable, "-c", _BLOCKED, program, *blocked],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
