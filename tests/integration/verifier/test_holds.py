"""A doubted dose, and a certified one that would become another person's, wait for people; nobody's
certificate ends meanwhile.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contracts.access import Role
from contracts.events import Person, RecordedDose, checked
from contracts.words import Doubt, Grade
from services.chassis.db import Transaction
from services.chassis.errors import TransientError
from services.verifier.context import Context
from services.verifier.store import cases
from tests.integration.verifier.office import MINISTRY, Office, code
from tests.integration.verifier.work import (
    BINH,
    CHAU,
    DUNG,
    FACILITY,
    FIRST,
    HOME,
    SECOND,
    TAM,
    recorded_dose,
)
from tests.support.tokens import TestIssuer

CHANGED, SECOND_HAND, DECEASED = (
    Doubt.PERSON_CHANGED.value,
    Doubt.SECOND_HAND.value,
    Doubt.PATIENT_DECEASED.value,
)
UNKNOWN: dict[str, Any] = {
    "personal_id": "",
    "full_name": "Quách Tĩnh",
    "date_of_birth": "1950-02-03",
}


@pytest.fixture
def office(context: Context, tmp_path: Path) -> Office:
    """Over a registry in this process."""
    return Office(context, TestIssuer(tmp_path / "issuer"))


def doubted(dose: RecordedDose, *doubts: str) -> RecordedDose:
    return replace(dose, doubts=doubts)


def foreign(dose_id: int, version: int = 1, **otherwise: Any) -> RecordedDose:
    """A dose of a foreigner, typed as in the passport but for `otherwise`."""
    fields = {
        "full_name": "Müller Anna",
        "date_of_birth": "1990-02-28",
        "date_precision": "day",
        "sex": "female",
        "nationality": "DE",
    }
    home = dict(zip(("province_code", "district_code", "commune_code"), HOME, strict=True))
    person = checked(Person, {**fields, **home, "passport_number": "C01X00T47"} | otherwise)
    return replace(recorded_dose(TAM, dose_id, version), person=person)


async def confirmed(
    office: Office, dose_id: int, number: str | None, *officers: str, **more: Any
) -> list[tuple[int, str]]:
    """What the officers are answered, one after the other; it takes effect."""
    named = {"personal_id": number} if number else {}
    answers = [
        code(await office.decides(dose_id, "confirm", officer, **named, **more))
        for officer in officers
    ]
    await office.recheck()
    return answers


# doubts


async def test_an_eligible_dose_tells_who_may_see_its_certificate(office: Office) -> None:
    [told] = await office.judge(recorded_dose(TAM, 1))
    assert (told.facility_code, told.residence) == (FACILITY, "".join(HOME))


async def test_a_doubted_dose_waits_for_one_officer_and_then_goes_on_as_it_would_have(
    office: Office,
) -> None:
    [told] = await office.judge(doubted(recorded_dose(TAM, 1), SECOND_HAND))
    assert (told.grade, told.person, told.facts, told.doubts) == (
        Grade.REVIEW,
        None,
        None,
        (SECOND_HAND,),
    )
    assert (told.facility_code, told.residence) == ("", "")
    case = await office.gets("/cases/1")
    assert (case["state"], case["reasons"]) == ("open", [SECOND_HAND])
    assert [one["code"] for one in case["doubts"]] == [SECOND_HAND]
    assert [(one["personal_id"], one["confidence"]) for one in case["candidates"]] == [
        (TAM.personal_id, 1)
    ]

    assert await confirmed(office, 1, TAM.personal_id, FIRST) == [(200, "decided")]
    told = office.told[1]
    assert (told.grade, told.doubts, told.version) == (Grade.EXACT, (), 2)
    assert told.person is not None
    assert office.certified[1].number == TAM.personal_id
    assert await office.state(1) == "closed"


async def test_taking_the_confirmation_back_ends_what_went_on_by_it_and_the_doubt_holds_again(
    office: Office,
) -> None:
    await office.judge(doubted(recorded_dose(TAM, 1), SECOND_HAND))
    await confirmed(office, 1, TAM.personal_id, FIRST)
    assert (await office.undoes(1, MINISTRY, Role.MINISTRY)).status_code == 200
    [told] = await office.recheck()
    assert (told.grade, told.doubts) == (Grade.REVIEW, (SECOND_HAND,))
    assert office.certified[1].number is None
    assert await office.state(1) == "open"


async def test_a_confirmation_lifts_no_doubt_that_arose_later(office: Office) -> None:
    await office.judge(doubted(recorded_dose(TAM, 1), SECOND_HAND))
    await confirmed(office, 1, TAM.personal_id, FIRST)
    told = await office.corrected(1, doubted(recorded_dose(TAM, 1), SECOND_HAND, DECEASED))
    assert (told.grade, told.doubts) == (Grade.REVIEW, (DECEASED,))
    assert await confirmed(office, 1, TAM.personal_id, SECOND) == [(200, "decided")]
    assert (office.told[1].grade, office.told[1].doubts) == (Grade.EXACT, ())


async def test_a_confirmation_of_a_case_without_doubts_lifts_none(office: Office) -> None:
    await office.judge(recorded_dose(TAM, 1, full_name="Nguyễn Tâm", date_of_birth="1980-05-02"))
    await confirmed(office, 1, TAM.personal_id, FIRST)
    assert office.certified[1].number == TAM.personal_id
    told = await office.corrected(
        1,
        doubted(
            recorded_dose(TAM, 1, full_name="Nguyễn Tâm", date_of_birth="1980-05-02"), SECOND_HAND
        ),
    )
    assert (told.grade, told.person, told.doubts) == (Grade.REVIEW, None, (SECOND_HAND,))


async def test_a_doubt_is_told_of_a_dose_that_must_be_corrected_anyway(office: Office) -> None:
    [told] = await office.judge(doubted(recorded_dose(TAM, 1, **UNKNOWN), SECOND_HAND))
    assert (told.grade, told.doubts) == (Grade.MISSING_ID, (SECOND_HAND,))
    [shown] = (await office.gets("/verifications", dose_id=1))["items"]
    assert [one["code"] for one in shown["doubts"]] == [SECOND_HAND]
    assert shown["doubts"][0]["message"]


async def test_a_doubt_of_a_code_that_is_not_known_here_holds_too(office: Office) -> None:
    [told] = await office.judge(doubted(recorded_dose(TAM, 1), "FROM_THE_FUTURE"))
    assert (told.grade, told.doubts) == (Grade.REVIEW, ("FROM_THE_FUTURE",))


async def test_cases_are_listed_by_a_doubt(office: Office) -> None:
    await office.judge(
        doubted(recorded_dose(TAM, 1), SECOND_HAND), doubted(recorded_dose(BINH, 2), DECEASED)
    )
    listed = await office.gets("/cases", reason=SECOND_HAND)
    assert [one["id"] for one in listed["items"]] == [1]


async def test_a_doubted_foreigner_is_confirmed_as_typed_without_a_number(office: Office) -> None:
    [told] = await office.judge(doubted(foreign(1), SECOND_HAND))
    assert (told.grade, told.person, told.doubts) == (Grade.REVIEW, None, (SECOND_HAND,))
    assert await office.state(1) == "open"
    assert code(await office.decides(1, "confirm")) == (422, "VERSION_MISSING")
    assert code(await office.decides(1, "confirm", version=2)) == (409, "CASE_CHANGED")
    assert await confirmed(office, 1, None, FIRST, version=1) == [(200, "decided")]
    assert (office.told[1].grade, office.told[1].doubts) == (Grade.EXEMPT, ())
    assert office.certified[1].number == "C01X00T47"


async def test_a_rejected_foreigner_goes_no_further_until_it_is_taken_back(office: Office) -> None:
    await office.judge(doubted(foreign(1), SECOND_HAND))
    assert code(await office.decides(1, "reject")) == (200, "decided")
    [told] = await office.recheck()
    assert (told.grade, told.person) == (Grade.MISMATCH, None)
    assert await office.state(1) == "closed"
    # without the doubt, but the same person
    told = await office.corrected(1, foreign(1))
    assert told.grade is Grade.MISMATCH
    await office.undoes(1)
    [told] = await office.recheck()
    assert told.grade is Grade.EXEMPT


async def test_a_vietnamese_is_not_confirmed_without_a_number(office: Office) -> None:
    await office.judge(doubted(recorded_dose(TAM, 1), SECOND_HAND))
    assert code(await office.decides(1, "confirm", version=1)) == (422, "PERSON_MISSING")


# another person


async def test_a_certified_dose_that_would_become_another_persons_waits_for_two_officers(
    office: Office,
) -> None:
    await office.judge(recorded_dose(TAM, 1))
    told = await office.corrected(1, recorded_dose(BINH, 1))
    assert (told.grade, told.person, told.doubts) == (Grade.REVIEW, None, (CHANGED,))
    assert office.certified[1].number == TAM.personal_id
    case = await office.gets("/cases/1")
    assert (case["state"], case["reasons"], case["candidates"][0]["personal_id"]) == (
        "open",
        [CHANGED],
        BINH.personal_id,
    )
    assert case["certified_as"] == {"version": 1, "personal_id": None, "full_name": None}

    assert code(await office.decides(1, "confirm", FIRST, personal_id=BINH.personal_id)) == (
        200,
        "awaiting_second",
    )
    assert code(await office.decides(1, "confirm", FIRST, personal_id=BINH.personal_id)) == (
        409,
        "SECOND_OFFICER_NEEDED",
    )
    assert await office.recheck() == []
    assert office.certified[1].number == TAM.personal_id
    assert code(await office.decides(1, "confirm", SECOND, personal_id=BINH.personal_id)) == (
        200,
        "decided",
    )
    [told] = await office.recheck()
    assert (told.grade, told.doubts) == (Grade.EXACT, ())
    assert office.certified[1].number == BINH.personal_id


async def test_whom_a_repair_was_certified_as_is_shown_to_the_police_and_masked_for_others(
    office: Office,
) -> None:
    await office.judge(recorded_dose(TAM, 1, full_name="NGUYEN THI TAM"))
    assert office.told[1].grade is Grade.REPAIRED
    await office.corrected(1, recorded_dose(BINH, 1))
    assert (await office.gets("/cases/1"))["certified_as"] == {
        "version": 1,
        "personal_id": TAM.personal_id,
        "full_name": TAM.full_name,
    }
    others = await office.gets("/cases/1", Role.STATION)
    assert others["certified_as"] == {
        "version": 1,
        "personal_id": "068*********",
        "full_name": "* * *",
    }
    assert others["decisions"] == []


async def test_one_officer_who_undoes_and_confirms_again_is_still_one(office: Office) -> None:
    await office.judge(recorded_dose(TAM, 1))
    await office.corrected(1, recorded_dose(BINH, 1))
    for _ in range(3):
        assert code(await office.decides(1, "confirm", FIRST, personal_id=BINH.personal_id)) == (
            200,
            "awaiting_second",
        )
        assert (await office.undoes(1, FIRST)).status_code == 200
    assert code(await office.decides(1, "confirm", FIRST, personal_id=BINH.personal_id)) == (
        200,
        "awaiting_second",
    )
    assert code(await office.decides(1, "papers", FIRST)) == (200, "asked_for_papers")
    assert code(await office.decides(1, "confirm", FIRST, personal_id=BINH.personal_id)) == (
        200,
        "awaiting_second",
    )
    assert await office.recheck() == []


async def test_a_first_confirmation_of_an_older_version_counts_for_no_newer_one(
    office: Office,
) -> None:
    await office.judge(recorded_dose(TAM, 1))
    await office.corrected(1, recorded_dose(BINH, 1))
    assert code(await office.decides(1, "confirm", FIRST, personal_id=BINH.personal_id)) == (
        200,
        "awaiting_second",
    )
    await office.corrected(1, recorded_dose(BINH, 1))
    assert code(await office.decides(1, "confirm", SECOND, personal_id=BINH.personal_id)) == (
        200,
        "awaiting_second",
    )
    assert await office.recheck() == []


async def test_two_steps_do_not_get_round_it(office: Office) -> None:
    await office.judge(recorded_dose(TAM, 1))
    told = await office.corrected(1, recorded_dose(TAM, 1, **UNKNOWN))
    assert (told.grade, told.doubts) == (Grade.MISSING_ID, (CHANGED,))
    assert office.certified[1].number == TAM.personal_id
    told = await office.corrected(1, recorded_dose(BINH, 1))
    assert (told.grade, told.doubts) == (Grade.REVIEW, (CHANGED,))
    assert office.certified[1].number == TAM.personal_id


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
async def test_a_version_and_its_correction_in_one_batch_do_not_get_round_it(
    office: Office, order: tuple[int, int]
) -> None:
    versions = {1: recorded_dose(TAM, 1), 2: recorded_dose(BINH, 1, 2)}
    told = {
        one.version: one for one in await office.judge(*(versions[version] for version in order))
    }
    assert (told[1].grade, told[2].grade, told[2].doubts) == (Grade.EXACT, Grade.REVIEW, (CHANGED,))


@pytest.mark.parametrize("order", [(2, 3), (3, 2)])
async def test_two_corrections_in_one_batch_do_not_get_round_it(
    office: Office, order: tuple[int, int]
) -> None:
    await office.judge(recorded_dose(TAM, 1))
    versions = {2: recorded_dose(TAM, 1, 2, **UNKNOWN), 3: recorded_dose(BINH, 1, 3)}
    told = {
        one.version: one for one in await office.judge(*(versions[version] for version in order))
    }
    assert (told[2].doubts, told[3].grade, told[3].doubts) == ((CHANGED,), Grade.REVIEW, (CHANGED,))


async def test_back_to_the_first_person_nobody_has_to_look(office: Office) -> None:
    await office.judge(recorded_dose(TAM, 1))
    await office.corrected(1, recorded_dose(BINH, 1))
    told = await office.corrected(1, recorded_dose(TAM, 1))
    assert (told.grade, told.doubts) == (Grade.EXACT, ())
    assert office.certified[1].number == TAM.personal_id


async def test_the_same_person_in_another_spelling_is_nobodys_case(office: Office) -> None:
    await office.judge(recorded_dose(TAM, 1))
    told = await office.corrected(1, recorded_dose(TAM, 1, full_name="NGUYEN THI TAM"))
    assert (told.grade, told.doubts) == (Grade.REPAIRED, ())


async def test_officers_who_reject_the_new_person_leave_the_certificate_of_the_first(
    office: Office,
) -> None:
    await office.judge(recorded_dose(TAM, 1))
    await office.corrected(1, recorded_dose(BINH, 1))
    assert code(await office.decides(1, "reject")) == (200, "decided")
    [told] = await office.recheck()
    assert (told.grade, told.doubts) == (Grade.MISMATCH, (CHANGED,))
    assert office.certified[1].number == TAM.personal_id
    assert await office.state(1) == "closed"
    await office.corrected(1, recorded_dose(TAM, 1))
    assert office.certified[1].number == TAM.personal_id


async def test_a_change_that_was_confirmed_and_taken_back_ends_what_was_issued_by_it(
    office: Office,
) -> None:
    await office.judge(recorded_dose(TAM, 1))
    await office.corrected(1, recorded_dose(BINH, 1))
    await confirmed(office, 1, BINH.personal_id, FIRST, SECOND)
    # later versions of the same person rest on it too
    await office.corrected(1, recorded_dose(BINH, 1, full_name="TRAN QUOC BINH"))
    assert office.certified[1].number == BINH.personal_id
    await office.undoes(1)
    [told] = await office.recheck()
    assert (told.grade, told.person, told.doubts) == (Grade.REVIEW, None, ())
    assert [one.reason for one in told.attributes if one.name == "personal_id"] == ["ID_OF_ANOTHER"]
    assert office.certified[1].number is None
    assert (await office.gets("/cases/1"))["certified_as"]["version"] == 1
    # one officer is not enough to bring it back, nor is another version
    assert CHANGED in (await office.gets("/cases/1"))["reasons"]
    assert code(await office.decides(1, "confirm", FIRST, personal_id=BINH.personal_id)) == (
        200,
        "awaiting_second",
    )
    assert (await office.corrected(1, recorded_dose(BINH, 1))).person is None
    # the first person needs nobody
    assert (await office.corrected(1, recorded_dose(TAM, 1))).grade is Grade.EXACT


async def test_what_came_in_one_batch_with_a_confirmed_change_rests_on_it_too(
    office: Office,
) -> None:
    await office.judge(recorded_dose(TAM, 1))
    await office.corrected(1, recorded_dose(BINH, 1))
    for officer in (FIRST, SECOND):
        await office.decides(1, "confirm", officer, personal_id=BINH.personal_id)
    again, respelt = (
        recorded_dose(BINH, 1, 3),
        recorded_dose(BINH, 1, 4, full_name="TRAN QUOC BINH"),
    )
    assert [one.person is not None for one in await office.judge(again, respelt)] == [True, True]
    await office.undoes(1)
    assert (await office.corrected(1, respelt)).person is None
    assert office.certified[1].number is None


async def test_a_correction_that_overtakes_the_taking_back_ends_it_all_the_same(
    office: Office,
) -> None:
    await office.judge(recorded_dose(TAM, 1))
    await office.corrected(1, recorded_dose(BINH, 1))
    await confirmed(office, 1, BINH.personal_id, FIRST, SECOND)
    await office.undoes(1)
    told = await office.corrected(1, recorded_dose(CHAU, 1))
    assert (told.person, told.doubts) == (None, ())
    assert office.certified[1].number is None
    assert await office.recheck() == []


async def test_a_confirmed_change_does_not_serve_for_changing_to_and_fro(office: Office) -> None:
    await office.judge(recorded_dose(TAM, 1))
    await office.corrected(1, recorded_dose(BINH, 1))
    await confirmed(office, 1, BINH.personal_id, FIRST, SECOND)
    assert (await office.corrected(1, recorded_dose(TAM, 1))).doubts == (CHANGED,)
    await confirmed(office, 1, TAM.personal_id, FIRST, SECOND)
    assert office.certified[1].number == TAM.personal_id
    told = await office.corrected(1, recorded_dose(BINH, 1))
    assert (told.grade, told.doubts) == (Grade.REVIEW, (CHANGED,))


async def test_one_officers_confirmation_of_the_typed_number_does_not_change_who_a_dose_is(
    office: Office,
) -> None:
    await office.judge(recorded_dose(TAM, 1))
    # the number is typed, and the name nearly: of any other dose one officer would do
    told = await office.corrected(
        1, recorded_dose(CHAU, 1, full_name="Phạm Châu", date_of_birth="1982-07-21")
    )
    assert (told.person, told.doubts) == (None, (CHANGED,))
    assert code(await office.decides(1, "confirm", personal_id=CHAU.personal_id)) == (
        200,
        "awaiting_second",
    )


async def test_a_confirmation_of_before_the_certificate_does_not_lift_a_later_change(
    office: Office,
) -> None:
    await office.judge(recorded_dose(CHAU, 1, personal_id=""))
    assert await confirmed(office, 1, CHAU.personal_id, FIRST, SECOND) == [
        (200, "awaiting_second"),
        (200, "decided"),
    ]
    await office.corrected(1, recorded_dose(TAM, 1))
    await confirmed(office, 1, TAM.personal_id, FIRST, SECOND)
    assert office.certified[1].number == TAM.personal_id
    told = await office.corrected(1, recorded_dose(CHAU, 1, personal_id=""))
    assert (told.grade, told.doubts) == (Grade.REVIEW, (CHANGED,))


async def test_a_doubt_and_a_change_are_lifted_by_the_same_two_officers(office: Office) -> None:
    await office.judge(recorded_dose(TAM, 1))
    told = await office.corrected(1, doubted(recorded_dose(DUNG, 1), SECOND_HAND))
    assert told.doubts == (SECOND_HAND, CHANGED)
    await confirmed(office, 1, DUNG.personal_id, FIRST, SECOND)
    assert (office.told[1].grade, office.told[1].doubts) == (Grade.EXACT, ())


# foreigners


async def test_a_foreigner_may_be_put_right_but_not_become_another(office: Office) -> None:
    await office.judge(foreign(1))
    same: tuple[dict[str, Any], ...] = (
        {"full_name": "Anna MULLER"},
        {"passport_number": "C01X00T48"},
        {"date_of_birth": "1990-02-27"},
    )
    for right in same:
        await office.judge(foreign(2))
        told = await office.corrected(2, foreign(2, **right))
        assert (told.grade, told.doubts) == (Grade.EXEMPT, ()), right
        await office.corrected(2, foreign(2))
    another: tuple[dict[str, Any], ...] = (
        {"full_name": "Karl Schmidt", "date_of_birth": "1971-01-01"},
        {"full_name": "Karl Schmidt", "passport_number": "C99X00T47"},
        {"nationality": "FR", "full_name": "Karl Schmidt"},
    )
    for other in another:
        told = await office.corrected(1, foreign(1, **other))
        assert (told.grade, told.doubts) == (Grade.REVIEW, (CHANGED,)), other
        assert office.certified[1].number == "C01X00T47"


async def test_between_a_foreigner_and_a_registered_person_two_officers_decide(
    office: Office,
) -> None:
    await office.judge(foreign(1))
    assert (await office.corrected(1, recorded_dose(TAM, 1))).doubts == (CHANGED,)
    await office.judge(recorded_dose(TAM, 2))
    told = await office.corrected(2, foreign(2))
    assert (told.grade, told.doubts) == (Grade.REVIEW, (CHANGED,))
    assert await confirmed(office, 2, None, FIRST, version=2) == [(200, "awaiting_second")]
    assert await confirmed(office, 2, None, SECOND, version=2) == [(200, "decided")]
    assert office.certified[2].number == "C01X00T47"


async def test_a_foreigner_of_before_anything_was_kept_is_looked_at(office: Office) -> None:
    await office.judge(foreign(1))
    async with office.context.db.begin() as tx:
        await tx.raw.execute(
            "UPDATE verification SET number = NULL, used = NULL, typed = NULL WHERE dose_id = 1"
        )
    told = await office.corrected(1, foreign(1))
    assert (told.grade, told.doubts) == (Grade.REVIEW, (CHANGED,))


# the work of others at the same time


async def test_a_version_that_is_let_through_at_the_same_time_is_not_overlooked(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, late = cases.put, [recorded_dose(TAM, 1)]

    async def slowly(tx: Transaction, opened: Any) -> None:
        while late:
            # the first version, from the other lane, in a transaction of its own
            await office.judge(late.pop())
        await put(tx, opened)

    monkeypatch.setattr(cases, "put", slowly)
    with pytest.raises(TransientError):
        await office.judge(recorded_dose(BINH, 1, 2))
    [told] = await office.judge(recorded_dose(BINH, 1, 2))
    assert (told.grade, told.doubts) == (Grade.REVIEW, (CHANGED,))


async def test_a_first_version_that_comes_again_and_is_judged_otherwise_by_now_holds_nobody_up(
    office: Office,
) -> None:
    await office.judge(recorded_dose(TAM, 1))
    told = await office.judge(recorded_dose(TAM, 1, **UNKNOWN), recorded_dose(TAM, 1, 2))
    assert [one.grade for one in told] == [Grade.MISSING_ID, Grade.EXACT]


async def test_many_corrections_in_one_batch_are_looked_at_in_a_few_questions(
    office: Office,
) -> None:
    await office.judge(*(recorded_dose(TAM, n) for n in range(1, 300)))
    told = await office.judge(*(recorded_dose(BINH if n % 2 else TAM, n, 2) for n in range(1, 300)))
    assert {(one.dose_id % 2, one.grade) for one in told} == {(1, Grade.REVIEW), (0, Grade.EXACT)}
