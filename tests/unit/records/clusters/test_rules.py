"""Rules that mend a row from what was typed alone, and the score that tells a habit from chance."""

from dataclasses import dataclass
from typing import Any

import pytest

from contracts.reasons import ADVICE
from contracts.words import Reason
from services.records.clusters.rules import (
    LEAST_DOSES,
    RULES,
    Group,
    common_beginning,
    elsewhere,
    is_cluster,
    proposed,
    score,
)  # fmt: skip
from services.records.domain.dose import Raw
from services.records.domain.field_changes import FieldChange, changes
from tests.support.files import typed


def _mended(reason: Reason, **fields: Any) -> dict[str, str] | None:
    before = typed(**fields)
    after = RULES[reason].mend(before)
    return (
        None if after is None else {change.field: change.after for change in changes(before, after)}
    )


@pytest.mark.parametrize(
    ("reason", "field", "before", "after"),
    [
        (Reason.DAY_MONTH_SWAPPED, "date_of_birth", "03/05/1980", "05/03/1980"),
        (Reason.DATE_IMPOSSIBLE, "date_of_birth", "05/13/1980", "13/05/1980"),
        (Reason.DATE_IMPOSSIBLE, "date_of_birth", "5-31-1980", "31-5-1980"),
        (Reason.ID_LEADING_ZERO_LOST, "personal_id", "68180000001", "068180000001"),
        (Reason.ID_LEADING_ZERO_LOST, "personal_id", "1180000001", "001180000001"),
        (Reason.ID_LEADING_ZERO_LOST, "personal_id", "12345678", "012345678"),
        (Reason.ID_PUNCTUATED, "personal_id", "068 180.000-001", "068180000001"),
        (Reason.ID_SCIENTIFIC, "personal_id", "6.8180000001E+10", "068180000001"),
        (Reason.NAME_ENCODING, "full_name", "NguyÔn ThÞ Hßa", "Nguyễn Thị Hòa"),
        (Reason.NAME_ORDER, "full_name", "Hòa Nguyễn Thị", "Nguyễn Thị Hòa"),
        (Reason.NAME_ORDER, "full_name", "Thị Hòa Nguyễn", "Nguyễn Thị Hòa"),
    ],
)
def test_a_rule_puts_right_what_its_reason_names(
    reason: Reason, field: str, before: str, after: str
) -> None:
    assert _mended(reason, **{field: before}) == {field: after}


@pytest.mark.parametrize(
    ("reason", "fields"),
    [
        (Reason.DAY_MONTH_SWAPPED, {"date_of_birth": "05/05/1980"}),
        (Reason.DAY_MONTH_SWAPPED, {"date_of_birth": "25/12/1980"}),
        (Reason.DAY_MONTH_SWAPPED, {"date_of_birth": "1980"}),
        (Reason.DATE_IMPOSSIBLE, {"date_of_birth": "30/02/1980"}),
        (Reason.ID_LEADING_ZERO_LOST, {"personal_id": "068180000001"}),
        (Reason.ID_LEADING_ZERO_LOST, {"personal_id": "068"}),
        (Reason.ID_PUNCTUATED, {"personal_id": "068 18 A"}),
        (Reason.ID_SCIENTIFIC, {"personal_id": "6.818E+10"}),
        (Reason.ID_IS_PHONE_NUMBER, {"personal_id": "0912345678", "phone": "0987654321"}),
        (Reason.ID_IS_PHONE_NUMBER, {"personal_id": "068180000001", "phone": ""}),
        (Reason.NAME_ENCODING, {"full_name": "Nguyễn Thị Hòa"}),
        (Reason.NAME_ENCODING, {"full_name": "NguyÔn ThÞ Hßa", "nationality": "Đức"}),
        (Reason.NAME_ORDER, {"full_name": "Nguyễn Thị Hòa"}),
        (Reason.NAME_ORDER, {"full_name": "Hòa Thị"}),
        (Reason.NAME_ORDER, {"full_name": "Hòa"}),
    ],
)
def test_a_rule_leaves_alone_what_it_cannot_be_sure_of(
    reason: Reason, fields: dict[str, str]
) -> None:
    assert _mended(reason, **fields) is None


@pytest.mark.parametrize(
    ("number", "phone"),
    [("0912345678", ""), ("84912345678", "0912 345 678"), ("+84 912 345 678", "")],
)
def test_a_phone_number_moves_to_its_field_and_leaves_the_number_empty(
    number: str, phone: str
) -> None:
    after = RULES[Reason.ID_IS_PHONE_NUMBER].mend(typed(personal_id=number, phone=phone))
    assert after is not None
    assert (after.personal_id, after.phone) == ("", "0912345678")


def test_what_a_rule_made_it_does_not_change_again_but_for_swapping_back() -> None:
    numbers = ("68180000001", "068 180 000 001", "0912345678", "6.8180000001E+10")
    wrong = [
        *[typed(personal_id=number, phone="") for number in numbers],
        *[typed(full_name=name) for name in ("Hòa Nguyễn Thị", "NguyÔn ThÞ Hßa")],
        *[typed(date_of_birth=birth) for birth in ("03/05/1980", "05/13/1980")],
    ]
    for reason, rule in RULES.items():
        mended = [after for raw in wrong if (after := rule.mend(raw))]
        assert mended, reason
        again = [rule.mend(after) for after in mended]
        if rule.code == "SWAP_DAY_MONTH":
            assert typed() in again
        else:
            assert set(again) == {None}, reason


def test_every_rule_mends_the_field_that_its_reason_is_about() -> None:
    wrong = typed(
        personal_id="0912345678", phone="", full_name="Hòa Nguyễn Thị", date_of_birth="03/05/1980"
    )
    tried: dict[Reason, Raw] = {
        **dict.fromkeys(map(Reason, RULES), wrong),
        Reason.ID_LEADING_ZERO_LOST: wrong._replace(personal_id="68180000001"),
        Reason.ID_PUNCTUATED: wrong._replace(personal_id="068.180.000.001"),
        Reason.ID_SCIENTIFIC: wrong._replace(personal_id="6.8180000001E+10"),
        Reason.NAME_ENCODING: wrong._replace(full_name="NguyÔn ThÞ Hßa"),
    }
    for reason, raw in tried.items():
        [(rule, fields)] = proposed(raw, [reason])
        assert rule is RULES[reason]
        assert ADVICE[reason].field in {change.field for change in fields}


def test_a_row_with_two_reasons_of_one_rule_gets_one_proposal_and_one_without_a_rule_none() -> None:
    assert (
        len(
            proposed(
                typed(date_of_birth="03/05/1980"),
                [Reason.DAY_MONTH_SWAPPED, Reason.DATE_IMPOSSIBLE],
            )
        )
        == 1
    )
    assert proposed(typed(), [Reason.NAME_DIFFERS, Reason.ID_NOT_FOUND]) == []


def test_an_encoded_name_is_proposed_to_be_read_whatever_the_reason_and_once() -> None:
    for reasons in (
        [Reason.NAME_DIFFERS],
        [Reason.ID_MISSING],
        [Reason.NAME_ENCODING, Reason.DATE_DIFFERS],
    ):
        [(rule, [change])] = proposed(typed(full_name="Nguyeãn Thò Hoøa"), reasons)
        assert (rule.code, change) == (
            "DECODE_NAME",
            FieldChange("full_name", "Nguyeãn Thò Hoøa", "Nguyễn Thị Hòa"),
        )


@dataclass(frozen=True)
class _Country:
    wrong: int = 20_000
    doses: int = 1_000_000

    def group(self, wrong: int, total: int) -> Group:
        return Group(wrong, total, self.wrong, self.doses)


def test_a_habit_is_a_cluster_and_the_countrys_usual_share_is_none() -> None:
    country = _Country()
    assert is_cluster(country.group(60, 100))
    assert is_cluster(country.group(10, 10))
    assert not is_cluster(country.group(2, 100))
    assert not is_cluster(country.group(20_000, 1_000_000))
    assert not is_cluster(country.group(LEAST_DOSES - 1, LEAST_DOSES - 1))


def test_a_large_facility_a_little_above_the_usual_is_improbable_and_still_none() -> None:
    group = _Country().group(1_200, 40_000)
    assert score(group) > 5
    assert not is_cluster(group)


def test_the_score_grows_with_the_share_and_is_nothing_at_the_usual_share_or_below() -> None:
    country = _Country()
    scores = [score(country.group(wrong, 1_000)) for wrong in (0, 10, 19, 40, 80, 500, 1_000)]
    assert scores == sorted(scores)
    assert scores[:3] == [0, 0, 0]
    assert scores[3] > 0


def test_a_facility_is_compared_with_the_others() -> None:
    assert elsewhere(Group(500, 1_000, 1_500, 1_001_000)) == pytest.approx(0.001, rel=0.01)
    assert elsewhere(Group(60, 60, 60, 60)) == 1
    assert not is_cluster(Group(50, 60, 50, 60))
    assert not is_cluster(Group(360, 2_000, 360, 2_030))


@pytest.mark.parametrize(
    ("codes", "beginning"),
    [(["68001"], "68001"), (["68001", "68017", "68002"], "680"), (["68001", "79001"], "")],
)
def test_the_common_beginning_of_codes(codes: list[str], beginning: str) -> None:
    assert common_beginning(codes) == beginning
