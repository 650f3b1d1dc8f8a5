"""What a row comes to whose dose is on record: nothing new, a new version, or a refusal; pure."""

from typing import Literal

from services.records.domain.faults import RowError
from services.records.intake.columns import VERSION
from services.records.store.doses import Known, Past

TWICE = RowError(
    "source_id",
    "DUPLICATE_IN_FILE",
    "Một dòng trước trong tệp đã có mã bản ghi này (tệp không có cột mã: cùng người, cùng ngày, cùng mũi); mỗi mũi tiêm cần một mã riêng.",
    "An earlier row of this file has the same record code (in a file without codes: the same person, day and dose number); "
    "each dose needs a code of its own.",
)
WITHDRAWN = RowError(
    "source_id",
    "DOSE_WITHDRAWN",
    "Mũi tiêm này đã bị rút và không được ghi lại. Nếu mũi tiêm có thật, hãy gửi lại với một mã bản ghi mới.",
    "This dose was withdrawn and stays so. If it was given after all, send it again with a new record code.",
)
CORRECTED_SINCE = RowError(
    "",
    "CORRECTED_SINCE",
    "Bản ghi này đã được sửa sau khi có dữ liệu trong tệp; dữ liệu cũ không được ghi lại. Nếu đúng là cần dữ liệu cũ, hãy sửa mũi tiêm đó, "
    f"hoặc gửi tệp có cột “{VERSION}” ghi phiên bản hiện hành.",
    "This record was corrected since the file's data; the older data change nothing. If they are meant, correct the dose itself, "
    f"or send a file whose column “{VERSION}” (in JSON: version) holds the current version.",
)
VERSION_CHANGED = RowError(
    "",
    "VERSION_CHANGED",
    f"Bản ghi này đã được sửa hoặc xác minh lại sau khi tải danh sách (cột “{VERSION}” không còn đúng); hãy tải lại danh sách rồi sửa.",
    f"This record was corrected or verified again after the list was taken (the column “{VERSION}” is no longer right); "
    "take the list anew and edit that.",
)

Outcome = Literal["unchanged", "corrected", "rejected"]


def against(now: Known, answered: bool, content: int, version: str, past: Past | None) -> tuple[Outcome, RowError | None]:
    """What a row of a batch comes to beside its dose on record, and what it is told.

    `answered`: whether an earlier row of its batch was about the same dose, whatever it came to. `content`: the row's digest. `version`:
    what it was made from, as typed; may be empty. `past`: what stands against it.
    """
    if answered:
        return "rejected", TWICE
    if content == now.digest:
        return "unchanged", None
    if past is Past.WITHDRAWN:
        return "rejected", WITHDRAWN
    if version == str(now.version):
        return "corrected", None
    if past is Past.SAME_ONCE:
        return "unchanged", CORRECTED_SINCE
    return ("rejected", VERSION_CHANGED) if version else ("corrected", None)
