"""Why a file as a whole cannot be taken, in both languages."""

from collections.abc import Sequence

from services.chassis.errors import ServiceError


def unsupported(allowed: Sequence[str]) -> ServiceError:
    """A media type that is none of ours."""
    return ServiceError(
        415, "MEDIA_TYPE_UNSUPPORTED",
        "Loại tệp không được hỗ trợ; hãy gửi Excel (XLSX, XLS), ODS, CSV, JSON, NDJSON hoặc FHIR.",
        "This media type is not supported; send Excel (XLSX, XLS), ODS, CSV, JSON, NDJSON or FHIR.",
        supported=list(allowed),
    )  # fmt: skip


def coding_unsupported(allowed: Sequence[str]) -> ServiceError:
    """A Content-Encoding that is none of ours."""
    names = ", ".join(allowed)
    return ServiceError(
        415, "CONTENT_ENCODING_UNSUPPORTED",
        f"Kiểu nén (Content-Encoding) không được hỗ trợ; hãy dùng {names} hoặc không nén.",
        f"This Content-Encoding is not supported; use {names}, or none.",
        headers={"Accept-Encoding": names}, supported=list(allowed),
    )  # fmt: skip


def coding_broken() -> ServiceError:
    """A compressed file cannot be unpacked."""
    return ServiceError(
        422, "CONTENT_ENCODING_BROKEN", "Không giải nén được tệp; hãy gửi lại, hoặc gửi không nén.",
        "The file cannot be unpacked; send it again, or send it without packing.",
    )  # fmt: skip


def zip_of_files() -> ServiceError:
    """A ZIP archive that is no workbook and holds none or several files."""
    return ServiceError(
        422, "ZIP_OF_FILES", "Tệp ZIP phải chứa đúng một tệp; hãy giải nén rồi gửi từng tệp.",
        "A ZIP archive must hold exactly one file; unpack it and send one file at a time.",
    )  # fmt: skip


def form_broken() -> ServiceError:
    """A form is not built as its boundary says."""
    return ServiceError(
        422, "FORM_BROKEN",
        "Biểu mẫu multipart/form-data bị hỏng hoặc thiếu phần cuối; hãy gửi lại.",
        "The multipart/form-data body is broken or has no end; send it again.",
    )  # fmt: skip


def form_without_file() -> ServiceError:
    """A form in which no part is a file."""
    return ServiceError(
        422, "FORM_WITHOUT_FILE", "Biểu mẫu không có tệp nào; hãy chọn một tệp.",
        "The form holds no file; choose one."
    )  # fmt: skip


def form_of_files() -> ServiceError:
    """A form holds several files; each would be a batch of its own."""
    return ServiceError(
        422, "FORM_OF_FILES", "Mỗi lần chỉ gửi một tệp; hãy gửi từng tệp.",
        "Send one file at a time, each in a request of its own."
    )  # fmt: skip


def xml_spreadsheet() -> ServiceError:
    """The XML format of Excel 2003, which no parser reads any more."""
    return ServiceError(
        422, "XML_SPREADSHEET", "Tệp là XML Spreadsheet 2003; hãy mở bằng Excel và lưu thành XLSX.",
        "The file is an XML Spreadsheet 2003; open it in Excel and save it as XLSX.",
    )  # fmt: skip


def password() -> ServiceError:
    """A workbook that is encrypted."""
    return ServiceError(
        422, "WORKBOOK_PASSWORD", "Tệp bị khoá bằng mật khẩu; hãy bỏ mật khẩu rồi gửi lại.",
        "The file is protected by a password; remove it, then send the file again.",
    )  # fmt: skip


def fhir_xml(allowed: Sequence[str]) -> ServiceError:
    """FHIR in its other form."""
    return ServiceError(
        415, "MEDIA_TYPE_UNSUPPORTED",
        "FHIR dạng XML không được đọc; hãy gửi FHIR dạng JSON (application/fhir+json).",
        "FHIR as XML is not read; send it as JSON (application/fhir+json).",
        supported=list(allowed),
    )  # fmt: skip


def too_large(max_bytes: int) -> ServiceError:
    """More bytes than an upload may have."""
    megabytes = max_bytes // 1_000_000
    return ServiceError(
        413, "BODY_TOO_LARGE", f"Tệp lớn hơn {megabytes} MB; hãy chia thành nhiều tệp.",
        f"The file is larger than {megabytes} MB; split it into several.",
    )  # fmt: skip


def not_a_csv() -> ServiceError:
    """No known header is among the first rows.

    They are not shown, for they may hold a person's data.
    """
    return ServiceError(
        422, "NOT_A_DOSE_FILE",
        "Không nhận ra dòng tiêu đề nào ở đầu tệp; hãy dùng tệp CSV hoặc XLSX theo mẫu.",
        "No header is recognised at the top of the file; send a CSV or XLSX file with the "
        "template's headers.",
    )  # fmt: skip


def headers_missing(
    missing: Sequence[str], found: Sequence[str], near: Sequence[tuple[str, str]]
) -> ServiceError:
    """Columns are missing that every dose file has.

    `near`: headers that may be meant for them, each with ours.
    """
    names = ", ".join(missing)
    vi = "; ".join(f"'{header}' có thể là '{ours}'" for header, ours in near[:10])
    en = "; ".join(f"'{header}' may be '{ours}'" for header, ours in near[:10])
    return ServiceError(
        422,
        "HEADERS_MISSING",
        f"Tệp thiếu cột: {names}." + (f" {vi}: nếu đúng, hãy sửa tiêu đề." if near else ""),
        f"The file lacks the columns: {names}."
        + (f" {en}: if so, mend the header." if near else ""),
        missing=list(missing),
        found=list(found),
        near=[{"header": header, "may_be": ours} for header, ours in near],
    )


def several_doses_a_row() -> ServiceError:
    """A list has one row a person and columns for each dose.

    Which number goes with which is not ours to guess.
    """
    return ServiceError(
        422, "SEVERAL_DOSES_A_ROW",
        "Tệp ghi nhiều mũi tiêm trên một dòng; hãy để mỗi mũi tiêm một dòng.",
        "The file tells of several doses in one row; give every dose a row of its own.",
    )  # fmt: skip


def no_rows() -> ServiceError:
    """A file without a single data row."""
    return ServiceError(
        422, "NO_ROWS", "Tệp không có dòng dữ liệu nào.", "The file has no data row."
    )


def xlsx_broken() -> ServiceError:
    """A workbook cannot be opened."""
    return ServiceError(
        422,
        "XLSX_BROKEN",
        "Không mở được tệp XLSX; hãy lưu lại rồi gửi.",
        "The XLSX file cannot be opened; save it again.",
    )


def xlsx_too_large(max_bytes: int) -> ServiceError:
    """A workbook unpacks to too much."""
    megabytes = max_bytes // 1_000_000
    return ServiceError(
        413, "XLSX_TOO_LARGE", f"Tệp XLSX giải nén ra hơn {megabytes} MB; hãy lưu thành CSV.",
        f"The XLSX file unpacks to more than {megabytes} MB; save it as CSV.",
    )  # fmt: skip


def xlsx_too_far() -> ServiceError:
    """A workbook's cells lie so far apart that what is between them would fill the memory."""
    return ServiceError(
        413, "XLSX_TOO_LARGE",
        "Tệp XLSX quá lớn, hoặc có ô chứa dữ liệu nằm quá xa; hãy xoá các hàng và cột thừa, hoặc "
        "lưu thành CSV.",
        "The XLSX file is too large, or a cell far away holds something; delete unused rows and "
        "columns, or save it as CSV.",
    )  # fmt: skip


def json_broken() -> ServiceError:
    """Text is no JSON, or one record of it is too large."""
    return ServiceError(
        422, "JSON_BROKEN", "Nội dung không phải JSON hợp lệ.", "The body is no valid JSON."
    )


def json_shape() -> ServiceError:
    """JSON that is not `{"doses": [...]}`."""
    return ServiceError(
        422, "JSON_SHAPE", 'JSON phải có dạng {"doses": [...]}.',
        'The JSON must have the shape {"doses": [...]}.'
    )  # fmt: skip


def line_too_long() -> ServiceError:
    """A record has no end."""
    return ServiceError(
        422,
        "LINE_TOO_LONG",
        "Có dòng dài quá 1 triệu ký tự.",
        "A line is longer than a million characters.",
    )


def not_a_bundle() -> ServiceError:
    """JSON that is no FHIR bundle."""
    return ServiceError(
        422, "FHIR_NOT_A_BUNDLE",
        'Nội dung phải là một Bundle FHIR R4: {"resourceType": "Bundle", "type": …, "entry": […]}.',
        'The body must be one FHIR R4 bundle: {"resourceType": "Bundle", "type": …, "entry": […]}.',
    )  # fmt: skip


def bundle_type(allowed: Sequence[str]) -> ServiceError:
    """A bundle of another type, such as a message or a history: its entries mean something else."""
    names = ", ".join(allowed)
    return ServiceError(
        422, "FHIR_BUNDLE_TYPE", f"Bundle phải có type là một trong: {names}.",
        f"The bundle's type must be one of: {names}."
    )  # fmt: skip


def no_immunization() -> ServiceError:
    """A bundle, or a file of resources, holds no dose."""
    return ServiceError(
        422, "FHIR_NO_IMMUNIZATION", "Tệp FHIR không có Immunization nào.",
        "The FHIR file has no Immunization."
    )  # fmt: skip


def bundle_too_large() -> ServiceError:
    """A bundle of which too much would have to be kept in memory until it ends."""
    return ServiceError(
        413, "FHIR_BUNDLE_TOO_LARGE",
        "Bundle có quá nhiều Patient hoặc tham chiếu; hãy chia thành nhiều Bundle.",
        "The bundle has too many Patients or references; split it into several.",
    )  # fmt: skip


def too_many_sheets(most: int) -> ServiceError:
    """A workbook of more sheets than anybody keeps."""
    return ServiceError(
        413, "TOO_MANY_SHEETS", f"Tệp có hơn {most} trang tính; hãy chia thành nhiều tệp.",
        f"The workbook has more than {most} sheets; split it into several.",
    )  # fmt: skip


def all_hidden() -> ServiceError:
    """A workbook of which every sheet with rows is hidden."""
    return ServiceError(
        422, "SHEETS_HIDDEN",
        "Mọi trang tính có dữ liệu đều bị ẩn; hãy hiện trang cần gửi rồi lưu lại.",
        "Every sheet that has rows is hidden; show the one to be sent, and save the file again.",
    )  # fmt: skip


def workbook_broken() -> ServiceError:
    """A workbook of another form than XLSX cannot be opened."""
    return ServiceError(
        422, "WORKBOOK_BROKEN", "Không mở được tệp bảng tính; hãy mở bằng Excel và lưu thành XLSX.",
        "The workbook cannot be opened; open it in Excel and save it as XLSX.",
    )  # fmt: skip


def others_are_read() -> ServiceError:
    """Workbooks of the old formats are read one at a time, and the turn did not come."""
    return ServiceError(
        503, "WORKBOOKS_WAIT",
        "Đang đọc tệp bảng tính khác; hãy gửi lại sau ít phút, hoặc lưu thành XLSX hay CSV.",
        "Other workbooks are being read; send it again in a few minutes, or save it as XLSX or "
        "CSV.",
        headers={"Retry-After": "60"},
    )  # fmt: skip


def workbook_too_large() -> ServiceError:
    """A workbook of another form than XLSX needs too much memory or time."""
    return ServiceError(
        413, "WORKBOOK_TOO_LARGE",
        "Tệp bảng tính quá lớn, hoặc có ô chứa dữ liệu nằm quá xa; hãy xoá các hàng và cột thừa, "
        "hoặc lưu thành CSV.",
        "The workbook is too large, or a cell far away holds something; delete unused rows and "
        "columns, or save it as CSV.",
    )  # fmt: skip
