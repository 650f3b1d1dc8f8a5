"""What a service needs is done in one way, and no module imports itself by way of others."""

import re
from graphlib import CycleError, TopologicalSorter

import grimp
import pytest

from tests.unit.house.sources import SERVICES, files, name_of

ONE_WAY = {
    r"\.state\.context\b": {"services/chassis/context.py", "services/chassis/http.py"},
    r"\bmake_cursor\(": {"services/chassis/paging.py"},
    r"\bread_cursor\(": {"services/chassis/paging.py"},
    r"\bcreate_app\(": {"services/chassis/http.py", "services/chassis/service.py"},
    r"\bopen_bus\(": {
        "services/chassis/bus/opening.py",
        "services/chassis/service.py",
        # commands, which run once and serve nothing
        "services/records/retell.py",
        "services/signer/commands/revocation.py",
    },
    r"while not (?:self\._)?stop\.is_set\(\):": {
        "services/chassis/consumer.py",
        "services/chassis/periodic.py",
        # takes look-ups from a queue of its process
        "services/signer/workers/lookup_mailer.py",
    },
}
"""What is written, and the files that may write it."""


@pytest.mark.parametrize("written", ONE_WAY)
def test_it_is_done_in_one_way(written: str) -> None:
    places = {name_of(path) for path in files(SERVICES) if re.search(written, path.read_text())}
    assert places <= ONE_WAY[written]
    assert places, "a pattern that finds nothing holds nothing"


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = grimp.build_graph("services", "contracts", "vietnamese")
    # a package's own `__init__` collects what its modules hold
    modules = {name for name in graph.modules if not graph.find_children(name)}
    imports = {name: graph.find_modules_directly_imported_by(name) & modules for name in modules}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))
