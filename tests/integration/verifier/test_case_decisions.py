"""What officers decide takes effect by itself, on the doses that it is about and on no others."""

from typing import Any

from contracts.access import Role
from tests.integration.verifier.work import (
    BINH,
    CHAU,
    DUNG,
    ELSEWHERE,
    FIRST,
    GIANG,
    HANH,
    KHOI,
    LOAN,
    SECOND,
    TAM,
    Pipeline,
    typed,
)


def _code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", answer.json().get("state"))


async def test_two_officers_confirm_a_person_and_the_dose_is_issued_with_the_registrys_name(
    pipeline: Pipeline,
) -> None:
    [dose] = await pipeline.push(typed(TAM, personal_id="", full_name="Nguyễn Thị Tam"))
    case = await pipeline.case(dose)
    assert (case["state"], case["grade"]) == ("open", "missing_id")
    assert case["candidates"][0]["personal_id"] == TAM.personal_id
    assert {
        one["name"]: (one["typed"], one["registered"]) for one in case["candidates"][0]["disputed"]
    } == {
        "personal_id": (None, TAM.personal_id),
        "full_name": ("Nguyễn Thị Tam", "Nguyễn Thị Tâm"),
    }

    first = await pipeline.decides(dose, "confirm", FIRST, personal_id=TAM.personal_id)
    assert _code(first) == (200, "awaiting_second")
    assert (await pipeline.dose(dose))["state"] == "needs_correction"
    second = await pipeline.decides(dose, "confirm", SECOND, personal_id=TAM.personal_id)
    assert _code(second) == (200, "decided")

    issued = await pipeline.becomes(dose, lambda now: now["state"] == "issued")
    assert (issued["version"], issued["grade"]) == (2, "repaired")
    assert await pipeline.name_on_passport(TAM.personal_id) == "Nguyễn Thị Tâm"
    assert (await pipeline.case(dose))["state"] == "closed"
    newest = (await pipeline.verifications(dose, Role.POLICE, areas=["68"]))[-1]
    assert (newest["typed"]["full_name"], newest["used"]["full_name"]) == (
        "Nguyễn Thị Tam",
        "Nguyễn Thị Tâm",
    )
    assert newest["replaced"] == ["personal_id", "full_name"]


async def test_one_officer_twice_or_two_with_different_persons_confirm_nothing(
    pipeline: Pipeline,
) -> None:
    [dose] = await pipeline.push(typed(BINH, personal_id=""))
    assert _code(await pipeline.decides(dose, "confirm", FIRST, personal_id=BINH.personal_id)) == (
        200,
        "awaiting_second",
    )
    assert _code(await pipeline.decides(dose, "confirm", FIRST, personal_id=BINH.personal_id)) == (
        409,
        "SECOND_OFFICER_NEEDED",
    )
    other = {"personal_id": TAM.personal_id, "reason": "seen with her card"}
    assert _code(await pipeline.decides(dose, "confirm", SECOND, **other)) == (
        409,
        "DECISIONS_DIFFER",
    )
    now = await pipeline.dose(dose)
    assert (now["version"], now["state"]) == (1, "needs_correction")
    assert (await pipeline.case(dose))["state"] == "awaiting_second"


async def test_one_officer_is_enough_where_the_typed_number_is_confirmed(
    pipeline: Pipeline,
) -> None:
    [dose] = await pipeline.push(typed(CHAU, full_name="Phạm Châu", date_of_birth="1982-07-21"))
    assert (await pipeline.case(dose))["state"] == "open"
    assert _code(await pipeline.decides(dose, "confirm", personal_id=CHAU.personal_id)) == (
        200,
        "decided",
    )
    issued = await pipeline.becomes(dose, lambda now: now["state"] == "issued")
    assert issued["grade"] == "repaired"
    assert await pipeline.name_on_passport(CHAU.personal_id) == "Phạm Minh Châu"


async def test_a_rejected_person_is_suggested_no_more_and_the_dose_stays_to_be_corrected(
    pipeline: Pipeline,
) -> None:
    [dose] = await pipeline.push(typed(DUNG, personal_id=""))
    assert _code(await pipeline.decides(dose, "reject", personal_id=DUNG.personal_id)) == (
        200,
        "decided",
    )
    now = await pipeline.becomes(
        dose, lambda now: now["version"] == 2 and now["state"] != "pending"
    )
    assert (now["state"], now["grade"]) == ("needs_correction", "missing_id")
    newest = (await pipeline.verifications(dose, Role.POLICE, areas=["68"]))[-1]
    assert DUNG.personal_id not in [one["personal_id"] for one in newest["suggestions"]]
    assert (await pipeline.case(dose))["state"] == "closed"


async def test_a_rejected_bearer_of_the_typed_number_is_no_match(pipeline: Pipeline) -> None:
    [dose] = await pipeline.push(typed(KHOI, full_name="Vo Khoi", date_of_birth="1986-11-01"))
    assert (await pipeline.case(dose))["state"] == "open"
    assert _code(await pipeline.decides(dose, "reject")) == (200, "decided")
    now = await pipeline.becomes(
        dose, lambda now: now["version"] == 2 and now["state"] != "pending"
    )
    assert (now["state"], now["grade"]) == ("needs_correction", "mismatch")


async def test_a_case_waits_for_papers_and_is_then_decided(pipeline: Pipeline) -> None:
    [dose] = await pipeline.push(typed(GIANG, personal_id=""))
    assert _code(await pipeline.decides(dose, "confirm", FIRST, personal_id=GIANG.personal_id)) == (
        200,
        "awaiting_second",
    )
    assert _code(await pipeline.decides(dose, "papers", SECOND)) == (200, "asked_for_papers")
    # the first confirmation is off the table: it takes two again
    assert _code(
        await pipeline.decides(dose, "confirm", SECOND, personal_id=GIANG.personal_id)
    ) == (200, "awaiting_second")
    assert _code(await pipeline.decides(dose, "confirm", FIRST, personal_id=GIANG.personal_id)) == (
        200,
        "decided",
    )
    await pipeline.becomes(dose, lambda now: now["state"] == "issued")
    assert _code(await pipeline.decides(dose, "papers")) == (409, "CASE_NOT_WAITING")


async def test_undoing_a_decision_revokes_the_certificate_and_opens_the_case_again(
    pipeline: Pipeline,
) -> None:
    [dose] = await pipeline.push(typed(HANH, personal_id=""))
    assert _code(await pipeline.undoes(dose)) == (409, "NOTHING_DECIDED")
    for officer in (FIRST, SECOND):
        await pipeline.decides(dose, "confirm", officer, personal_id=HANH.personal_id)
    issued = await pipeline.becomes(dose, lambda now: now["state"] == "issued")
    assert (await pipeline.certificate(issued["uvci"]))["status"] == "valid"

    assert (await pipeline.undoes(dose, SECOND)).status_code == 200
    now = await pipeline.becomes(
        dose, lambda now: now["version"] == 3 and now["state"] != "pending"
    )
    assert now["state"] == "needs_correction"
    await pipeline.status_becomes(issued["uvci"], "revoked")
    assert (await pipeline.case(dose))["state"] == "open"


async def test_a_decision_holds_for_the_typed_content_alone(pipeline: Pipeline) -> None:
    [dose] = await pipeline.push(typed(LOAN, personal_id=""))
    for officer in (FIRST, SECOND):
        await pipeline.decides(dose, "confirm", officer, personal_id=LOAN.personal_id)
    await pipeline.becomes(dose, lambda now: now["state"] == "issued")
    async with pipeline.running.client() as client:
        body = {"person": {"full_name": "Bùi Kiều Lan"}, "reason": "other person"}
        assert (await client.patch(f"/records/v1/doses/{dose}", json=body)).status_code == 200
    now = await pipeline.becomes(
        dose, lambda now: now["version"] == 3 and now["state"] != "pending"
    )
    assert now["state"] in ("needs_correction", "in_review")


async def test_a_decision_sent_twice_with_one_key_is_made_once(pipeline: Pipeline) -> None:
    [dose] = await pipeline.push(typed(LOAN, personal_id=""))
    key = f"decision-{dose}"
    answers = [
        await pipeline.decides(dose, "confirm", FIRST, personal_id=LOAN.personal_id, key=key)
        for _ in range(2)
    ]
    assert [_code(one) for one in answers] == [(200, "awaiting_second")] * 2
    other = await pipeline.decides(dose, "papers", FIRST, key=key)
    assert _code(other) == (422, "IDEMPOTENCY_KEY_REUSED")


async def test_a_decision_taken_back_twice_with_one_key_is_taken_back_once(
    pipeline: Pipeline,
) -> None:
    [dose] = await pipeline.push(typed(GIANG, personal_id=""))
    assert _code(await pipeline.decides(dose, "confirm", personal_id=GIANG.personal_id)) == (
        200,
        "awaiting_second",
    )
    key = f"undo-{dose}"
    answers = [await pipeline.undoes(dose, key=key) for _ in range(2)]
    assert [_code(one) for one in answers] == [(200, "open")] * 2
    assert _code(await pipeline.undoes(dose)) == (409, "NOTHING_DECIDED")
    undone = [act for _, act in await pipeline.acts(dose) if act == "case_undo"]
    assert len(undone) == 1


async def test_verifying_anew_leaves_every_batch_and_certificate_accounted_for(
    pipeline: Pipeline,
) -> None:
    dose, gone = await pipeline.push(typed(LOAN, personal_id=""), typed(LOAN, personal_id=""))
    for officer in (FIRST, SECOND):
        await pipeline.decides(dose, "confirm", officer, personal_id=LOAN.personal_id)
    async with pipeline.running.client() as client:
        assert (await client.delete(f"/records/v1/doses/{gone}")).status_code == 200
    await pipeline.becomes(dose, lambda now: now["state"] == "issued")
    assert (await pipeline.dose(gone))["state"] == "withdrawn"
    assert _code(await pipeline.decides(gone, "papers"))[0] in (404, 409)
    assert await pipeline.off() == []


async def _repaired(pipeline: Pipeline) -> tuple[int, dict[str, Any]]:
    """A dose that the machine repaired, and how records has it."""
    [dose] = await pipeline.push(typed(HANH, full_name="DANG BICH HANH"))
    issued = await pipeline.dose(dose)
    assert (issued["state"], issued["grade"]) == ("issued", "repaired")
    return dose, issued


async def test_the_police_see_a_repair_and_reject_it_and_what_was_issued_by_it_is_revoked(
    pipeline: Pipeline,
) -> None:
    dose, issued = await _repaired(pipeline)
    case = await pipeline.case(dose)
    assert (case["state"], case["grade"], case["reasons"]) == (
        "closed",
        "repaired",
        ["DIACRITICS_MISSING"],
    )
    [used] = case["candidates"]
    assert (
        used["personal_id"],
        [(one["name"], one["typed"], one["registered"]) for one in used["disputed"]],
    ) == (
        HANH.personal_id,
        [("full_name", "DANG BICH HANH", HANH.full_name)],
    )

    assert _code(await pipeline.decides(dose, "reject")) == (200, "decided")
    now = await pipeline.becomes(
        dose, lambda now: now["version"] == 2 and now["state"] != "pending"
    )
    assert (now["state"], now["grade"]) == ("needs_correction", "mismatch")
    await pipeline.status_becomes(issued["uvci"], "revoked")
    assert (FIRST, "case_reject") in await pipeline.acts(dose)


async def test_a_rejected_repair_stays_rejected_for_the_same_data_only(
    pipeline: Pipeline,
) -> None:
    dose, _ = await _repaired(pipeline)
    assert _code(await pipeline.decides(dose, "reject", personal_id=HANH.personal_id)) == (
        200,
        "decided",
    )
    await pipeline.becomes(dose, lambda now: now["version"] == 2 and now["state"] != "pending")
    async with pipeline.running.client() as client:
        again = {"lot": "FK0113", "reason": "misread on the vial"}
        assert (await client.patch(f"/records/v1/doses/{dose}", json=again)).status_code == 200
        now = await pipeline.becomes(
            dose, lambda now: now["version"] == 3 and now["state"] != "pending"
        )
        assert (now["state"], now["grade"]) == ("needs_correction", "mismatch")
        right = {"person": {"full_name": HANH.full_name}, "reason": "seen on the papers"}
        assert (await client.patch(f"/records/v1/doses/{dose}", json=right)).status_code == 200
    assert (
        await pipeline.becomes(dose, lambda now: now["version"] == 4 and now["state"] == "issued")
    )["grade"] == "exact"


async def test_a_rejection_of_a_repair_can_be_undone(pipeline: Pipeline) -> None:
    dose, issued = await _repaired(pipeline)
    assert _code(await pipeline.undoes(dose)) == (409, "NOTHING_DECIDED")
    assert _code(await pipeline.decides(dose, "reject")) == (200, "decided")
    await pipeline.becomes(dose, lambda now: now["version"] == 2 and now["state"] != "pending")
    assert _code(await pipeline.undoes(dose, SECOND)) == (200, "closed")
    again = await pipeline.becomes(
        dose, lambda now: now["version"] == 3 and now["state"] == "issued"
    )
    assert again["grade"] == "repaired"
    assert again["uvci"] != issued["uvci"]


async def test_a_repair_can_be_rejected_by_the_areas_police_alone(
    pipeline: Pipeline,
) -> None:
    dose, _ = await _repaired(pipeline)
    assert _code(await pipeline.decides(dose, "papers")) == (409, "CASE_NOT_WAITING")
    assert _code(await pipeline.decides(dose, "confirm", personal_id=HANH.personal_id)) == (
        409,
        "CASE_NOT_WAITING",
    )
    async with pipeline.officer(area=ELSEWHERE) as client:
        assert (await client.get(f"/verifier/v1/cases/{dose}")).status_code == 404
        body = {"decision": "reject", "note_code": "OTHER_PERSON"}
        assert (
            await client.post(f"/verifier/v1/cases/{dose}/decision", json=body)
        ).status_code == 404
    async with pipeline.running.client(Role.STATION, areas=["68"]) as client:
        assert (
            await client.post(f"/verifier/v1/cases/{dose}/decision", json=body)
        ).status_code == 403
    assert _code(await pipeline.decides(dose, "reject", personal_id=CHAU.personal_id)) == (
        409,
        "PERSON_NOT_USED",
    )
    [exact] = await pipeline.push(typed(HANH))
    assert _code(await pipeline.decides(exact, "reject")) == (404, "CASE_NOT_FOUND")
    assert (await pipeline.dose(dose))["state"] == "issued"


async def test_what_officers_confirmed_is_taken_back_and_not_rejected(pipeline: Pipeline) -> None:
    [dose] = await pipeline.push(typed(CHAU, full_name="Phạm Châu", date_of_birth="1982-07-21"))
    assert _code(await pipeline.decides(dose, "confirm", personal_id=CHAU.personal_id)) == (
        200,
        "decided",
    )
    await pipeline.becomes(dose, lambda now: now["state"] == "issued")
    assert _code(await pipeline.decides(dose, "reject")) == (409, "CASE_NOT_WAITING")
