"""What is told of an attribute says what to do, also where no reason goes with it."""

from contracts.events import AttributeResult
from contracts.words import Grade, Reason, Result
from services.verifier.api.verification_serializers import attributes
from services.verifier.domain.deaths import DIED, evidence_without_deaths, reasons_without_deaths
from services.verifier.domain.decision import MatchDecision, review_of_unreadable


def test_an_entry_that_cannot_be_read_is_told_in_both_languages() -> None:
    unreadable = review_of_unreadable(MatchDecision(Grade.NOT_FOUND, (), None))
    [told] = attributes(unreadable.attributes, deaths=True)
    assert (told.name, told.reason) == ("status", None)
    assert "cần công an xem lại" in told.message
    assert "the police must check" in told.message_en


def test_what_matches_needs_no_words() -> None:
    [told] = attributes([AttributeResult("full_name", Result.MATCH)], deaths=True)
    assert (told.message, told.message_en) == ("", "")


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
