"""Why a passport is not ready is said in the words of one table, wherever it is said."""

from collections.abc import Iterator

import pytest

from contracts import standing
from contracts.standing import PAPERS, DoseStanding, Words
from tests.support.paths import ROOT

_PLACES = {
    "services/records/own_doses/service.py": "contracts.standing import DoseStanding, standing_of",
    "services/records/standing_letters/letter_text.py": "own_doses.service import standing",
    "services/records/complaints/mailer.py": "letter_text import dose_in_words",
    "web/desk/find_views.py": "DoseStanding, Words, standing_of\n",
    "web/citizen/help_routes.py": "contracts import standing",
}
"""Who tells it, and by what of the table."""
_TOO_SHORT = 16


def _said() -> Iterator[str]:
    """All sentences of the table; what offices are called is anybody's word."""
    for value in vars(standing).values():
        if isinstance(value, DoseStanding):
            for words in (value.title, value.explanation, value.next):
                yield from words
        elif isinstance(value, Words):
            yield from value
    for words in PAPERS.values():
        yield from words


def _sources() -> Iterator[tuple[str, str]]:
    for folder in ("services", "web", "deploy"):
        for path in sorted((ROOT / folder).rglob("*")):
            name = str(path.relative_to(ROOT))
            generated = name.startswith(("web/clients/", "web/static/")) or "node_modules" in name
            if path.suffix in (".py", ".html", ".js", ".mjs") and not generated:
                yield name, " ".join(path.read_text().replace('"', "").split())


def test_no_place_words_it_itself() -> None:
    sentences = {" ".join(text.split()) for text in _said() if len(text) >= _TOO_SHORT}
    assert len(sentences) > 60
    copies = [
        f"{name}: {sentence}"
        for name, text in _sources()
        for sentence in sentences
        if sentence in text
    ]
    assert copies == []


@pytest.mark.parametrize("place", _PLACES)
def test_who_tells_it_asks_the_table(place: str) -> None:
    assert _PLACES[place] in (ROOT / place).read_text()
