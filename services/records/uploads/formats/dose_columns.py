"""The columns of an upload: what each is called, what it holds and what it may hold.

One table, by which files are read and by which the contract describes them.
"""

from types import MappingProxyType
from typing import Final, NamedTuple

from contracts.products import PRODUCTS
from services.records.domain.field_parsers import KIND_TYPED, SEX_TYPED
from services.records.domain.parse_fast import MAX_ID, MAX_TEXT


class DoseColumn(NamedTuple):
    """One column: the field's JSON name, its header in an import file, and what to write there.

    `example`: of the person and the dose that all examples are about. `codes`: what is best written
    where only some values are known. `of_person`: in JSON it stands within `person`.
    `left_out`: a table may do without the column.
    """

    field: str
    header: str
    about_vi: str
    about: str
    example: str
    of_person: bool = False
    left_out: bool = False
    longest: int = MAX_TEXT
    codes: tuple[str, ...] = ()


# fmt: off
DOSE_COLUMNS: Final = (
    DoseColumn(
        "source_id", "Mã bản ghi",
        "Mã của bản ghi tại cơ sở, gửi lại vẫn giữ nguyên; cơ sở và mã chỉ một mũi tiêm.",
        "The facility's own code of the record, the same whenever it is sent again; facility and "
        "code name one dose.",
        "79001-0000123"),
    DoseColumn(
        "full_name", "Họ và tên",
        "Họ và tên như trên giấy tờ, có dấu.",
        "The full name as on the card, with its accents.",
        "Trần Thị Mẫu", of_person=True),
    DoseColumn(
        "date_of_birth", "Ngày sinh",
        "Ngày sinh: dd/mm/yyyy hoặc yyyy-mm-dd; chỉ năm nếu không rõ ngày.",
        "The birth date: dd/mm/yyyy or yyyy-mm-dd; the year alone where the day is not known.",
        "05/08/1977", of_person=True),
    DoseColumn(
        "sex", "Giới tính",
        "Giới tính: Nam hoặc Nữ.",
        "The sex: Nam (male) or Nữ (female).",
        "Nữ", of_person=True,
        codes=(SEX_TYPED["male"], SEX_TYPED["female"], "male", "female")),
    DoseColumn(
        "personal_id", "Số CMND/CCCD/HC",
        "Số căn cước 12 chữ số; số CMND cũ hoặc số hộ chiếu cũng được. Viết dạng chữ để không mất "
        "số 0 ở đầu.",
        "The 12 digits of the citizen card; an old card's number or a passport's will do. Write it "
        "as text, for a number loses its leading zeros.",
        "079177004127", of_person=True, longest=MAX_ID),
    DoseColumn(
        "phone", "Số điện thoại",
        "Số điện thoại liên hệ; có thể để trống.",
        "A telephone number; may be empty.",
        "0900000123", of_person=True, left_out=True),
    DoseColumn(
        "nationality", "Quốc tịch",
        "Quốc tịch: tên nước hoặc mã hai chữ ISO 3166-1; để trống là Việt Nam.",
        "The nationality: the country's name, or its two letters of ISO 3166-1; empty is Viet Nam.",
        "VN", of_person=True, left_out=True),
    DoseColumn(
        "province_code", "Mã tỉnh",
        "Mã tỉnh nơi ở: 2 chữ số của danh mục hành chính.",
        "The province of residence: 2 digits of the list of administrative units.",
        "79", of_person=True, left_out=True),
    DoseColumn(
        "district_code", "Mã huyện",
        "Mã huyện nơi ở: 3 chữ số.",
        "The district of residence: 3 digits.",
        "760", of_person=True, left_out=True),
    DoseColumn(
        "commune_code", "Mã xã",
        "Mã xã nơi ở: 5 chữ số.",
        "The commune of residence: 5 digits.",
        "26734", of_person=True, left_out=True),
    DoseColumn(
        "dose_number", "Mũi tiêm thứ",
        "Mũi thứ mấy, đếm chung mọi loại: cơ bản 1-3, bổ sung 2-4, nhắc lại 2-7.",
        "Which dose it was, counted over all kinds: primary 1-3, additional 2-4, booster 2-7.",
        "2"),
    DoseColumn(
        "dose_kind", "Loại liều",
        "Loại liều: Cơ bản, Bổ sung hoặc Nhắc lại.",
        "The kind of the dose: primary, additional or booster.",
        KIND_TYPED["primary"], codes=(*KIND_TYPED.values(), *KIND_TYPED)),
    DoseColumn(
        "product", "Tên vắc xin",
        "Vắc xin: mã như dưới đây, hoặc tên như trên hộp.",
        "The vaccine: a code as below, or its name as on the box.",
        "comirnaty", codes=tuple(PRODUCTS)),
    DoseColumn(
        "lot", "Số lô",
        "Số lô: 4 đến 20 chữ cái không dấu, chữ số hoặc dấu gạch nối.",
        "The lot: 4 to 20 letters without accents, digits or hyphens.",
        "FK0112"),
    DoseColumn(
        "date_given", "Ngày tiêm",
        "Ngày tiêm: dd/mm/yyyy hoặc yyyy-mm-dd, từ 08/03/2021.",
        "The day of the dose: dd/mm/yyyy or yyyy-mm-dd, from 8 March 2021.",
        "02/11/2021"),
    DoseColumn(
        "facility_code", "Mã cơ sở tiêm",
        "Mã cơ sở tiêm: 5 chữ số, hai số đầu là mã tỉnh.",
        "The facility that gave it: 5 digits, of which the first two are a province's.",
        "79001"),
    # last, where it is known apart from the ID
    DoseColumn(
        "passport_number", "Số hộ chiếu",
        "Số hộ chiếu của người nước ngoài; để trống nếu là người Việt Nam.",
        "A foreigner's passport number; empty for citizens.",
        "X40271860", of_person=True, left_out=True),
)
"""In the order of the import file."""

SYSTEM_COLUMNS: Final = (
    DoseColumn(
        "version", "Phiên bản bản ghi",
        "Phiên bản mà dòng này được sửa từ đó; dòng sửa từ phiên bản cũ bị từ chối. Mũi mới: bỏ.",
        "The version that the row was made from, so that nobody overwrites a later correction "
        "unseen; left out of a new dose.",
        "1"),
    DoseColumn(
        "dose_id", "Mã hệ thống",
        "Mã của mũi tiêm trong hệ thống, đi cùng phiên bản. Mũi mới: bỏ.",
        "The dose's id here, by which a row is found whose code was damaged; counts beside a "
        "version alone. Left out of a new dose.",
        "101"),
    DoseColumn(
        "accept_suggestion", "Nhận gợi ý",
        "Nhận gợi ý: nội dung quét từ thẻ, hoặc 12 số của thẻ, hoặc x nếu đã nhìn thấy giấy tờ.",
        "Accepts the suggestion of a row given back: the line that a scanner reads from the card, "
        "its 12 digits, or x for by sight.",
        "x"),
)
"""What files given back have besides, and nobody writes of a new dose."""
# fmt: on

HEADERS: Final = MappingProxyType({column.field: column.header for column in DOSE_COLUMNS})
"""The header of each field."""
OPTIONAL: Final = frozenset(column.field for column in DOSE_COLUMNS if column.left_out)
"""Fields whose column a list may do without."""
OF_DOSE: Final = frozenset(column.field for column in DOSE_COLUMNS if not column.of_person)
"""Fields that stand beside `person` in JSON; the others stand within it."""
SYSTEM: Final = MappingProxyType({column.field: column.header for column in SYSTEM_COLUMNS})
"""Headers that the system itself writes: never a field of a dose."""
