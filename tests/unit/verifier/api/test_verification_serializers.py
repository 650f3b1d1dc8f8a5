"""What is told of an attribute says what to do, also where no reason goes with it."""

from contracts.events import AttributeResult
from contracts.words import Grade, Result
from services.verifier.api.verification_serializers import attributes
from services.verifier.domain.decision import MatchDecision, review_of_unreadable


def test_an_entry_that_cannot_be_read_is_told_in_both_languages() -> None:
    [told] = attributes(review_of_unreadable(MatchDecision(Grade.NOT_FOUND, (), None)).attributes)
    assert (told.name, told.reason) == ("status", None)
    assert "không đọc được" in told.message
    assert "cannot be read" in told.message_en


def test_what_matches_needs_no_words() -> None:
    [told] = attributes([AttributeResult("full_name", Result.MATCH)])
    assert (told.message, told.message_en) == ("", "")
