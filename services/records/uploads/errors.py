"""What the sender of an upload is told, in both languages: errors of rows, and of requests.

The texts carry no personal data.
"""

from datetime import date

from contracts.ids import DoseId
from services.chassis.errors import ServiceError
from services.records.domain.row_error import RowError
from services.records.uploads.formats.header_spellings import DOSE_ID, VERSION
from vietnamese.dates import day_typed

# Rows that the caller may not send

ELSEWHERE = RowError(
    "facility_code",
    "FACILITY_NOT_YOURS",
    "Bạn không được gửi mũi tiêm của cơ sở này.",
    "You may not push doses of this facility.",
)
NOT_TO_ADD = RowError(
    "source_id",
    "NOT_YOURS_TO_ADD",
    "Bạn chỉ sửa được mũi tiêm đã ghi nhận của người sống ở địa bàn của bạn; mũi mới do cơ sở tiêm"
    " gửi.",
    "You may only correct doses on record of people who live in your area; a new dose is for its"
    " facility to push.",
)

# Rows whose record code is taken

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


def code_of_another(dose_id: DoseId, since: date) -> RowError:
    """Refuses a row whose code belongs to another injection, on record since then; names nobody."""
    return RowError(
        "source_id",
        "CODE_OF_ANOTHER",
        f"Mã bản ghi này đã là của một mũi tiêm khác (mũi số {dose_id}, ghi nhận ngày"
        f" {day_typed(since)}), không bị ghi đè. Nếu là mũi tiêm khác, hãy cho dòng này một"
        f" mã riêng; nếu đúng là bản sửa của mũi đó, hãy sửa trên tệp tải về, có cột “{VERSION}”.",
        f"This record code belongs to another injection (dose {dose_id}, recorded on"
        f" {since.isoformat()}), which is not overwritten. Give the row a code of its own;"
        " if it does correct that dose, edit the file that is handed back, which has the column"
        f" “{VERSION}”.",
    )


def recorded_apart(code: str) -> RowError:
    """Warns that a row was recorded under another code, because its own is another injection's."""
    return RowError(
        "source_id",
        "CODE_USED_AGAIN",
        "Mã bản ghi này đã dùng cho một mũi tiêm khác; dòng này được ghi là mũi riêng với mã"
        f" {code}. Mỗi mũi tiêm cần một mã không lặp lại.",
        "This record code is another injection's already; the row was recorded as a dose of its"
        f" own, as {code}. Each dose needs a code that is never used again.",
    )


# Rows of files that were given back

WRONG_ID = RowError(
    "",
    "DOSE_ID_WRONG",
    f"Cột “{DOSE_ID}” không phải của mũi tiêm ở dòng này (khác cơ sở, mã bản ghi hoặc người tiêm,"
    f" hoặc không có trong phạm vi của bạn). Nếu là mũi tiêm mới, hãy để trống hai cột “{DOSE_ID}”"
    f" và “{VERSION}”; nếu là bản sửa, hãy tải lại danh sách rồi sửa trên đó.",
    f"The column “{DOSE_ID}” (in JSON: dose_id) is not that of this row's dose: another facility,"
    f" record code or person, or not within your reach. For a new dose leave it and “{VERSION}”"
    " (version) empty; for a correction take the list anew and edit that.",
)


# Requests


def dates_damaged() -> ServiceError:
    """A spreadsheet swapped day and month in nearly all dates of a file."""
    return ServiceError(
        422,
        "DATES_DAMAGED",
        "Ngày và tháng trong tệp bị đảo hoặc năm bị cắt so với dữ liệu đã ghi nhận: bảng tính"
        " cài ngôn ngữ khác đã đọc sai ngày. Không dòng nào được nhận. Hãy tải lại tệp XLSX và"
        " sửa trên đó, hoặc đặt ngôn ngữ của bảng tính là tiếng Việt rồi mở lại tệp CSV. Nếu"
        f" chính dữ liệu đã ghi nhận sai, hãy xóa hai cột “{VERSION}” và “{DOSE_ID}” rồi gửi"
        " lại.",
        "Day and month of the dates are changed over, or the years cut, compared with what is"
        " on record: a spreadsheet set to another language read them wrong. No row was taken."
        " Take the XLSX file and edit that, or set the spreadsheet's language to Vietnamese"
        f" and open the CSV again. If the record is wrong, remove the columns “{VERSION}” and"
        f" “{DOSE_ID}” and send the file again.",
    )


def nothing_readable() -> ServiceError:
    """A file begins with a hundred rows that hold nothing."""
    return ServiceError(
        422,
        "NOTHING_READABLE",
        "Hơn 100 dòng đầu của tệp không có dữ liệu mũi tiêm nào đọc được; không dòng nào được nhận."
        " Hãy kiểm tra dạng tệp và tên các trường rồi gửi lại.",
        "The first 100 rows of the file hold no dose that can be read; no row was taken. Check the"
        " file's form and the names of its fields, and send it again.",
    )


def file_of_another_facility() -> ServiceError:
    """A caller for one facility sent a row of another: nothing of the file is taken."""
    return ServiceError(
        403,
        "FACILITY_NOT_YOURS",
        "Tệp có mũi tiêm của cơ sở khác; không dòng nào được nhận. Hãy tách tệp theo cơ sở.",
        "The file has doses of another facility; no row was taken. Split the file by facility.",
    )


def facility_unknown() -> ServiceError:
    """A token for a facility names none, or several."""
    return ServiceError(
        403,
        "FACILITY_UNKNOWN",
        "Mã truy cập không nêu cơ sở tiêm.",
        "The token names no facility.",
    )


def batch_not_found() -> ServiceError:
    """A batch does not exist, or the caller may not see it: both sound the same."""
    return ServiceError(
        404,
        "BATCH_NOT_FOUND",
        "Không có lô này trong phạm vi của bạn.",
        "No such batch within your reach.",
    )
