"""The pages keep what they promise: the README and all sentences are short, links lead somewhere,
commands exist, and what the code prints is what a page shows.
"""

import importlib.util
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from contracts.access import Role
from contracts.identity.policy import TABLE, RuleCondition
from contracts.topics import TOPICS
from contracts.words import Grade, State
from deploy.accuracy.example import explain
from deploy.cli.main import program
from tests.support.commands import fences, papers, targets
from tests.support.paths import DOCS, ROOT

PAGES = papers()
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_LEFT_OUT = re.compile(r"```.*?```|<!--.*?-->", re.DOTALL)


def _prose(page: Path) -> str:
    return _LEFT_OUT.sub("", page.read_text())


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", _prose(page), re.MULTILINE)
    plain = (re.sub(r"[`*]|\[|\]\([^)]*\)", "", heading).lower() for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


def _sentences(page: Path) -> list[str]:
    """The sentences of a page's paragraphs, list items and headings; tables are left out. What is
    code or a link's address is one word.
    """
    text = re.sub(r"`[^`]*`", "X", _prose(page))
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).replace("*", "")
    parts = re.split(r"\n\s*\n|\n(?=\s*(?:[-|#]|\d+\. ))", text)
    plain = (re.sub(r"^\s*(?:[-#]+|\d+\.)\s", "", part) for part in parts)
    return [
        " ".join(sentence.split())
        for part in plain
        if not part.lstrip().startswith("|")
        for sentence in re.split(r"(?<=[.!?:])\s+(?=[\"A-ZX])", part)
    ]


def test_the_readme_fits_on_two_screens() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 120


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_sentence_has_more_than_25_words(page: Path) -> None:
    long = [sentence for sentence in _sentences(page) if len(sentence.split()) > 25]
    assert long == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in _LINK.findall(_prose(page)):
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in _anchors(target), link


def test_every_page_of_the_documents_is_reached_from_the_index() -> None:
    seen: set[Path] = set()
    waiting = [DOCS / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or not page.exists():
            continue
        seen.add(page)
        waiting += [
            (page.parent / link.partition("#")[0]).resolve()
            for link in _LINK.findall(_prose(page))
            if link.partition("#")[0].endswith(".md") and "://" not in link
        ]
    assert set(DOCS.rglob("*.md")) <= seen


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_within_the_text_exist(page: Path) -> None:
    text = _prose(page)
    spans = " \n".join(re.findall(r"`([^`]+)`", text))
    assert set(re.findall(r"^make ([a-z][a-z-]*)", spans, re.MULTILINE)) <= set(targets())
    for module in set(re.findall(r"python3? -m ((?:deploy|services)[\w.]+)", text)):
        assert importlib.util.find_spec(module.rstrip(".")), module
    for name in set(re.findall(r"^(?:\.venv/bin/)?hochieu ([a-z-]+)", spans, re.MULTILINE)):
        assert CliRunner().invoke(program(), [name, "--help"]).exit_code == 0, name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_paths_within_the_text_exist(page: Path) -> None:
    spans = re.findall(
        r"`((?:contracts|deploy|docs|services|tests|vietnamese)/[\w./-]+)`", _prose(page)
    )
    missing = [path for path in spans if not (ROOT / path).exists()]
    assert [path for path in missing if not path.startswith("deploy/secrets")] == []


def test_the_worked_example_is_what_the_code_prints() -> None:
    shown = [text for language, text in fences(DOCS / "matching.md") if language == "text"]
    assert shown == [explain() + "\n"]


_BESIDES = {
    "": RuleCondition.NOTHING,
    "no competitor, where the birth date may stand for a year or a month alone": (
        RuleCondition.NO_COMPETITOR_OF_THE_YEAR
    ),
    "no competitor": RuleCondition.NO_COMPETITOR,
    "no competitor, and lives in the registered commune": RuleCondition.NO_COMPETITOR_AT_HOME,
}


def _rows(page: Path, heading: str) -> list[list[str]]:
    """The cells of the first table under a heading, without its own head."""
    section = page.read_text().partition(f"## {heading}\n")[2]
    found = re.search(r"((?:^\|.*\n)+)", section, re.MULTILINE)
    assert found, heading
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in found.group().splitlines()[2:]
    ]


def test_the_decision_table_has_the_rows_of_the_policy() -> None:
    shown = [
        (grade, _BESIDES[besides])
        for *_, grade, besides in _rows(DOCS / "matching.md", "The decision table")
    ]
    assert shown == [(str(grade), needs) for *_, grade, needs in TABLE]


def test_the_architecture_tells_every_topic_with_its_writer_and_readers() -> None:
    shown = {cells[0]: cells[1] for cells in _rows(DOCS / "architecture.md", "Events")}
    for topic in TOPICS:
        writer, _, readers = shown.pop(f"`{topic.name}`").partition(" → ")
        assert (writer, set(readers.split(", "))) == (topic.writer, set(topic.readers))
    assert set(shown) == {"`<topic>.dlq`"}


def test_the_glossary_has_every_state_and_grade_and_no_word_twice() -> None:
    text = (DOCS / "glossary.md").read_text()
    words = re.findall(r"^\| ([^|]+?) \|", text, re.MULTILINE)
    words = [word for word in words if word != "word" and not word.startswith("-")]
    assert len(words) == len(set(words))
    assert set(State) <= set(words)
    (grades,) = re.findall(r"^\| grade \|[^|]*\| (.+) \|$", text, re.MULTILINE)
    assert set(re.split(r"[,;] ", grades)) == set(Grade)


def test_the_tour_asks_in_every_role() -> None:
    tour = (DOCS / "api-tour.md").read_text()
    assert set(re.findall(r"as --role (\w+)", tour)) == set(Role)


def test_the_changelog_has_the_version_of_the_project() -> None:
    (version,) = re.findall(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.M)
    assert f"## [{version}] - " in (ROOT / "CHANGELOG.md").read_text()
