"""Nobody is confirmed against the evidence without two officers, each of whom says why; their words
are kept sealed.
"""

from pathlib import Path
from typing import Any

import pytest

from contracts.access import Role
from contracts.words import Grade
from services.verifier.context import Context
from tests.integration.verifier.office import Office, code
from tests.integration.verifier.work import (
    BINH,
    CHAU,
    DUNG,
    FIRST,
    KHOI,
    SECOND,
    TAM,
    recorded_dose,
)
from tests.support.tokens import TestIssuer

WHY, BECAUSE = "Đã xem sổ hộ khẩu", "Đã gặp người này"


@pytest.fixture
def office(context: Context, tmp_path: Path) -> Office:
    """Over a registry in this process."""
    return Office(context, TestIssuer(tmp_path / "issuer"))


async def test_a_stranger_is_confirmed_by_two_officers_who_both_say_why(office: Office) -> None:
    await office.judge(recorded_dose(TAM, 1, personal_id="", full_name="Nguyễn Thị Tam"))
    stranger = {"personal_id": BINH.personal_id}
    assert code(await office.decides(1, "confirm", FIRST, **stranger)) == (422, "REASON_MISSING")
    assert code(await office.decides(1, "confirm", FIRST, **stranger, reason=WHY)) == (
        200,
        "awaiting_second",
    )
    assert code(await office.decides(1, "confirm", SECOND, **stranger)) == (422, "REASON_MISSING")
    assert await office.state(1) == "awaiting_second"
    assert code(await office.decides(1, "confirm", FIRST, **stranger, reason=WHY)) == (
        409,
        "SECOND_OFFICER_NEEDED",
    )
    assert code(await office.decides(1, "confirm", SECOND, **stranger, reason=BECAUSE)) == (
        200,
        "decided",
    )

    [made] = (await office.gets("/cases/1"))["decisions"]
    assert (made["decision"], made["personal_ids"], made["in_force"]) == (
        "confirm",
        [BINH.personal_id],
        True,
    )
    assert (made["decided_by"], made["reason"], made["approved_by"], made["approval_reason"]) == (
        FIRST,
        WHY,
        SECOND,
        BECAUSE,
    )
    for role in (Role.STATION, Role.PROVINCE):
        assert (await office.gets("/cases/1", role))["decisions"] == []
    [told] = await office.recheck()
    assert (told.grade, office.certified[1].number) == (Grade.REPAIRED, BINH.personal_id)


async def test_the_typed_numbers_holder_of_another_name_and_birth_date_takes_two_who_say_why(
    office: Office,
) -> None:
    # all but the number is somebody else's
    await office.judge(recorded_dose(BINH, 1, personal_id=CHAU.personal_id))
    holder = {"personal_id": CHAU.personal_id}
    assert code(await office.decides(1, "confirm", **holder)) == (422, "REASON_MISSING")
    assert code(await office.decides(1, "confirm", **holder, reason=WHY)) == (
        200,
        "awaiting_second",
    )
    assert await office.recheck() == []


@pytest.mark.parametrize(
    "typed", [{"full_name": "Quách Tĩnh"}, {"date_of_birth": "1950-02-03"}], ids=str
)
async def test_the_typed_numbers_holder_whose_name_or_birth_date_agrees_takes_one(
    office: Office, typed: dict[str, Any]
) -> None:
    await office.judge(recorded_dose(DUNG, 1, **typed))
    assert code(await office.decides(1, "confirm", personal_id=DUNG.personal_id)) == (
        200,
        "decided",
    )


async def test_a_candidate_takes_two_and_no_reason_but_one_is_kept_where_given(
    office: Office,
) -> None:
    await office.judge(recorded_dose(KHOI, 1, personal_id=""))
    khoi = {"personal_id": KHOI.personal_id}
    assert code(await office.decides(1, "confirm", FIRST, **khoi, reason=WHY)) == (
        200,
        "awaiting_second",
    )
    assert code(await office.decides(1, "confirm", SECOND, **khoi)) == (200, "decided")
    [made] = (await office.gets("/cases/1"))["decisions"]
    assert (made["reason"], made["approval_reason"]) == (WHY, None)


async def test_a_reason_is_from_3_to_500_signs_and_never_repeated_in_the_answer(
    office: Office,
) -> None:
    await office.judge(recorded_dose(KHOI, 1, personal_id=""))
    for reason in ("", "  x  ", "ab", "x" * 501, "một\x00hai", 7):
        answer = await office.decides(1, "confirm", personal_id=KHOI.personal_id, reason=reason)
        assert answer.status_code == 422, reason
        assert str(reason).strip() not in answer.text or len(str(reason).strip()) < 3
    assert code(await office.decides(1, "reject", reason="x" * 500)) == (200, "decided")


async def test_an_officers_words_stand_sealed_in_the_database_and_in_no_other_table(
    office: Office,
) -> None:
    await office.judge(recorded_dose(KHOI, 1, personal_id=""))
    for officer in (FIRST, SECOND):
        await office.decides(1, "confirm", officer, personal_id=KHOI.personal_id, reason=WHY)
    async with office.context.db.begin() as tx:
        tables = [
            row["tablename"]
            for row in await tx.raw.fetch(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            )
        ]
        for table in tables:
            rows = await tx.raw.fetch(f"SELECT * FROM {table}")
            assert WHY not in str([dict(row) for row in rows]), table
            assert WHY.encode() not in b"".join(
                value for row in rows for value in row.values() if isinstance(value, bytes)
            ), table


async def test_a_decision_names_the_version_that_was_looked_at(office: Office) -> None:
    await office.judge(recorded_dose(KHOI, 1, personal_id=""))
    await office.corrected(1, recorded_dose(KHOI, 1, personal_id=""))
    khoi = {"personal_id": KHOI.personal_id}
    assert code(await office.decides(1, "confirm", **khoi, version=1)) == (409, "CASE_CHANGED")
    assert code(await office.decides(1, "confirm", **khoi, version=2)) == (200, "awaiting_second")
