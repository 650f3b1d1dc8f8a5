"""The last look before a signature: rules that the schema does not know, as a table (certificate.md, "Payload").

The lint reads the finished claims and trusts nothing that built them. A rule is broken if its function says so; rules are tried in
order, so that a later one may rely on what the earlier ones found in place.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from contracts.products import PRODUCTS
from services.signer.domain.claims import COVID_19, DCC, EXPIRES, HCERT, ISSUED, ISSUER, SCHEMA_VERSION, Claims
from services.signer.domain.dates import first_day, in_viet_nam, real_date
from services.signer.domain.uvci import has_right_check, is_well_formed

MAX_TEXT = 80
PROGRAMME_BEGAN = "2021-03-08"

_PAYLOAD = {"ver", "nam", "dob", "v"}
_TEXTS = ("tg", "vp", "mp", "ma", "dt", "co", "is", "ci")
_DOSE = {*_TEXTS, "dn", "sd"}
_texts_of = itemgetter(*_TEXTS)
_ONLY_TEXT = {str}
_NAME_TEXTS = {"fn", "fnt", "gn", "gnt"}
_TRANSLITERATED = re.compile("[A-Z<]*")
_PRODUCT = {product.eu_mp: product for product in PRODUCTS.values()}


class Window(NamedTuple):
    """When the signing certificate is valid, both in seconds since 1970."""

    not_before: int
    not_after: int


class Draft(NamedTuple):
    """The claims about to be signed, opened up for the rules."""

    claims: Claims
    payload: dict[str, Any]
    name: dict[str, str]
    dose: dict[str, Any]
    window: Window


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that must not be signed: its stable code, what it means, and how it is seen."""

    code: str
    vi: str
    en: str
    broken: Callable[[Draft], bool]


@lru_cache(maxsize=64)
def _day(issued: int) -> str:
    return in_viet_nam(datetime.fromtimestamp(issued, UTC)).isoformat()


def _illegal_series(draft: Draft) -> bool:
    number, total = draft.dose["dn"], draft.dose["sd"]
    if type(number) is not int or type(total) is not int or not (1 <= number <= 9 and 1 <= total <= 9):
        return True
    return number > total and (number, total) != (2, 1)


RULES = (
    Rule("FIELDS", "Thiếu hoặc thừa trường dữ liệu.", "A field is missing, or there is one too many.", lambda d: (
        d.payload.keys() != _PAYLOAD or d.payload["ver"] != SCHEMA_VERSION or d.dose.keys() != _DOSE
        or "fnt" not in d.name or not d.name.keys() <= _NAME_TEXTS)),
    Rule("NOT_TEXT", "Có trường không phải là văn bản.", "A field is not text.", lambda d: (
        {*map(type, _texts_of(d.dose)), *map(type, d.name.values()), type(d.payload["dob"])} != _ONLY_TEXT)),
    Rule("TEXT_TOO_LONG", "Có văn bản dài quá 80 ký tự.", "A text has more than 80 characters.", lambda d: (
        max(map(len, (*d.name.values(), d.dose["is"], d.dose["ci"]))) > MAX_TEXT)),
    Rule("NAME_MISSING", "Thiếu họ tên.", "The name is missing.", lambda d: (
        not d.name.get("fn"))),
    Rule("NAME_SPELLING", "Họ tên chưa ở dạng Unicode dựng sẵn (NFC).", "The name is not in Unicode's composed form (NFC).", lambda d: (
        not unicodedata.is_normalized("NFC", d.name["fn"] + d.name.get("gn", "")))),
    Rule("NAME_WITHOUT_LATIN", "Họ tên không phiên âm được sang chữ La-tinh.", "The name has no form in Latin letters.", lambda d: (
        not d.name["fnt"] or ("gn" in d.name and not d.name.get("gnt"))
        or not _TRANSLITERATED.fullmatch(d.name["fnt"] + d.name.get("gnt", "")))),
    Rule("BIRTH_DATE_IMPOSSIBLE", "Ngày sinh không có thật.", "There is no such birth date.", lambda d: (
        first_day(d.payload["dob"]) is None)),
    Rule("DOSE_DATE_IMPOSSIBLE", "Ngày tiêm không có thật.", "There is no such date of vaccination.", lambda d: (
        real_date(d.dose["dt"]) is None)),
    Rule("DOSE_BEFORE_BIRTH", "Ngày tiêm trước ngày sinh.", "The dose was given before the birth.", lambda d: (
        d.dose["dt"] < d.payload["dob"])),
    Rule("DOSE_BEFORE_PROGRAMME", "Ngày tiêm trước khi có chương trình tiêm chủng.", "The dose precedes the programme.", lambda d: (
        d.dose["dt"] < PROGRAMME_BEGAN)),
    Rule("DISEASE_UNKNOWN", "Mã bệnh không đúng.", "The disease is not COVID-19.", lambda d: (
        d.dose["tg"] != COVID_19)),
    Rule("PRODUCT_UNKNOWN", "Vắc xin không có trong danh mục.", "The vaccine is not on the list.", lambda d: (
        d.dose["mp"] not in _PRODUCT)),
    Rule("MANUFACTURER_WRONG", "Nhà sản xuất không phải của vắc xin này.", "The manufacturer is another product's.", lambda d: (
        d.dose["ma"] != _PRODUCT[d.dose["mp"]].eu_ma)),
    Rule("PROPHYLAXIS_WRONG", "Loại vắc xin không phải của sản phẩm này.", "The kind of vaccine is another product's.", lambda d: (
        d.dose["vp"] != _PRODUCT[d.dose["mp"]].eu_vp)),
    Rule("SERIES_ILLEGAL", "Số mũi tiêm không hợp lệ.", "Dose number and series contradict each other.", _illegal_series),
    Rule("COUNTRY_WRONG", "Mã quốc gia không đúng.", "The country is not the issuer's.", lambda d: (
        d.dose["co"] != d.claims[ISSUER])),
    Rule("ISSUER_MISSING", "Thiếu cơ quan cấp.", "The issuer is missing.", lambda d: (
        not d.dose["is"])),
    Rule("UVCI_FORM", "Mã chứng nhận sai định dạng.", "The certificate code is ill-formed.", lambda d: (
        not is_well_formed(d.dose["ci"]))),
    Rule("UVCI_CHECK", "Ký tự kiểm tra của mã chứng nhận sai.", "The certificate code's check character is wrong.", lambda d: (
        not has_right_check(d.dose["ci"]))),
    Rule("TIMES_NOT_WHOLE", "Thời điểm cấp hoặc hết hạn không phải số nguyên.", "A time is not a whole number.", lambda d: (
        type(d.claims[ISSUED]) is not int or type(d.claims[EXPIRES]) is not int)),
    Rule("EXPIRES_TOO_EARLY", "Hết hạn trước khi cấp.", "It expires before it is issued.", lambda d: (
        d.claims[EXPIRES] <= d.claims[ISSUED])),
    Rule("EXPIRES_AFTER_KEY", "Hết hạn sau chứng thư ký.", "It outlives its signing certificate.", lambda d: (
        d.claims[EXPIRES] > d.window.not_after)),
    Rule("ISSUED_BEFORE_KEY", "Cấp trước khi chứng thư ký có hiệu lực.", "It is issued before its signing certificate begins.", lambda d: (
        d.claims[ISSUED] < d.window.not_before)),
    Rule("DOSE_IN_FUTURE", "Ngày tiêm ở tương lai.", "The dose lies in the future.", lambda d: (
        d.dose["dt"] > _day(d.claims[ISSUED]))),
)  # fmt: skip
"""In the order in which they are tried."""

RULE = {rule.code: rule for rule in RULES}

_BROKEN = tuple((rule.broken, rule.code) for rule in RULES)


def lint(claims: Claims, window: Window) -> str | None:
    """The code of the first rule that the claims break, or None where they may be signed."""
    payload = claims[HCERT][DCC]
    doses = payload.get("v")
    if not isinstance(doses, list) or len(doses) != 1 or not isinstance(payload.get("nam"), dict):
        return "FIELDS"
    draft = Draft(claims, payload, payload["nam"], doses[0], window)
    for broken, code in _BROKEN:
        if broken(draft):
            return code
    return None
