"""The table of spellings: what is in it, what is only nearly in it, and that no header is taken for
another's.
"""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.records.uploads.formats.dose_columns import HEADERS
from services.records.uploads.formats.header_spellings import NAMED_OR_CODED, OFFERED, SPELLINGS
from services.records.uploads.formats.headers import field_of, key, meaning_of
from services.records.uploads.formats.near_headers import nearly

OURS = {
    "source_id": ["Mã bản ghi", "source_id", "MÃ MŨI TIÊM", "Mã số bản ghi (*)", "Record ID"],
    "full_name": [
        "Họ và tên (*)", "HỌ TÊN", "Ho va ten", "hoTen", "Họ tên người được tiêm",
        "Họ và tên đối tượng tiêm chủng", "Họ & tên",
        "Họ, chữ đệm và tên khai sinh", "Tên đối tượng", "Full name", "Họ và tên / Full name",
        "1. Họ và tên", "person.full_name",
    ],
    "date_of_birth": [
        "Ngày sinh", "Ngày tháng năm sinh", "Ngày, tháng, năm sinh", "Năm sinh",
        "Ngày sinh (dd/mm/yyyy)", "DOB", "Date of birth",
        "NTNS", "Ngày/tháng/năm sinh", "Ngày sinh của trẻ", "Ngày sinh/Năm sinh", "NGAY_SINH",
        "Ngày sinh (VD: 03/05/1980)",
    ],
    "sex": ["Giới tính (Nam/Nữ)", "Phái", "Giới", "Nam/Nữ", "Gender", "Sex", "GIOI TINH*"],
    "personal_id": [
        "Số CMND/CCCD/HC", "Số CCCD/ĐDCN", "Mã định danh", "CMTND", "CCCD", "Số căn cước công dân",
        "Số định danh cá nhân",
        "CMND hoặc CCCD", "Số CMND/CCCD/Mã định danh công dân", "CCCD/CMND/Hộ chiếu",
        "Chứng minh nhân dân", "National ID",
        "Số thẻ căn cước", "CCCD (12 số)", "SoCCCD", "Số giấy tờ tùy thân",
    ],
    "passport_number": ["Số hộ chiếu", "Hộ chiếu", "Passport No.", "Số HC",
    "Số hộ chiếu (người nước ngoài)"],
    "phone": ["SĐT", "Điện thoại di động", "Số điện thoại liên hệ", "ĐT", "Mobile", "Phone number",
    "Số điện thoại người được tiêm"],
    "nationality": ["Quốc tịch", "Nationality"],
    "province_code": ["Mã tỉnh", "Mã tỉnh/TP", "Mã tỉnh nơi ở", "Province code"],
    "district_code": ["Mã huyện", "Mã quận/huyện", "Mã quận/huyện thường trú", "District code"],
    "commune_code": ["Mã xã", "Mã xã/phường", "Mã phường/xã/thị trấn", "Ward code"],
    "dose_number": ["Mũi tiêm thứ", "Mũi số", "Mũi thứ", "Lần tiêm", "Thứ tự mũi tiêm",
    "Dose number", "Liều số"],
    "dose_kind": ["Loại liều", "Loại mũi", "Loại mũi tiêm", "Dose type"],
    "product": [
        "Tên vaccine", "Vaccine", "Loại vắc xin", "Vắc-xin", "VACXIN", "Tên vắc xin phòng COVID-19",
        "Tên VX", "Sản phẩm vắc xin",
        "Vaccine name", "Loại vaccin",
    ],
    "lot": ["Lô", "Số lô vắc xin", "Lô vắc xin", "Lot", "Batch", "Số lô/Lot No.", "Lot number",
    "Lô sản xuất", "Batch no."],
    "date_given": ["Ngày tiêm chủng", "Ngày tiêm vắc xin COVID-19", "Ngày giờ tiêm",
    "Ngày chích ngừa", "Vaccination date"],
    "facility_code": ["Mã CSTC", "Cơ sở tiêm (mã)", "Mã đơn vị tiêm", "Mã cơ sở tiêm chủng",
    "Mã điểm tiêm", "Facility code"],
}  # fmt: skip

NOT_OURS = (
    "Ngày", "Mã", "Số", "Tên", "Mũi", "Mũi tiêm", "Số mũi tiêm", "Liều", "Loại", "Họ", "Date",
    "Name", "ID", "Code", "Năm", "Tháng",
    "Họ tên người giám hộ", "Số điện thoại người giám hộ", "Số CCCD (người giám hộ)", "Họ tên mẹ",
    "Họ tên người tiêm", "Cán bộ tiêm",
    "Ngày cấp CCCD", "Nơi cấp CMND", "Loại giấy tờ", "Số thẻ BHYT", "Ngày hẹn tiêm",
    "Ngày tiêm mũi 1", "Vắc xin mũi 2", "Ngày tiêm 2",
    "Cơ sở tiêm chủng", "Tên cơ sở tiêm", "Đơn vị tiêm", "Tỉnh/Thành phố", "Xã/Phường",
    "Mã tỉnh cơ sở tiêm", "Mã đơn vị", "Hạn dùng",
    "Số lô/Hạn dùng", "Nhóm ưu tiên", "Dân tộc", "Nghề nghiệp", "Quan hệ", "Địa chỉ", "Ghi chú",
    "Mã tiêm chủng", "Ngày nhập liệu",
    "Nước sản xuất", "Nhà sản xuất", "Ngày khám", "Phản ứng sau tiêm", "Số lượng", "Nơi sinh",
    "Tuổi", "Email", "", " ", "12", "x" * 5_000,
)  # fmt: skip

EVERY_SPELLING = [
    (name, meaning.field) for meaning, names in SPELLINGS.items() for name in names
] + [(name, field) for field, header in HEADERS.items() for name in (header, field)]
# without its first word another thing's: the word is never left out by chance, for the header
# begins with it
OF_A_VACCINE = {"Lô vắc xin", "Vaccine lot", "Vaccine batch"}


@pytest.mark.parametrize(
    ("field", "header"), [(field, header) for field, headers in OURS.items() for header in headers]
)
def test_a_header_as_clinics_write_it_is_known(field: str, header: str) -> None:
    assert field_of(header) == field


@pytest.mark.parametrize("header", NOT_OURS)
def test_a_header_that_may_mean_something_else_is_no_field(header: str) -> None:
    assert field_of(header) not in HEADERS


def test_no_two_fields_share_a_spelling() -> None:
    meant: dict[str, set[str]] = {}
    for name, field in EVERY_SPELLING:
        meant.setdefault(key(name), set()).add(field)
    assert [name for name, fields in meant.items() if len(fields) > 1] == []
    assert [name for name, field in EVERY_SPELLING if field_of(name) != field] == []


def test_a_header_that_lacks_a_word_is_never_another_fields() -> None:
    wrong = set()
    for name, field in EVERY_SPELLING:
        words = re.findall(r"[^\s/,()]+", name)
        for at in range(len(words)):
            left = field_of(" ".join(words[:at] + words[at + 1 :]))
            ours = NAMED_OR_CODED.get(field, field)
            if ours in HEADERS and left in HEADERS and left != ours:
                wrong.add(name)
    assert wrong == OF_A_VACCINE


@given(
    st.sampled_from(EVERY_SPELLING),
    st.sampled_from(["{}", " {} (*)", "{}:", "{}\n", "3. {}", "({})"]),
    st.booleans(),
)
def test_marks_case_and_line_breaks_make_no_other_header(
    spelling: tuple[str, str], around: str, upper: bool
) -> None:
    name, field = spelling
    if name == "#":
        return
    header = around.format(name.upper() if upper else name).replace(" ", "\n", 1)
    assert field_of(header) == field


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Hä vµ tªn", "full_name"),
        ("Ngµy sinh", "date_of_birth"),
        ("Sè l«", "lot"),
        ("Ngay` tie^m", "date_given"),
        ("Giá»›i tÃ\xadnh", "sex"),
    ],
)
def test_a_header_in_an_old_encoding_is_known(header: str, field: str) -> None:
    assert field_of(header) == field


def test_of_two_numbers_the_columns_of_the_new_card_come_first() -> None:
    ranks = [
        meaning_of(name)
        for name in (
            "Số CCCD",
            "Số định danh cá nhân",
            "CMND/CCCD",
            "Số CMND",
            "Chứng minh thư nhân dân",
        )
    ]
    assert [meaning.rank for meaning in ranks if meaning] == [0, 0, 1, 2, 2]


@pytest.mark.parametrize(
    "hint",
    [
        "(dd/mm/yyyy)",
        "Ngày tháng năm",
        "(bắt buộc)",
        "(nếu có)",
        "12 số",
        "yyyy-mm-dd",
        "phòng COVID-19",
    ],
)
def test_hints_alone_are_no_header(hint: str) -> None:
    assert field_of(hint) is None
    assert field_of(f"Ngày sinh {hint}") == "date_of_birth"


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Ngày sinhh", "date_of_birth"), ("Ngay shinh", "date_of_birth"), ("Giới tínhh", "sex"),
        ("Ngày tiêmm chủng", "date_given"),
        ("Mã cơ sỏ tiêmm", "facility_code"), ("Tên", "full_name"), ("Name", "full_name"),
        ("Mũi tiêm", "dose_number"),
        ("Cơ sở tiêm chủng", "facility_code"), ("Đơn vị tiêm", "facility_code"), ("Tỉnh",
        "province_code"), ("Mã", "source_id"),
        ("Số mũi", "dose_number"), ("Tên vác xinn", "product"),
    ],
)  # fmt: skip
def test_what_is_nearly_one_of_ours_is_offered_and_not_taken(header: str, field: str) -> None:
    assert nearly([header], list(HEADERS)) == [(header, field)]
    assert field_of(header) not in HEADERS


@pytest.mark.parametrize(
    "header",
    [
        "Ghi chú",
        "Nghề nghiệp",
        "Địa chỉ",
        "Quan hệ",
        "Dân tộc",
        "Tuổi",
        "Email",
        "Số thẻ BHYT",
        "STT",
    ],
)
def test_what_is_far_from_all_of_ours_is_offered_as_nothing(header: str) -> None:
    assert nearly([header], list(HEADERS)) == []


def test_only_what_is_missing_is_offered() -> None:
    assert nearly(["Ngày sinhh", "Ngày sinh"], ["lot"]) == []
    assert set().union(*OFFERED.values()) <= set(HEADERS)
