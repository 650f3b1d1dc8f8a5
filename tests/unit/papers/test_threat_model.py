"""The papers of security keep what they promise: the tests that they name exist, every actor is
answered, and every requirement of ASVS 5.0 at levels 1 and 2 has one verdict.
"""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.support.paths import DOCS, ROOT

SECURITY, MODEL, ASVS = ROOT / "SECURITY.md", DOCS / "threat-model.md", DOCS / "asvs.md"
PROTECTION = DOCS / "protection.md"
ACTORS = frozenset(
    {
        "Anybody on the internet",
        "Citizen",
        "Clinic clerk",
        "Station officer",
        "One policeman",
        "Two policemen",
        "Province or ministry official",
        "Operator of one database",
        "Writer on the bus",
        "Operator with the HSM's PIN",
        "Thief of a phone",
        "Thief of the issuer's key",
        "Thief of a backup",
        "Forger abroad",
        "Rogue registry",
        "Malicious dependency",
    }
)
NOTHING = "nothing, because "
"""How a row begins its second cell where no test can be named."""
VERDICTS = frozenset({"met", "edge", "issuer", "operator", "n/a", "not"})
# by chapter, how many requirements of levels 1 and 2 each of its sections has
SECTIONS = {
    1: (2, 9, 11, 3, 2), 2: (3, 3, 4, 1), 3: (0, 2, 4, 6, 5, 0, 2), 4: (3, 1, 2, 4),
    5: (1, 3, 2, 3), 6: (3, 12, 4, 4, 5, 3, 0, 4), 7: (3, 4, 2, 5, 2, 2), 8: (2, 3, 1, 1),
    9: (3, 4), 10: (2, 2, 4, 11, 5, 2, 3), 11: (2, 3, 3, 4, 1, 1), 12: (3, 2, 4), 13: (1, 5, 2, 5),
    14: (2, 4, 3), 15: (3, 3, 7), 16: (1, 5, 4, 3, 3), 17: (1, 4, 2),
}  # fmt: skip

_TEST = re.compile(r"`([\w/]*test_\w+\.py)::(\w+)`")
_CELL = re.compile(r"(?<!\\)\|")
_NUMBERS = re.compile(r"(\d+)\.(\d+)\.(\d+)(?:-(\d+))?")


def _tables(text: str) -> list[list[str]]:
    """The cells of every row of the tables in a text, without their heads."""
    lines = text.splitlines()
    return [
        [cell.strip() for cell in _CELL.split(line.strip("|"))]
        for at, line in enumerate(lines)
        if line.startswith("|") and not set(line) <= set("|-: ") and not _is_head(lines, at)
    ]


def _is_head(lines: list[str], at: int) -> bool:
    following = lines[at + 1] if at + 1 < len(lines) else ""
    return following.startswith("|") and set(following) <= set("|-: ")


def _actors(page: Path) -> dict[str, list[list[str]]]:
    """The rows of each actor's table, by the actor."""
    _, *parts = re.split(r"^### (.+)$", page.read_text(), flags=re.MULTILINE)
    return {name: _tables(part) for name, part in zip(parts[::2], parts[1::2], strict=True)}


def _numbers(cell: str) -> list[tuple[int, int, int]]:
    """The requirements that a cell names: `4.3.1`, or `4.3.1-2` for two of them."""
    match = _NUMBERS.fullmatch(cell)
    assert match, cell
    chapter, section, first = (int(match[part]) for part in (1, 2, 3))
    return [(chapter, section, number) for number in range(first, int(match[4] or first) + 1)]


@cache
def _tests_in(path: Path) -> frozenset[str]:
    return frozenset(
        node.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def _verdicts() -> list[tuple[list[tuple[int, int, int]], str, str]]:
    """Numbers, verdict and reason of each row of the chapters."""
    _, *chapters = re.split(r"^## V\d+ .+$", ASVS.read_text(), flags=re.MULTILINE)
    return [
        (_numbers(number), verdict, where)
        for number, _, verdict, where in (row for part in chapters for row in _tables(part))
    ]


@pytest.mark.parametrize("page", [SECURITY, MODEL, ASVS, PROTECTION], ids=lambda page: page.stem)
def test_every_test_that_a_page_names_exists(page: Path) -> None:
    named = _TEST.findall(page.read_text())
    missing = [
        f"{file}::{test}"
        for file, test in named
        if not (ROOT / "tests" / file).is_file() or test not in _tests_in(ROOT / "tests" / file)
    ]
    assert missing == []
    # a name that is written in another form would be checked by nobody
    assert page.read_text().count(".py::") == len(named)


def test_the_model_answers_for_every_actor() -> None:
    assert set(_actors(MODEL)) == ACTORS


@pytest.mark.parametrize("actor", sorted(ACTORS))
def test_what_an_actor_can_do_is_stopped_by_what_a_test_shows_or_by_nothing_with_its_reason(
    actor: str,
) -> None:
    rows = _actors(MODEL)[actor]
    assert rows
    for can, stopped_by, shown_by in rows:
        assert can and stopped_by
        is_open = stopped_by.startswith(NOTHING) and len(stopped_by) > len(NOTHING) + 20
        assert bool(_TEST.search(shown_by)) != (is_open and not shown_by), can


def test_security_tells_of_each_actor_in_a_line() -> None:
    section = SECURITY.read_text().partition("## Who might attack\n")[2].partition("\n## ")[0]
    assert [row[0].lower() for row in _tables(section)] == [
        actor.lower() for actor in _actors(MODEL)
    ]


def test_every_requirement_of_levels_1_and_2_has_one_verdict() -> None:
    answered = Counter(number for numbers, _, _ in _verdicts() for number in numbers)
    required = {
        (chapter, section, number)
        for chapter, sizes in SECTIONS.items()
        for section, size in enumerate(sizes, 1)
        for number in range(1, size + 1)
    }
    assert len(required) == 253
    assert required - set(answered) == set()
    assert set(answered) - required == set()
    assert [number for number, times in answered.items() if times > 1] == []


def test_a_verdict_is_a_known_word_with_its_reason() -> None:
    for numbers, verdict, where in _verdicts():
        assert verdict in VERDICTS and len(where) > 10, numbers
        # what is met is looked up, not believed: in a file, a test or a page
        assert verdict != "met" or "`" in where or "](" in where, numbers


def test_the_summary_counts_the_verdicts_and_names_all_that_is_not_met() -> None:
    counted = Counter[str]()
    unmet: set[tuple[int, int, int]] = set()
    for numbers, verdict, _ in _verdicts():
        counted[verdict] += len(numbers)
        if verdict == "not":
            unmet.update(numbers)
    summary = _tables(ASVS.read_text().partition("## V")[0])
    assert Counter({row[0]: int(row[1]) for row in summary if len(row) == 3}) == counted
    shown = [number for row in summary if len(row) == 2 for number in row[1].split(", ")]
    assert len(shown) == len(unmet)
    assert {number for cell in shown for number in _numbers(cell)} == unmet
