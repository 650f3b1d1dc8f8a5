"""Marks tests by what they need, so that a loop at the desk can leave them out."""

from collections.abc import Sequence
from pathlib import Path

import pytest

_BY_FIXTURE = {
    "kafka": {"kafka", "brokers"},
    "browser": {"browser"},
}
_SLOW = frozenset({"e2e", "faults", "integration", "security"})
"""Rooms whose tests start servers."""


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Nobody marks by hand, so that no mark is forgotten."""
    root = Path(__file__).parent
    for item in items:
        asked_for = set(getattr(item, "fixturenames", ()))
        for mark, fixtures in _BY_FIXTURE.items():
            if asked_for & fixtures:
                item.add_marker(mark)
        if item.path.relative_to(root).parts[0] in _SLOW:
            item.add_marker("slow")
