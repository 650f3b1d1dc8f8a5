"""The three acts: the numbered steps in the body are those of the page that explains them."""

import ast
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.paths import ROOT
from tests.unit.house.sources import parsed


class Act(NamedTuple):
    """A function that takes the steps, and its page."""

    function: str
    source: Path
    page: Path


ACTS = [
    Act(
        "ingest_upload", ROOT / "services/records/uploads/ingest.py", ROOT / "docs/ingest_upload.md"
    ),
    Act("verify_doses", ROOT / "services/verifier/verify_doses.py", ROOT / "docs/verify_doses.md"),
    Act(
        "issue_certificates",
        ROOT / "services/signer/issuance/service.py",
        ROOT / "docs/issue_certificates.md",
    ),
]
_IN_BODY = re.compile(r"^\s*# \((\d+)\) (.+)$")
_ON_PAGE = re.compile(r"^(?:\| )?\*{0,2}\(?(\d+)[.)] \*{0,2}(.+?)\.?\*\*", re.MULTILINE)


def _in_body(act: Act) -> list[tuple[int, str]]:
    [function] = [
        node
        for node in ast.walk(parsed(act.source))
        if isinstance(node, ast.AsyncFunctionDef) and node.name == act.function
    ]
    lines = act.source.read_text().splitlines()[function.lineno - 1 : function.end_lineno]
    steps = filter(None, map(_IN_BODY.match, lines))
    return [(int(step[1]), step[2].rstrip(".")) for step in steps]


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.function)
def test_the_steps_of_an_act_are_those_of_its_page(act: Act) -> None:
    steps = _in_body(act)
    assert [number for number, _ in steps] == list(range(1, len(steps) + 1))
    assert len(steps) > 3
    on_page = [(int(number), words) for number, words in _ON_PAGE.findall(act.page.read_text())]
    assert [(number, " ".join(words.split())) for number, words in on_page] == steps
