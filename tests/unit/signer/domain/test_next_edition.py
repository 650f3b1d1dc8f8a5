import copy
from datetime import UTC, date, datetime, timedelta

import pytest

from contracts.events import DoseFacts, RegistryPerson
from contracts.uvci import SERIAL_BYTES, mint
from services.signer.domain.claim_labels import DCC, HCERT, Window
from services.signer.domain.claims import Profile, claims_of
from services.signer.domain.lint import lint
from services.signer.domain.next_edition import draft_next_edition, renewal_notice, renewed

ISSUED_AT = datetime(2022, 4, 1, tzinfo=UTC)
AGAIN_AT = datetime(2023, 3, 2, tzinfo=UTC)
WINDOW = Window(int(ISSUED_AT.timestamp()), int(datetime(2024, 3, 31, tzinfo=UTC).timestamp()))
FACTS = DoseFacts(
    product="comirnaty", dose_number=1, dose_kind="primary", date_given=date(2021, 7, 1)
)
PERSON = RegistryPerson(full_name="Nguyễn Thị Hòa", date_of_birth="1980-05-03")
FIRST = claims_of(
    PERSON,
    FACTS,
    mint(bytes(SERIAL_BYTES)),
    country="VN",
    issuer="MoH",
    issued=1_648_771_200,
    expires=1_680_307_200,
)
SERIAL = bytes(range(SERIAL_BYTES))


@pytest.mark.parametrize(
    ("days", "months", "expected"),
    [(30, 12, 30), (30, 2, 28), (30, 1, 14), (400, 12, 168), (1, 1, 1)],
)
def test_a_certificate_is_renewed_so_many_days_before_it_expires_and_never_before_half_of_its_life(
    days: int, months: int, expected: int
) -> None:
    profile = Profile(renew_days=days, validity_months=months)
    assert profile.renewal_lead == timedelta(days=expected)


def test_the_next_edition_is_what_would_be_issued_anew_and_leaves_the_earlier_as_it_was() -> None:
    before = copy.deepcopy(FIRST)
    issued, expires = int(AGAIN_AT.timestamp()), int(datetime(2024, 3, 2, tzinfo=UTC).timestamp())
    anew = claims_of(
        PERSON,
        FACTS,
        mint(SERIAL),
        country="VN",
        issuer="Ministry of Health of Viet Nam",
        issued=issued,
        expires=expires,
    )
    again = draft_next_edition(FIRST, SERIAL, AGAIN_AT, WINDOW, Profile())
    assert (again.uvci, again.claims, again.refused) == (mint(SERIAL), anew, None)
    assert before == FIRST


def test_the_fields_of_the_next_edition_stand_in_the_order_that_the_lint_asks_for() -> None:
    expires = int((AGAIN_AT + timedelta(days=365)).timestamp())
    again = renewed(
        FIRST,
        mint(SERIAL),
        country="VN",
        issuer="MoH",
        issued=int(AGAIN_AT.timestamp()),
        expires=expires,
    )
    assert lint(again, WINDOW) is None


def test_what_may_not_be_signed_today_is_refused_with_the_rule() -> None:
    wrong = copy.deepcopy(FIRST)
    wrong[HCERT][DCC]["v"][0]["ma"] = "ORG-100001699"
    assert (
        draft_next_edition(wrong, SERIAL, AGAIN_AT, WINDOW, Profile()).refused
        == "MANUFACTURER_WRONG"
    )
    child = copy.deepcopy(FIRST)
    child[HCERT][DCC]["dob"] = "2018-03-03"
    assert draft_next_edition(child, SERIAL, AGAIN_AT, WINDOW, Profile()).refused == "TOO_YOUNG"


def test_the_notice_names_the_day_in_viet_nam() -> None:
    late = datetime(2027, 3, 1, 20, tzinfo=UTC)
    vi, en = renewal_notice(late, late - timedelta(days=1))
    assert "chỉ còn giá trị đến 02/03/2027" in vi
    assert "valid until 2027-03-02 only" in en
    vi, en = renewal_notice(late, late + timedelta(days=1))
    assert "đã hết hạn ngày 02/03/2027" in vi
    assert "expired on 2027-03-02" in en
