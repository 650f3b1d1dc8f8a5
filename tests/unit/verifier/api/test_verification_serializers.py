"""What is told of an attribute says what to do, also where no reason goes with it."""

import pytest

from contracts.access import Role
from contracts.events import AttributeResult, Person, RegistryPerson
from contracts.ids import DoseId
from contracts.masks import mask_name
from contracts.words import Grade, Reason, Result
from services.chassis.auth import Principal
from services.verifier.api.verification_serializers import attributes, verification_item
from services.verifier.domain.deaths import DIED, evidence_without_deaths, reasons_without_deaths
from services.verifier.domain.decision import MatchDecision, review_of_unreadable
from services.verifier.evidence import MatchEvidence
from services.verifier.store.verifications import VerificationRow


def test_an_entry_that_cannot_be_read_is_told_in_both_languages() -> None:
    unreadable = review_of_unreadable(MatchDecision(Grade.NOT_FOUND, (), None))
    [told] = attributes(unreadable.attributes, deaths=True)
    assert (told.name, told.reason) == ("status", None)
    assert "cần công an xem lại" in told.message
    assert "the police must check" in told.message_en


def test_what_matches_needs_no_words() -> None:
    [told] = attributes([AttributeResult("full_name", Result.MATCH)], deaths=True)
    assert (told.message, told.message_en) == ("", "")


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u3164", "\u200b", "\x07"])
def test_officers_see_what_nobody_sees_in_a_name(sign: str) -> None:
    name, marked = f"Lê{sign} Tú", f"Lê⟦U+{ord(sign):04X}⟧ Tú"
    evidence = MatchEvidence(Person(full_name=name), RegistryPerson(name, "1980-05-03"))
    row = VerificationRow._make([None] * len(VerificationRow._fields))._replace(
        dose_id=DoseId(1), source_id="a", version=1, grade=Grade.MISMATCH, algorithm="x"
    )
    officer = Principal("officer", frozenset({Role.POLICE}), {})
    item = verification_item(row, evidence, officer)
    assert item.typed is not None
    assert item.used is not None
    assert (item.typed.full_name, item.used.full_name) == (marked, marked)
    assert mask_name(name, name) == marked


def test_a_death_reads_to_others_like_an_entry_that_cannot_be_used() -> None:
    unreadable = review_of_unreadable(MatchDecision(Grade.NOT_FOUND, (), None)).attributes
    differing = [AttributeResult("full_name", Result.EQUIVALENT, Reason.DIACRITICS_MISSING), DIED]
    assert attributes(differing, deaths=False) == attributes(unreadable, deaths=False)
    [whole] = attributes([DIED], deaths=True)
    assert whole.reason == Reason.PERSON_DECEASED
    codes = [Reason.PERSON_DECEASED, Reason.NAME_DIFFERS]
    assert reasons_without_deaths(codes) == []
    assert reasons_without_deaths(codes[1:]) == codes[1:]
    assert evidence_without_deaths(codes) == codes[1:]
