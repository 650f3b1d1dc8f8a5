"""Which doses wait for people although the machine would judge them by itself: the sender doubts,
or the person would change.

One table. What it knows of a dose is a few yes or no; who is the same person is found out elsewhere
(`certified.py`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from contracts.words import ELIGIBLE_GRADES, Doubt, Grade, Reason
from services.verifier.domain.candidate_ranking import Suggestion
from services.verifier.domain.comparison import attribute, other
from services.verifier.domain.decision import Verdict

OF_ANOTHER = attribute("personal_id", other(Reason.ID_OF_ANOTHER))
PASSPORT_OF_ANOTHER = attribute("passport_number", other(Reason.ID_OF_ANOTHER))


class Facts(NamedTuple):
    """What the table is asked by.

    `eligible`: the dose would go on by itself. `another`: an older version was certified as another
    person; of a dose that is not eligible: it is typed as somebody else. `by_two`: two officers
    confirmed the new person since. `taken_back`: officers took back what the older version was
    certified by.
    """

    eligible: bool
    another: bool
    by_two: bool = False
    taken_back: bool = False


@dataclass(frozen=True, slots=True)
class Ruling:
    """What follows: whether two officers must decide, and whether what was certified stays valid
    until they have.
    """

    two_officers: bool = False
    older_stays: bool = False


_AS_JUDGED, _OLDER_STAYS, _OLDER_ENDS = (
    Ruling(),
    Ruling(two_officers=True, older_stays=True),
    Ruling(two_officers=True),
)
_EITHER = (False, True)

# eligible, another, by two, taken back -> what follows
TABLE = (
    (_EITHER,  (False,), _EITHER,  _EITHER,  _AS_JUDGED),
    ((True,),  (True,),  (True,),  _EITHER,  _AS_JUDGED),
    ((True,),  (True,),  (False,), (False,), _OLDER_STAYS),
    ((True,),  (True,),  (False,), (True,),  _OLDER_ENDS),
    ((False,), (True,),  _EITHER,  (False,), _OLDER_STAYS),
    ((False,), (True,),  _EITHER,  (True,),  _OLDER_ENDS),
)  # fmt: skip
RULINGS = {
    Facts(is_eligible, is_another, two, back): ruling
    for eligible, another, by_two, taken_back, ruling in TABLE
    for is_eligible in eligible
    for is_another in another
    for two in by_two
    for back in taken_back
}
"""The table by its facts."""


@dataclass(slots=True)
class Held:
    """The verdict on a dose that was looked at twice. `doubts`: why people must decide; `told`:
    those that others hear of.
    """

    verdict: Verdict
    doubts: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


def hold(
    verdict: Verdict, facts: Facts, doubts: Sequence[str], person: Callable[[], Suggestion | None]
) -> Held:
    """The verdict as the table has it.

    `doubts`: the sender's that nobody has lifted; `person`: finds whom an eligible verdict is
    about, where the registry knows them.
    """
    ruling = RULINGS[facts]
    every = tuple(
        dict.fromkeys((*doubts, Doubt.PERSON_CHANGED.value) if ruling.two_officers else doubts)
    )
    if facts.eligible and every:
        verdict = _for_people(verdict, person(), taken_back=ruling is _OLDER_ENDS)
    # whoever hears of PERSON_CHANGED lets the older certificate stand
    return Held(
        verdict,
        every,
        every if ruling.older_stays else tuple(one for one in every if one != Doubt.PERSON_CHANGED),
    )


def _for_people(verdict: Verdict, person: Suggestion | None, *, taken_back: bool) -> Verdict:
    attributes = verdict.attributes
    if taken_back:
        # there must be some reason that is told: the number is said to be another's
        reason = PASSPORT_OF_ANOTHER if verdict.grade is Grade.EXEMPT else OF_ANOTHER
        attributes = (reason, *[one for one in attributes if one.name != reason.name])
    return Verdict(Grade.REVIEW, attributes, None, (person,) if person else ())


def is_eligible(verdict: Verdict) -> bool:
    """Whether a dose of this verdict goes on."""
    return verdict.grade in ELIGIBLE_GRADES
