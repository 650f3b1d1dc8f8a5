"""What becomes of a row whose record code is taken. The rules, without the database.

A row can say nothing new, correct the dose on record, be a dose of its own, or be refused.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import Enum

from contracts.ids import DoseId
from services.records.domain.dose import ValidDose
from services.records.domain.equivalence import says_the_same
from services.records.domain.row_error import RowError
from services.records.domain.same_injection import Relation, relation
from services.records.uploads.errors import CORRECTED_SINCE, TWICE, VERSION_CHANGED, WITHDRAWN
from vietnamese.encodings import Encoding


class RowOutcome(Enum):
    """What becomes of a row, given the dose on record under its code."""

    NEW = "a dose that was not on record"
    UNCHANGED = "unchanged"
    CORRECTED = "corrected"
    REJECTED = "rejected"
    APART = "its own dose, under a code of its own"


@dataclass(frozen=True, slots=True)
class StoredDose:
    """A dose on record, as a row is compared with it.

    `dose`: as it is read today; None where it breaks a rule by now. `before`: contents of its
    older versions. `verified`: whether the registry confirmed its person, or may do so yet.
    `since`: the day of its version.
    """

    id: DoseId
    version: int
    dose: ValidDose | None
    withdrawn: bool
    verified: bool
    since: date
    before: tuple[ValidDose, ...] = ()


def resolve_conflict(
    stored: StoredDose,
    dose: ValidDose,
    version: str,
    encodings: Collection[Encoding],
    *,
    answered: bool,
) -> tuple[RowOutcome, RowError | None]:
    """Decides what becomes of a row beside the stored dose, and what its sender is told.

    `version`: the version that the row was made from, as typed; may be empty. `encodings`: old
    encodings in which the row is typed. `answered`: whether an earlier row of the upload was about
    the same dose.
    """
    same = stored.dose is not None and says_the_same(dose, stored.dose, encodings)
    another = (
        not same
        and stored.dose is not None
        and relation(stored.dose, dose, verified=stored.verified) is not Relation.SAME
    )
    if answered:
        return (RowOutcome.APART, None) if another else (RowOutcome.REJECTED, TWICE)
    if same:
        return RowOutcome.UNCHANGED, None
    was_so_before = any(says_the_same(dose, older, encodings) for older in stored.before)
    # whoever says which version they edited means this dose
    if another and not version and not was_so_before:
        return RowOutcome.APART, None
    if stored.withdrawn:
        return RowOutcome.REJECTED, WITHDRAWN
    if version == str(stored.version):
        return RowOutcome.CORRECTED, None
    if was_so_before:
        return RowOutcome.UNCHANGED, CORRECTED_SINCE
    return (RowOutcome.REJECTED, VERSION_CHANGED) if version else (RowOutcome.CORRECTED, None)


def can_be_told_apart(dose: ValidDose, other: ValidDose, *, coded: bool) -> bool:
    """Whether two injections under one code can be told apart for good: by their days.

    A row without a code is told apart by its number, which a derived code then holds.
    """
    return not coded or dose.date_given != other.date_given
