"""The numbered steps of issuing stand in the code and in `docs/issue_certificates.md` alike."""

import inspect
import re
from collections.abc import Callable
from pathlib import Path

from services.signer.issuance.renew import renew_certificates
from services.signer.issuance.service import issue_certificates

PAGE = Path(__file__).parents[4] / "docs" / "issue_certificates.md"


def _steps(act: Callable[..., object]) -> list[tuple[str, str]]:
    return re.findall(r"^ *# \((\d+)\) (.+)$", inspect.getsource(act), re.MULTILINE)


def _explained() -> list[tuple[str, str]]:
    return re.findall(r"^\| \*\*\((\d+)\) (.+?)\*\* \|", PAGE.read_text(), re.MULTILINE)


def test_the_page_explains_every_step_of_issuing_in_its_words_and_order() -> None:
    steps = _steps(issue_certificates)
    assert [int(number) for number, _ in steps] == list(range(1, len(steps) + 1))
    assert steps == _explained()


def test_renewing_takes_the_same_steps_but_for_the_first_and_the_last() -> None:
    assert _steps(renew_certificates) == _explained()[1:-1]


def test_every_file_that_the_page_names_is_there() -> None:
    links = re.findall(r"\]\((\.\./[^)]+)\)", PAGE.read_text())
    assert links
    assert [link for link in links if not (PAGE.parent / link).is_file()] == []
