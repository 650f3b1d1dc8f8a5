"""Nationalities as clinics type them, to ISO 3166-1 alpha-2."""

from functools import lru_cache

from services.records.domain.row_error import Unread
from vietnamese.countries import COUNTRIES
from vietnamese.normalize import squeeze
from vietnamese.old_encodings import looked_up

_OTHER_NAMES = {
    "VNM": "VN", "Vietnamese": "VN", "Kinh": "VN",
    "Mỹ": "US", "USA": "US", "Hoa Kì": "US", "United States": "US", "American": "US",
    "Anh": "GB", "UK": "GB", "England": "GB", "Great Britain": "GB", "GBR": "GB", "British": "GB",
    "Hàn": "KR", "Đại Hàn Dân Quốc": "KR", "Korea": "KR", "South Korea": "KR", "KOR": "KR",
    "Korean": "KR",
    "Triều Tiên": "KP", "North Korea": "KP", "PRK": "KP",
    "Nhật": "JP", "JPN": "JP", "Japanese": "JP", "Trung Hoa": "CN", "CHN": "CN", "Chinese": "CN",
    "FRA": "FR", "French": "FR",
    "DEU": "DE", "Russia": "RU", "Liên bang Nga": "RU", "RUS": "RU", "Australia": "AU",
    "Ô-xtrây-li-a": "AU", "AUS": "AU",
    "Lào PDR": "LA", "Laos": "LA", "LAO": "LA", "Cam-pu-chia": "KH", "KHM": "KH", "TWN": "TW",
    "Hồng Công": "HK", "Xin-ga-po": "SG",
    "SGP": "SG", "Ma-lai-xi-a": "MY", "MYS": "MY", "THA": "TH", "PHL": "PH", "IDN": "ID",
    "IND": "IN", "Hà Lan": "NL", "Holland": "NL",
    "Ca-na-đa": "CA", "CAN": "CA", "Tân Tây Lan": "NZ", "NZL": "NZ", "Miến Điện": "MM",
    "Burma": "MM", "Turkey": "TR",
    "Czech Republic": "CZ",
    "Ukraine": "UA", "Italia": "IT", "ITA": "IT", "ESP": "ES", "Bắc Triều Tiên": "KP",
}  # fmt: skip


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    names = {squeeze(name): code for name, code in _OTHER_NAMES.items()}
    for country in COUNTRIES.values():
        names.update(
            {squeeze(country.name_vi): country.code, squeeze(country.name_en): country.code}
        )
    return names


def country_of(text: str) -> str | None:
    """The code of the country that a text names, whatever its accents."""
    # a code has no accents: Áo and Bỉ are no codes of Angola and Burundi
    if text.isascii() and text.upper() in COUNTRIES:
        return text.upper()
    return _names().get(squeeze(text))


@lru_cache(maxsize=4_096)
def read_nationality(text: str) -> str | Unread:
    """The country's code; an empty field means Viet Nam."""
    return (looked_up(text, country_of) or Unread.UNKNOWN) if text else "VN"


def nationality_typed(code: str) -> str:
    """The country's Vietnamese name, as files have it."""
    return COUNTRIES[code].name_vi
