"""The pages keep what they promise: the README is short, links lead somewhere, commands exist, and
what the code prints is what a page shows.
"""

import importlib.util
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.accuracy.example import explain
from deploy.cli.main import program
from tests.support.commands import fences, papers, targets
from tests.support.paths import DOCS, ROOT

PAGES = papers()
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_LEFT_OUT = re.compile(r"```.*?```|<!--.*?-->", re.DOTALL)
WRITTEN_ELSEWHERE = {"ingest_upload.md", "verify_doses.md", "issue_certificates.md"}
"""The pages of the three acts, each of which comes with its act."""


def _prose(page: Path) -> str:
    return _LEFT_OUT.sub("", page.read_text())


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", _prose(page), re.MULTILINE)
    plain = (re.sub(r"[`*]|\[|\]\([^)]*\)", "", heading).lower() for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


def test_the_readme_fits_on_two_screens() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 120


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in _LINK.findall(_prose(page)):
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if target.name in WRITTEN_ELSEWHERE and not target.exists():
            continue
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
