"""The last look before a signature: rules that the schema does not know, as a table (certificate.md, "Payload").

The lint reads the finished claims and trusts nothing that built them. A rule is broken if its function says so; rules are tried in
order, so that a later one may rely on what the earlier ones found in place. Those about the dose's facts and the times come out alike for
every dose with the same facts, so they are tried once for each and remembered; those about the person and the code are tried every time.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar

from contracts.products import PRODUCTS
from services.signer.domain.claims import COVID_19, DCC, EXPIRES, HCERT, ISSUED, ISSUER, SCHEMA_VERSION, Claims
from services.signer.domain.dates import first_day, in_viet_nam, real_date
from services.signer.domain.uvci import has_right_check, is_well_formed

MAX_TEXT = 80
PROGRAMME_BEGAN = "2021-03-08"

# fields in the order in which they are written: one comparison each, and another order is none that was ever tested with a verifier
_PAYLOAD = ("ver", "nam", "dob", "v")
_DOSE = ("tg", "vp", "mp", "ma", "dn", "sd", "dt", "co", "is", "ci")
_NAMES = (("fn", "fnt", "gn", "gnt"), ("fn", "fnt"))
_ONLY_TEXT = {str}
_values_of = itemgetter(*_DOSE)
_TRANSLITERATED = re.compile("[A-Z<]*")
_PRODUCT = {product.eu_mp: product for product in PRODUCTS.values()}


class Window(NamedTuple):
    """When the signing certificate is valid, both in seconds since 1970."""

    not_before: int
    not_after: int


class Draft(NamedTuple):
    """What the claims say of the person, and the code: other for every dose."""

    name: dict[str, str]
    born: str
    given: str
    code: str


class Facts(NamedTuple):
    """What the claims say beside: the same for many doses; named as in the claims."""

    window: Window
    iss: str
    iat: int
    exp: int
    ver: str
    tg: str
    vp: str
    mp: str
    ma: str
    dn: int
    sd: int
    dt: str
    co: str
    by: str


Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Rule(Generic[Read]):
    """One thing that must not be signed: its stable code, what it means, and how it is seen."""

    code: str
    vi: str
    en: str
    broken: Callable[[Read], bool]


def _illegal_series(facts: Facts) -> bool:
    if type(facts.dn) is not int or type(facts.sd) is not int or not (1 <= facts.dn <= 9 and 1 <= facts.sd <= 9):
        return True
    return facts.dn > facts.sd and (facts.dn, facts.sd) != (2, 1)


def _misshapen(payload: Any) -> bool:
    if type(payload) is not dict or tuple(payload) != _PAYLOAD:
        return True
    name, doses = payload["nam"], payload["v"]
    if type(name) is not dict or tuple(name) not in _NAMES:
        return True
    return type(doses) is not list or len(doses) != 1 or type(doses[0]) is not dict or tuple(doses[0]) != _DOSE


SHAPE: Rule[Any] = Rule("FIELDS", "Thiếu hoặc thừa trường dữ liệu.", "A field is missing, or there is one too many.", _misshapen)

FACT_RULES: tuple[Rule[Facts], ...] = (
    Rule("DOSE_NOT_TEXT", "Có trường không phải là văn bản.", "A field is not text.", lambda f: (
        {*map(type, (f.iss, f.ver, f.tg, f.vp, f.mp, f.ma, f.dt, f.co, f.by))} != _ONLY_TEXT)),
    Rule("SCHEMA_WRONG", "Phiên bản lược đồ không đúng.", "The schema is another version.", lambda f: (
        f.ver != SCHEMA_VERSION)),
    Rule("DOSE_DATE_IMPOSSIBLE", "Ngày tiêm không có thật.", "There is no such date of vaccination.", lambda f: (
        real_date(f.dt) is None)),
    Rule("DOSE_BEFORE_PROGRAMME", "Ngày tiêm trước khi có chương trình tiêm chủng.", "The dose precedes the programme.", lambda f: (
        f.dt < PROGRAMME_BEGAN)),
    Rule("DISEASE_UNKNOWN", "Mã bệnh không đúng.", "The disease is not COVID-19.", lambda f: (
        f.tg != COVID_19)),
    Rule("PRODUCT_UNKNOWN", "Vắc xin không có trong danh mục.", "The vaccine is not on the list.", lambda f: (
        f.mp not in _PRODUCT)),
    Rule("MANUFACTURER_WRONG", "Nhà sản xuất không phải của vắc xin này.", "The manufacturer is another product's.", lambda f: (
        f.ma != _PRODUCT[f.mp].eu_ma)),
    Rule("PROPHYLAXIS_WRONG", "Loại vắc xin không phải của sản phẩm này.", "The kind of vaccine is another product's.", lambda f: (
        f.vp != _PRODUCT[f.mp].eu_vp)),
    Rule("SERIES_ILLEGAL", "Số mũi tiêm không hợp lệ.", "Dose number and series contradict each other.", _illegal_series),
    Rule("COUNTRY_WRONG", "Mã quốc gia không đúng.", "The country is not the issuer's.", lambda f: (
        f.co != f.iss)),
    Rule("ISSUER_MISSING", "Thiếu cơ quan cấp.", "The issuer is missing.", lambda f: (
        not f.by)),
    Rule("ISSUER_TOO_LONG", "Tên cơ quan cấp dài quá 80 ký tự.", "The issuer has more than 80 characters.", lambda f: (
        len(f.by) > MAX_TEXT)),
    Rule("TIMES_NOT_WHOLE", "Thời điểm cấp hoặc hết hạn không phải số nguyên.", "A time is not a whole number.", lambda f: (
        type(f.iat) is not int or type(f.exp) is not int)),
    Rule("EXPIRES_TOO_EARLY", "Hết hạn trước khi cấp.", "It expires before it is issued.", lambda f: (
        f.exp <= f.iat)),
    Rule("EXPIRES_AFTER_KEY", "Hết hạn sau chứng thư ký.", "It outlives its signing certificate.", lambda f: (
        f.exp > f.window.not_after)),
    Rule("ISSUED_BEFORE_KEY", "Cấp trước khi chứng thư ký có hiệu lực.", "It is issued before its signing certificate begins.", lambda f: (
        f.iat < f.window.not_before)),
    Rule("DOSE_IN_FUTURE", "Ngày tiêm ở tương lai.", "The dose lies in the future.", lambda f: (
        f.dt > in_viet_nam(datetime.fromtimestamp(f.iat, UTC)).isoformat())),
)  # fmt: skip

PERSON_RULES: tuple[Rule[Draft], ...] = (
    Rule("NOT_TEXT", "Có trường không phải là văn bản.", "A field is not text.", lambda d: (
        {type(d.born), type(d.code), *map(type, d.name.values())} != _ONLY_TEXT)),
    Rule("TEXT_TOO_LONG", "Có văn bản dài quá 80 ký tự.", "A text has more than 80 characters.", lambda d: (
        max(map(len, (d.code, *d.name.values()))) > MAX_TEXT)),
    Rule("NAME_MISSING", "Thiếu họ tên.", "The name is missing.", lambda d: (
        not d.name.get("fn"))),
    Rule("NAME_SPELLING", "Họ tên chưa ở dạng Unicode dựng sẵn (NFC).", "The name is not in Unicode's composed form (NFC).", lambda d: (
        not unicodedata.is_normalized("NFC", d.name["fn"] + d.name.get("gn", "")))),
    Rule("NAME_WITHOUT_LATIN", "Họ tên không phiên âm được sang chữ La-tinh.", "The name has no form in Latin letters.", lambda d: (
        not d.name["fnt"] or ("gn" in d.name and not d.name.get("gnt"))
        or not _TRANSLITERATED.fullmatch(d.name["fnt"] + d.name.get("gnt", "")))),
    Rule("BIRTH_DATE_IMPOSSIBLE", "Ngày sinh không có thật.", "There is no such birth date.", lambda d: (
        first_day(d.born) is None)),
    Rule("DOSE_BEFORE_BIRTH", "Ngày tiêm trước ngày sinh.", "The dose was given before the birth.", lambda d: (
        d.given < d.born)),
    Rule("UVCI_FORM", "Mã chứng nhận sai định dạng.", "The certificate code is ill-formed.", lambda d: (
        not is_well_formed(d.code))),
    Rule("UVCI_CHECK", "Ký tự kiểm tra của mã chứng nhận sai.", "The certificate code's check character is wrong.", lambda d: (
        not has_right_check(d.code))),
)  # fmt: skip

RULES: tuple[Rule[Any], ...] = (SHAPE, *FACT_RULES, *PERSON_RULES)
"""In the order in which they are tried."""

RULE = {rule.code: rule for rule in RULES}

_OF_PERSON = tuple((rule.broken, rule.code) for rule in PERSON_RULES)


# typed: to a cache True, 1 and 1.0 were one otherwise, and only 1 may be signed
@lru_cache(maxsize=65_536, typed=True)
def _broken_by_facts(*facts: Any) -> str | None:
    read = Facts._make(facts)
    return next((rule.code for rule in FACT_RULES if rule.broken(read)), None)


def lint(claims: Claims, window: Window) -> str | None:
    """The code of the first rule that the claims break, or None where they may be signed."""
    payload = claims[HCERT][DCC]
    if _misshapen(payload):
        return SHAPE.code
    dose = payload["v"][0]
    tg, vp, mp, ma, dn, sd, given, co, by, code = _values_of(dose)
    try:
        broken = _broken_by_facts(
            window, claims[ISSUER], claims[ISSUED], claims[EXPIRES], payload["ver"], tg, vp, mp, ma, dn, sd, given, co, by
        )
    except TypeError:  # no value of a certificate is a list or a map
        broken = FACT_RULES[0].code
    if broken is not None:
        return broken
    draft = Draft(payload["nam"], payload["dob"], given, code)
    for is_broken, found in _OF_PERSON:
        if is_broken(draft):
            return found
    return None
