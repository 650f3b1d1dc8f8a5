"""The headers that clinics, portals and programs write above columns: data, to be added to.

They are written with their accents, and looked up without. `vắc xin` stands for its other spellings
too. A name that may mean two things (`Mũi tiêm`, `Tên`, `Mã`, `Số mũi`) is in none of these lists.
"""

from types import MappingProxyType
from typing import NamedTuple

from services.records.uploads.formats.dose_columns import SYSTEM

VERSION, DOSE_ID, ACCEPT = (SYSTEM[name] for name in ("version", "dose_id", "accept_suggestion"))
"""The headers of the version that a row was made from, of its dose's id, and of what accepts the
suggestion for it.
"""

ANSWER_HEADERS = ("Trạng thái", "Lỗi", "Gợi ý")
"""The headers of what a row was told; they are not read again."""


class HeaderMeaning(NamedTuple):
    """What a column holds: a field of a dose, or one of the words below.

    Of two columns the one with the lower `rank` is preferred.
    """

    field: str
    rank: int = 0


ROW_NUMBER = "row_number"
ANSWER = "answer"
# a name or a code: read as the code where the cells below are codes
NAMED_OR_CODED = MappingProxyType(
    {
        "province": "province_code",
        "district": "district_code",
        "commune": "commune_code",
        "facility": "facility_code",
    }
)
# parts of a field, which mean something only beside their other parts
FAMILY, MIDDLE, GIVEN = "family", "middle", "given"
DAY, MONTH, BIRTH_MONTH, GIVEN_MONTH, GIVEN_YEAR = (
    "day",
    "month",
    "birth_month",
    "given_month",
    "given_year",
)
# without accents `Nam` (male) and `Năm` (year) are one word
MALE_OR_YEAR, FEMALE = "male_or_year", "female"

SPELLINGS: MappingProxyType[HeaderMeaning, tuple[str, ...]] = MappingProxyType({
    HeaderMeaning("source_id"): (
        "Mã mũi tiêm", "Mã số mũi tiêm", "Mã số bản ghi", "Mã lượt tiêm", "Mã phiếu tiêm",
        "ID bản ghi", "ID mũi tiêm",
        "Record ID", "Record code", "Vaccination ID", "Immunization ID",
    ),
    HeaderMeaning("full_name"): (
        "Họ tên", "Họ, tên", "Tên đầy đủ", "Họ và tên đầy đủ", "Họ, chữ đệm và tên",
        "Họ, chữ đệm, tên", "Họ, tên đệm và tên",
        "Họ, chữ đệm và tên khai sinh", "Họ và tên khai sinh", "Họ tên khai sinh",
        "Tên người được tiêm", "Tên đối tượng",
        "Tên đối tượng tiêm", "Tên bệnh nhân", "Tên khách hàng", "Tên công dân", "Tên trẻ",
        "Họ tên trẻ em",
        "Tên người đăng ký tiêm", "Full name", "Full names", "Patient name", "Patient full name",
        "Name of patient",
        "Client name", "Person name",
    ),
    HeaderMeaning("date_of_birth"): (
        "Ngày tháng năm sinh", "Ngày, tháng sinh", "Ngày sinh hoặc năm sinh", "Ngày hoặc năm sinh",
        "Ngày năm sinh",
        "Sinh ngày", "NTNS", "DOB", "D.O.B", "Date of birth", "Birth date", "Birthday", "Born",
    ),
    HeaderMeaning("date_of_birth", 1): (
        "Năm sinh", "Sinh năm", "Year of birth", "Birth year", "YOB",
    ),
    HeaderMeaning("sex"): ("Giới", "Phái", "Nam/Nữ", "Nam hay nữ", "Nam hoặc nữ", "Sex", "Gender"),
    # the words of an ID's header are known in any order: see `headers`
    HeaderMeaning("personal_id", 0): (
        "Mã số cá nhân", "Số công dân", "Citizen ID", "Citizen ID number", "National ID",
        "National ID number",
        "Personal ID", "Personal ID number", "Personal identification number", "CCCD number",
    ),
    HeaderMeaning("personal_id", 1): (
        "Giấy tờ tùy thân", "Số giấy tờ tùy thân", "Số giấy tờ", "ID number", "ID no", "ID card",
        "ID card number", "ID card no",
        "Identity number", "Identity card", "Identity card number", "CMND/CCCD number",
    ),
    HeaderMeaning("passport_number"): (
        "Passport no", "Passport number", "Số passport", "Mã hộ chiếu",
    ),
    HeaderMeaning("phone"): (
        "Điện thoại", "SĐT", "Số ĐT", "ĐT", "ĐTDĐ", "Số ĐTDĐ", "Di động", "Số di động",
        "Điện thoại di động",
        "Số điện thoại di động", "Điện thoại liên hệ", "Số điện thoại liên hệ", "SĐT liên hệ",
        "ĐT liên hệ", "Số ĐT liên hệ",
        "Số phone", "Phone", "Phone number", "Phone no", "Mobile", "Mobile number", "Mobile phone",
        "Mobile no", "Telephone",
        "Telephone number", "Tel", "Tel no", "Cell phone", "Contact number", "Contact phone",
    ),
    HeaderMeaning("nationality"): ("Quốc tịch (mã)", "Mã quốc tịch", "Nationality", "Citizenship"),
    HeaderMeaning("province_code"): (
        "Mã tỉnh/thành phố", "Mã tỉnh/thành", "Mã tỉnh/TP", "Mã tỉnh, TP", "Mã TP/tỉnh",
        "Mã thành phố/tỉnh", "Mã tỉnh thành phố TW",
        "Tỉnh (mã)", "Tỉnh/Thành phố (mã)", "Province code", "Province ID",
    ),
    HeaderMeaning("district_code"): (
        "Mã quận", "Mã quận/huyện", "Mã huyện/quận", "Mã QH", "Mã quận/huyện/thị xã",
        "Mã huyện/quận/thị xã", "Mã huyện/thị",
        "Mã huyện, thị xã, thành phố", "Mã quận/huyện/TX/TP", "Huyện (mã)", "Quận/Huyện (mã)",
        "District code", "District ID",
    ),
    HeaderMeaning("commune_code"): (
        "Mã phường", "Mã xã/phường", "Mã phường/xã", "Mã PX", "Mã xã/phường/thị trấn",
        "Mã phường/xã/thị trấn", "Mã xã/phường/TT",
        "Mã phường/xã/TT", "Xã (mã)", "Xã/Phường (mã)", "Phường/Xã (mã)", "Commune code",
        "Commune ID", "Ward code",
    ),
    HeaderMeaning("province"): ("Tỉnh", "Tỉnh/Thành phố", "Tỉnh/Thành", "Tỉnh/TP", "Thành phố/Tỉnh",
    "Tên tỉnh", "Province"),
    HeaderMeaning("district"): ("Huyện", "Quận/Huyện", "Huyện/Quận", "Quận/Huyện/Thị xã",
    "Huyện/Quận/Thị xã", "Tên huyện", "District"),
    HeaderMeaning("commune"): (
        "Xã", "Xã/Phường", "Phường/Xã", "Xã/Phường/Thị trấn", "Phường/Xã/Thị trấn", "Xã/Phường/TT",
        "Tên xã", "Commune", "Ward",
    ),
    HeaderMeaning("dose_number"): (
        "Mũi thứ", "Mũi số", "Mũi tiêm số", "Mũi tiêm thứ mấy", "Mũi thứ mấy", "Mũi vắc xin thứ",
        "Lần tiêm", "Lần tiêm thứ",
        "Lần tiêm số", "Tiêm lần thứ", "Tiêm mũi thứ", "Tiêm mũi số", "Lần thứ", "Thứ tự mũi",
        "Thứ tự mũi tiêm",
        "STT mũi tiêm", "Số thứ tự mũi tiêm", "Liều thứ", "Liều số", "Dose number", "Dose no",
        "Dose num", "Dose sequence",
        "Number of dose", "Shot number",
    ),
    HeaderMeaning("dose_kind"): (
        "Loại mũi", "Loại mũi tiêm", "Loại liều tiêm", "Phân loại liều", "Phân loại mũi",
        "Phân loại mũi tiêm", "Kiểu liều",
        "Liều cơ bản/bổ sung/nhắc lại", "Mũi cơ bản/bổ sung/nhắc lại", "Dose type", "Type of dose",
        "Dose kind",
    ),
    HeaderMeaning("product"): (
        "Tên vắc xin đã tiêm", "Tên vắc xin tiêm", "Sản phẩm vắc xin", "Tên sản phẩm vắc xin",
        "Tên thương mại vắc xin",
        "Vaccine name", "Name of vaccine", "Vaccine product", "Vaccine product name",
    ),
    HeaderMeaning("product", 1): (
        "Vắc xin", "Loại vắc xin", "Tên loại vắc xin", "Vắc xin tiêm", "Vắc xin đã tiêm",
        "Vắc xin sử dụng", "Vắc xin được tiêm",
        "Chế phẩm vắc xin", "Vaccine type", "Type of vaccine", "Vaccine given",
    ),
    HeaderMeaning("lot"): (
        "Lô", "Số lô vắc xin", "Lô vắc xin", "Mã lô", "Mã lô vắc xin", "Lô sản xuất",
        "Số lô sản xuất", "Lô SX", "Số lô SX",
        "Số lô thuốc", "Số lot", "Lô/Lot", "Lot", "Lot no", "Lot number", "Vaccine lot",
        "Vaccine lot number", "Batch", "Batch no",
        "Batch number", "Lot/Batch", "Batch/Lot", "Lot/Batch number", "Batch/Lot number",
        "Vaccine batch", "Vaccine batch number",
    ),
    HeaderMeaning("date_given"): (
        "Ngày tiêm chủng", "Ngày tiêm vắc xin", "Ngày tiêm phòng", "Ngày chích", "Ngày chích ngừa",
        "Ngày giờ tiêm", "Ngày, giờ tiêm",
        "Thời gian tiêm", "Thời gian tiêm chủng", "Ngày tháng tiêm", "Ngày tháng năm tiêm",
        "Ngày tiêm thực tế",
        "Ngày được tiêm", "Ngày đã tiêm", "Vaccination date", "Date of vaccination",
        "Injection date", "Date of injection",
        "Date administered", "Administration date", "Immunization date", "Date of immunization",
        "Date vaccinated",
    ),
    HeaderMeaning("facility_code"): (
        "Mã cơ sở", "Mã cơ sở tiêm chủng", "Mã CSTC", "Mã CS tiêm", "Mã CS tiêm chủng",
        "Mã cơ sở TC", "Mã đơn vị tiêm",
        "Mã đơn vị tiêm chủng", "Mã điểm tiêm", "Mã điểm tiêm chủng", "Mã nơi tiêm",
        "Mã nơi tiêm chủng", "Mã địa điểm tiêm",
        "Mã cơ sở y tế", "Mã CSYT", "Mã số cơ sở tiêm", "Cơ sở tiêm (mã)", "Cơ sở tiêm chủng (mã)",
        "Đơn vị tiêm (mã)",
        "Facility code", "Facility ID", "Site code", "Clinic code", "Vaccination site code",
    ),
    HeaderMeaning("facility"): (
        "Cơ sở tiêm", "Cơ sở tiêm chủng", "CSTC", "Đơn vị tiêm", "Đơn vị tiêm chủng", "Điểm tiêm",
        "Điểm tiêm chủng", "Nơi tiêm",
        "Nơi tiêm chủng", "Địa điểm tiêm", "Facility", "Vaccination site",
    ),
    HeaderMeaning(ROW_NUMBER): ("STT", "Số TT", "TT", "Số thứ tự", "Thứ tự", "No", "Row", "#"),
    HeaderMeaning("version"): (VERSION, "version"),
    HeaderMeaning("dose_id"): (DOSE_ID, "dose_id"),
    HeaderMeaning("accept_suggestion"): (ACCEPT, "accept_suggestion", "nhan_goi_y"),
    HeaderMeaning(ANSWER): ANSWER_HEADERS,
    HeaderMeaning(FAMILY): (
        "Họ", "Họ đệm", "Họ và đệm", "Họ tên đệm", "Họ và tên đệm", "Họ chữ đệm", "Họ và chữ đệm",
        "Họ lót", "Họ và tên lót",
        "Họ và chữ lót", "Last name", "Surname", "Family name",
    ),
    HeaderMeaning(MIDDLE): ("Tên đệm", "Chữ đệm", "Đệm", "Tên lót", "Chữ lót", "Middle name"),
    HeaderMeaning(GIVEN): ("Tên", "First name", "Given name", "Given names", "Forename"),
    HeaderMeaning(DAY): ("Ngày", "Day"),
    HeaderMeaning(MONTH): ("Tháng", "Month"),
    HeaderMeaning(BIRTH_MONTH): ("Tháng sinh", "Month of birth", "Birth month"),
    HeaderMeaning(GIVEN_MONTH): ("Tháng tiêm",),
    HeaderMeaning(GIVEN_YEAR): ("Năm tiêm",),
    HeaderMeaning(MALE_OR_YEAR): ("Nam", "Year", "Male"),
    HeaderMeaning(FEMALE): ("Nữ", "Female"),
})  # fmt: skip

OFFERED: MappingProxyType[str, tuple[str, ...]] = MappingProxyType({
    "Tên": ("full_name",), "Name": ("full_name",), "Họ tên người tiêm": ("full_name",),
    "Tên người tiêm": ("full_name",),
    "Ngày": ("date_given", "date_of_birth"), "Date": ("date_given", "date_of_birth"),
    "Mã": ("source_id", "facility_code"), "Mã số": ("source_id", "facility_code"),
    "ID": ("source_id", "personal_id"),
    "Code": ("source_id", "facility_code"), "Mã tiêm chủng": ("source_id",),
    "Số thẻ": ("personal_id",),
    "Mũi": ("dose_number", "dose_kind"), "Mũi tiêm": ("dose_number", "dose_kind"),
    "Số mũi": ("dose_number",),
    "Số mũi tiêm": ("dose_number",), "Liều": ("dose_number", "dose_kind"),
    "Liều tiêm": ("dose_number", "dose_kind"),
    "Dose": ("dose_number", "dose_kind"), "Loại": ("dose_kind", "product"),
    "Loại liều vắc xin": ("dose_kind",), "Thuốc": ("product",),
    "Mã đơn vị": ("facility_code",), "Mã trạm": ("facility_code",),
    "Mã trạm y tế": ("facility_code",), "Đơn vị": ("facility_code",),
    "Cơ sở": ("facility_code",), "Số lô/Hạn dùng": ("lot",), "Lô/HSD": ("lot",),
})  # fmt: skip
"""What a name that is not sure may mean: offered where such a column is missing, and never taken.
"""

HINTS = (
    r"d{1,2} m{1,2} y{2,4}|yyyy mm dd|mm yyyy|ngay thang nam|ngay thang|nam (?:hoac |hay"
    r" )?nu|(?:khong )?bat buoc|tuy chon|neu co|required"
    r"|optional|(?:viet |chu )*(?:in )?hoa|(?:tieng viet )?co dau|(?:dang |kieu |dinh dang"
    r" )?text|(?:gom |du )?\d{1,2} (?:chu )?so"
    r"|(?:hoac |hay )?\d{1,2} (?:chu )?so|\d{1,2} ky tu|theo (?:cccd|cmnd|giay khai sinh|giay to)"
    r"|(?:doi )?(?:voi |neu la )?nguoi nuoc ngoai"
    r"|(?:vd|vi du|e g) .*|ghi ro|chon (?:tu |trong )?danh sach|(?:phong |chong |ngua )*(?:benh"
    r" |dich )*(?:sars )?covi?d? ?(?:19|2)?"
)
"""What stands behind a header and says only how it is to be filled in, or of which disease the
whole list is.
"""

PERSON = (
    r"(?:cua )?(?:nguoi duoc (?:tiem(?: chung| vac ?xin)?|chich(?: ngua)?)|doi tuong(?: duoc)?(?:"
    r" tiem(?: chung)?)?|khach hang|benh nhan"
    r"|nguoi benh|cong dan|nguoi dan|tre(?: em)?)"
)
RESIDENCE = (
    r"(?:noi |cho )?(?:dang )?(?:o|cu tru|thuong tru|tam tru|sinh song)(?: hien (?:tai|nay))?"
)
