"""Rules of supplements: who may do what in which state, and when a certificate may follow."""

from enum import StrEnum


class SupplementState(StrEnum):
    """Where a supplement stands. While it is waiting or contested, no certificate follows."""

    WAITING = "waiting"
    """The facility may confirm or contest it."""
    CONFIRMED = "confirmed"
    UNANSWERED = "unanswered"
    """The time is over, and the facility has said nothing."""
    CONTESTED = "contested"
    """The province must rule."""
    DISMISSED = "dismissed"
    """The contest was not upheld: the dose stands."""
    UPHELD = "upheld"
    """The contest was upheld: the dose is withdrawn."""
    REPLACED = "replaced"
    """The facility's own record of the injection stands in its place."""
    WITHDRAWN = "withdrawn"
    """Its dose was withdrawn for another reason."""


OPEN = frozenset({SupplementState.WAITING, SupplementState.CONTESTED})
"""States in which the dose bears the mark by which the signer holds it."""
STANDING = frozenset(
    {SupplementState.CONFIRMED, SupplementState.UNANSWERED, SupplementState.DISMISSED}
)
"""States in which the dose is as good as any."""
ENDED = frozenset({SupplementState.UPHELD, SupplementState.REPLACED, SupplementState.WITHDRAWN})


class ContestReason(StrEnum):
    """Why a facility says that a supplement is not right."""

    NOT_GIVEN_HERE = "not_given_here"
    ANOTHER_PERSON = "another_person"
    OTHER_DETAILS = "other_details"
    ALREADY_RECORDED = "already_recorded"
    SLIP_NOT_OURS = "slip_not_ours"
