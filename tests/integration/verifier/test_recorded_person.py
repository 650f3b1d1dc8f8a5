"""Whoever corrects a dose that was never certified puts right what was typed, and puts nobody else
there alone.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contracts.words import Doubt, Grade
from services.verifier.context import Context
from tests.integration.verifier.office import Office
from tests.integration.verifier.test_holds import confirmed, foreign
from tests.integration.verifier.work import BINH, CHAU, FIRST, TAM, recorded_dose
from tests.support.tokens import TestIssuer

OTHER = Doubt.OTHER_THAN_RECORDED.value
MISSING: dict[str, Any] = {"personal_id": ""}
NOBODY: dict[str, Any] = {
    "personal_id": "068150000099",
    "full_name": "Quách Tĩnh",
    "date_of_birth": "1950-02-03",
}


@pytest.fixture
def office(context: Context, tmp_path: Path) -> Office:
    """Over a registry in this process."""
    return Office(context, TestIssuer(tmp_path / "issuer"))


@pytest.mark.parametrize("typed", [MISSING, NOBODY, {"personal_id": "12"}])
async def test_a_wrong_row_made_somebody_else_s_waits_for_an_officer_and_then_goes_on(
    office: Office, typed: dict[str, Any]
) -> None:
    [told] = await office.judge(recorded_dose(TAM, 1, **typed))
    assert told.person is None
    told = await office.corrected(1, recorded_dose(BINH, 1))
    assert (told.grade, told.person, told.doubts) == (Grade.REVIEW, None, (OTHER,))
    assert not office.certified[1].valid
    case = await office.gets("/cases/1")
    assert [one["code"] for one in case["doubts"]] == [OTHER]
    assert await confirmed(office, 1, BINH.personal_id, FIRST) == [(200, "decided")]
    assert office.told[1].grade == Grade.EXACT
    standing = office.certified[1]
    assert standing.number == BINH.personal_id


@pytest.mark.parametrize(
    "typed",
    [
        MISSING,
        MISSING | {"full_name": "Nguyen Thi Tam"},
        MISSING | {"date_of_birth": "1980", "date_precision": "year"},
        {"personal_id": "068180000099"},
        {"full_name": "Quách Tĩnh", "sex": "male"},
        {"date_of_birth": "1951-11-23", "sex": "male"},
    ],
    ids=["no number", "nor accents", "nor day", "wrong number", "wrong name", "wrong date"],
)
async def test_what_was_typed_wrong_is_put_right_by_whoever_corrects_without_an_officer(
    office: Office, typed: dict[str, Any]
) -> None:
    [told] = await office.judge(recorded_dose(TAM, 1, **typed))
    assert told.person is None
    told = await office.corrected(1, recorded_dose(TAM, 1))
    assert (told.grade, told.doubts) == (Grade.EXACT, ())


async def test_many_small_steps_do_not_get_round_it(office: Office) -> None:
    steps: list[dict[str, Any]] = [
        {"full_name": BINH.full_name},
        {"full_name": BINH.full_name, "date_of_birth": BINH.date_of_birth},
    ]
    await office.judge(recorded_dose(TAM, 1, **MISSING))
    for step in steps:
        await office.corrected(1, recorded_dose(TAM, 1, **MISSING, **step))
    told = await office.corrected(1, recorded_dose(BINH, 1))
    assert (told.grade, told.doubts) == (Grade.REVIEW, (OTHER,))


async def test_nor_do_corrections_that_come_in_one_batch(office: Office) -> None:
    first = recorded_dose(TAM, 1, **MISSING)
    second = replace(recorded_dose(BINH, 1), version=2)
    told = await office.judge(first, second)
    assert [(one.version, one.doubts) for one in told if one.version == 2] == [(2, (OTHER,))]


async def test_back_to_whom_it_was_recorded_for_nobody_has_to_look(office: Office) -> None:
    await office.judge(recorded_dose(TAM, 1, **MISSING))
    await office.corrected(1, recorded_dose(CHAU, 1))
    told = await office.corrected(1, recorded_dose(TAM, 1))
    assert (told.grade, told.doubts) == (Grade.EXACT, ())


async def test_a_wrong_row_does_not_become_a_foreigner_s_whom_no_registry_knows(
    office: Office,
) -> None:
    await office.judge(recorded_dose(TAM, 1, **MISSING))
    told = await office.corrected(1, foreign(1))
    assert (told.grade, told.person, told.doubts) == (Grade.REVIEW, None, (OTHER,))
