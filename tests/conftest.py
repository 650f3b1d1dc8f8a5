"""Marks tests by what they need, so that a loop at the desk can leave them out."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import settings

# no test is timed: on a busy machine an example may take as long as it likes
settings.register_profile("house", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=15)
settings.load_profile("house")

_BY_FIXTURE = {
    "kafka": {"kafka", "brokers", "secured"},
    "browser": {"browser"},
}
_SLOW = frozenset({"e2e", "faults", "integration", "security"})
"""Rooms whose tests start servers."""
_MANY_EXAMPLES = frozenset(
    {
        "test_any_form", "test_competitors", "test_fast_path", "test_guardian_rules",
        "test_hazards", "test_html_reader", "test_memory", "test_name_twins", "test_papers",
        "test_picture_reader",
        "test_properties", "test_residence", "test_sample", "test_turns",
    }
)  # fmt: skip
"""Files whose tests take a second or more: they draw many examples, or fill the memory."""


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Nobody marks by hand, so that no mark is forgotten."""
    root = Path(__file__).parent
    for item in items:
        asked_for = set(getattr(item, "fixturenames", ()))
        for mark, fixtures in _BY_FIXTURE.items():
            if asked_for & fixtures:
                item.add_marker(mark)
        if item.path.relative_to(root).parts[0] in _SLOW or item.path.stem in _MANY_EXAMPLES:
            item.add_marker("slow")
