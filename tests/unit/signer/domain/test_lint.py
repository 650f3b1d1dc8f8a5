import copy
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from contracts.events import DoseFacts, DoseKind, RegistryPerson
from contracts.products import PRODUCTS
from contracts.refusals import RefusalCode
from contracts.uvci import SERIAL_BYTES, mint
from services.signer.domain.claim_labels import (
    DCC,
    EXPIRES,
    HCERT,
    ISSUED,
    ISSUER,
    Claims,
    Window,
)
from services.signer.domain.claims import claims_of, series
from services.signer.domain.lint import RULES, lint

NOW = int(datetime(2022, 4, 1, tzinfo=UTC).timestamp())
YEAR = 365 * 86_400
WINDOW = Window(NOW - YEAR, NOW + 2 * YEAR)
PERSON = RegistryPerson(full_name="Nguyễn Thị Hòa", date_of_birth="1980-05-03")
FACTS = DoseFacts(
    product="comirnaty", dose_number=1, dose_kind="primary", date_given=date(2021, 7, 1)
)


def _claims() -> Claims:
    uvci = mint(bytes(SERIAL_BYTES))
    return claims_of(
        PERSON,
        FACTS,
        uvci,
        country="VN",
        issuer="Ministry of Health",
        issued=NOW,
        expires=NOW + YEAR,
    )


def _payload(change: Callable[[dict[str, Any]], object]) -> Callable[[Claims], object]:
    return lambda claims: change(claims[HCERT][DCC])


def _name(**fields: object) -> Callable[[Claims], object]:
    return _payload(lambda payload: payload["nam"].update(fields))


def _dose(**fields: object) -> Callable[[Claims], object]:
    return _payload(lambda payload: payload["v"][0].update(fields))


def _born(day: object) -> Callable[[Claims], object]:
    return _payload(lambda payload: payload.update(dob=day))


BREAKS: dict[str, list[Callable[[Claims], object]]] = {
    "FIELDS": [
        _payload(lambda p: p.update(t=[])),
        _payload(lambda p: p.pop("dob")),
        _payload(lambda p: p["v"].append(p["v"][0])),
        _payload(lambda p: p.update(v=[])),
        _payload(lambda p: p.update(v={})),
        _payload(lambda p: p.update(nam=None)),
        _payload(lambda p: p["nam"].pop("fnt")),
        _payload(lambda p: p["nam"].pop("fn")),
        _dose(personal_id="068180000001"),
    ],
    "DOSE_NOT_TEXT": [_dose(dt=20210701), _dose(dt=["2021-07-01"]), _dose(mp=None)],
    "SCHEMA_WRONG": [_payload(lambda p: p.update(ver="1.2.1"))],
    "DOSE_DATE_IMPOSSIBLE": [_dose(dt="2021-02-30"), _dose(dt="2021-07"), _dose(dt="")],
    "DOSE_BEFORE_PROGRAMME": [_dose(dt="2021-03-07")],
    "DISEASE_UNKNOWN": [_dose(tg="1")],
    "PRODUCT_UNKNOWN": [_dose(mp="EU/1/99/9999")],
    "MANUFACTURER_WRONG": [_dose(ma="ORG-100001699")],
    "PROPHYLAXIS_WRONG": [_dose(vp="J07BX03")],
    "SERIES_ILLEGAL": [
        _dose(dn=0),
        _dose(dn=3, sd=2),
        _dose(dn=True),
        _dose(dn=1.0),
        _dose(sd=2.0),
        _dose(sd=10),
    ],
    "COUNTRY_WRONG": [_dose(co="LA")],
    "ISSUER_MISSING": [_dose(**{"is": ""})],
    "ISSUER_TOO_LONG": [_dose(**{"is": "a" * 81})],
    "TIMES_NOT_WHOLE": [
        lambda claims: claims.update({EXPIRES: NOW + 0.5}),
        lambda claims: claims.update({ISSUED: float(NOW)}),
    ],
    "EXPIRES_TOO_EARLY": [lambda claims: claims.update({EXPIRES: NOW})],
    "EXPIRES_AFTER_KEY": [lambda claims: claims.update({EXPIRES: WINDOW.not_after + 1})],
    "ISSUED_BEFORE_KEY": [lambda claims: claims.update({ISSUED: WINDOW.not_before - 1})],
    "DOSE_IN_FUTURE": [_dose(dt="2022-04-02")],
    "NOT_TEXT": [_name(fn=7), _born(1980), _dose(ci=1)],
    "TEXT_TOO_LONG": [_name(fn="a" * 81), _name(gnt="A" * 81)],
    "NAME_MISSING": [_name(fn="")],
    "NAME_SPELLING": [_name(fn="Nguye\u0302\u0303n")],
    "NAME_WITHOUT_LATIN": [_name(fnt=""), _name(fnt="Nguyen"), _name(fnt="ĐANG"), _name(gnt="")],
    "BIRTH_DATE_IMPOSSIBLE": [_born(dob) for dob in ("1980-02-30", "", "1880-01-01", "03/05/1980")],
    "DOSE_BEFORE_BIRTH": [_born("2021-08-01")],
    "UVCI_FORM": [_dose(ci="VN1")],
    "UVCI_CHECK": [_dose(ci="URN:UVCI:01:VN:ABC"), _dose(ci="URN:UVCI:01:VN:ABC#A")],
}


def test_good_claims_may_be_signed() -> None:
    assert lint(_claims(), WINDOW) is None


def test_every_rule_is_tried_below() -> None:
    assert [rule.code for rule in RULES] == list(BREAKS)


def test_the_codes_that_have_words_are_those_of_the_rules_and_of_what_precedes_them() -> None:
    before = {"NOT_VERIFIED", "TOO_YOUNG", "DUPLICATE_DOSE", "DUPLICATE_KEPT", "SUPPLEMENT_OPEN"}
    assert set(RefusalCode) == {*before, *(rule.code for rule in RULES)}


@pytest.mark.parametrize(
    ("code", "change"), [(code, change) for code, changes in BREAKS.items() for change in changes]
)
def test_claims_that_break_a_rule_are_refused_with_its_code(
    code: str, change: Callable[[Claims], object]
) -> None:
    claims = copy.deepcopy(_claims())
    assert lint(claims, WINDOW) is None, "so that what is remembered of good facts is there"
    change(claims)
    assert lint(claims, WINDOW) == code


@pytest.mark.parametrize("code", sorted(PRODUCTS))
@pytest.mark.parametrize("kind", ["primary", "additional", "booster"])
def test_every_product_and_kind_of_dose_passes_the_lint(code: str, kind: DoseKind) -> None:
    for number in range(1 if kind == "primary" else 2, 8):
        facts = DoseFacts(
            product=code, dose_number=number, dose_kind=kind, date_given=date(2022, 1, 5)
        )
        claims = claims_of(
            PERSON,
            facts,
            mint(bytes(SERIAL_BYTES)),
            country="VN",
            issuer="M",
            issued=NOW,
            expires=NOW + 1,
        )
        assert lint(claims, WINDOW) is None


@pytest.mark.parametrize(
    ("product", "kind", "number", "expected"),
    [
        ("comirnaty", "primary", 1, (1, 2)),
        ("comirnaty", "primary", 3, (3, 3)),
        ("abdala", "primary", 2, (2, 3)),
        ("janssen", "primary", 1, (1, 1)),
        ("comirnaty", "booster", 2, (2, 1)),
        ("comirnaty", "booster", 3, (3, 3)),
        ("vaxzevria", "additional", 4, (4, 4)),
    ],
)
def test_the_number_of_a_dose_is_written_as_verifiers_read_it(
    product: str, kind: DoseKind, number: int, expected: tuple[int, int]
) -> None:
    assert series(kind, number, PRODUCTS[product]) == expected


def test_the_claims_hold_issuer_times_and_nothing_of_the_number() -> None:
    claims = _claims()
    assert (claims[ISSUER], claims[ISSUED], claims[EXPIRES]) == ("VN", NOW, NOW + YEAR)
    assert set(claims) == {ISSUER, ISSUED, EXPIRES, HCERT}
