"""What a row comes to whose record code is taken: nothing new, a new version, its own dose, or a
refusal; pure.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import Enum

from services.records.domain.dates import day_typed
from services.records.domain.dose import ValidDose
from services.records.domain.equivalence import says_the_same
from services.records.domain.row_error import RowError
from services.records.domain.same_injection import Relation, relation
from services.records.uploads.formats.columns import VERSION
from vietnamese.encodings import Encoding

TWICE = RowError(
    "source_id",
    "DUPLICATE_IN_FILE",
    "Một dòng trước trong tệp đã có mã bản ghi này (tệp không có cột mã: cùng người, cùng ngày,"
    " cùng mũi); mỗi mũi tiêm cần một mã riêng.",
    "An earlier row of this file has the same record code (in a file without codes: the same "
    "person, day and dose number); each dose needs a code of its own.",
)
WITHDRAWN = RowError(
    "source_id",
    "DOSE_WITHDRAWN",
    "Mũi tiêm này đã bị rút và không được ghi lại. Nếu mũi tiêm có thật, hãy gửi lại với một mã bản"
    " ghi mới.",
    "This dose was withdrawn and stays so. If it was given after all, send it again with a new"
    " record code.",
)
CORRECTED_SINCE = RowError(
    "",
    "CORRECTED_SINCE",
    "Bản ghi này đã được sửa sau khi có dữ liệu trong tệp; dữ liệu cũ không được ghi lại. Nếu đúng"
    f" là cần dữ liệu cũ, hãy sửa mũi tiêm đó, hoặc gửi tệp có cột “{VERSION}” ghi phiên bản hiện"
    " hành.",
    "This record was corrected since the file's data; the older data change nothing. If they are"
    f" meant, correct the dose itself, or send a file whose column “{VERSION}” (in JSON: version)"
    " holds the current version.",
)
VERSION_CHANGED = RowError(
    "",
    "VERSION_CHANGED",
    f"Bản ghi này đã được sửa hoặc xác minh lại sau khi tải danh sách (cột “{VERSION}” không còn"
    " đúng); hãy tải lại danh sách rồi sửa.",
    "This record was corrected or verified again after the list was taken "
    f"(the column “{VERSION}” is no longer right); take the list anew and edit that.",
)


class RowOutcome(Enum):
    """What becomes of a row beside the dose on record under its code."""

    NEW = "a dose that was not on record"
    UNCHANGED = "unchanged"
    CORRECTED = "corrected"
    REJECTED = "rejected"
    APART = "its own dose, under a code of its own"


@dataclass(frozen=True, slots=True)
class StoredDose:
    """A dose on record as a row is compared with it.

    `dose`: as it would be read today; None where it no longer reads. `before`: what its older
    versions held. `verified`: whether its person was found in the registry, or may be yet. `since`:
    the day of its version.
    """

    id: int
    version: int
    dose: ValidDose | None
    withdrawn: bool
    verified: bool
    since: date
    before: tuple[ValidDose, ...] = ()


def code_of_another(record: StoredDose) -> RowError:
    """The refusal of a row whose code belongs to another injection; it names nobody."""
    return RowError(
        "source_id",
        "CODE_OF_ANOTHER",
        f"Mã bản ghi này đã là của một mũi tiêm khác (mũi số {record.id}, ghi nhận ngày"
        f" {day_typed(record.since)}), không bị ghi đè. Nếu là mũi tiêm khác, hãy cho dòng này một"
        f" mã riêng; nếu đúng là bản sửa của mũi đó, hãy sửa trên tệp tải về, có cột “{VERSION}”.",
        f"This record code belongs to another injection (dose {record.id}, recorded on"
        f" {record.since.isoformat()}), which is not overwritten. Give the row a code of its own;"
        " if it does correct that dose, edit the file that is handed back, which has the column"
        f" “{VERSION}”.",
    )


def recorded_apart(code: str) -> RowError:
    """The warning of a row that was recorded under a code of its own, because its code is another
    injection's.
    """
    return RowError(
        "source_id",
        "CODE_USED_AGAIN",
        "Mã bản ghi này đã dùng cho một mũi tiêm khác; dòng này được ghi là mũi riêng với mã"
        f" {code}. Mỗi mũi tiêm cần một mã không lặp lại.",
        "This record code is another injection's already; the row was recorded as a dose of its"
        f" own, as {code}. Each dose needs a code that is never used again.",
    )


def against(
    record: StoredDose,
    row: ValidDose,
    version: str,
    encodings: Collection[Encoding],
    *,
    answered: bool,
) -> tuple[RowOutcome, RowError | None]:
    """What a row comes to beside the dose on record, and what it is told.

    `version`: what it was made from, as typed; may be empty. `encodings`: the old ones that it is
    typed in. `answered`: whether an earlier row of its upload was about the same dose, whatever it
    came to.
    """
    related = (
        relation(record.dose, row, verified=record.verified)
        if record.dose is not None
        else Relation.SAME
    )
    same = record.dose is not None and says_the_same(row, record.dose, encodings)
    another = not same and related is not Relation.SAME
    if answered:
        return (RowOutcome.APART, None) if another else (RowOutcome.REJECTED, TWICE)
    if same:
        return RowOutcome.UNCHANGED, None
    current = version == str(record.version)
    once = any(says_the_same(row, older, encodings) for older in record.before)
    # whoever says which version they edited means this dose
    if another and not version and not once:
        return RowOutcome.APART, None
    if record.withdrawn:
        return RowOutcome.REJECTED, WITHDRAWN
    if current:
        return RowOutcome.CORRECTED, None
    if once:
        return RowOutcome.UNCHANGED, CORRECTED_SINCE
    return (RowOutcome.REJECTED, VERSION_CHANGED) if version else (RowOutcome.CORRECTED, None)


def may_stand_apart(row: ValidDose, other: ValidDose, *, coded: bool) -> bool:
    """Whether two injections under one code can be told apart for good: by their days.

    A row without a code is told apart by its number, which a derived code then holds.
    """
    return not coded or row.date_given != other.date_given
