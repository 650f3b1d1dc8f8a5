"""Who sees what of a case: the police of the area all that is disputed, others hints, and each look
is written down.
"""

import json

from contracts.access import Role
from tests.integration.verifier.work import (
    AREA,
    ELSEWHERE,
    FACILITY,
    FIRST,
    SECOND,
    SON,
    Pipeline,
    typed,
)

WRONG = {"personal_id": "", "full_name": "Tô Hoai Son", "date_of_birth": "1993-06-26"}


async def test_police_and_stations_of_another_area_see_no_such_case(pipeline: Pipeline) -> None:
    [dose] = await pipeline.push(typed(SON, **WRONG))
    for role in (Role.POLICE, Role.STATION, Role.PROVINCE):
        async with pipeline.running.client(role, areas=[ELSEWHERE]) as client:
            assert (await client.get(f"/verifier/v1/cases/{dose}")).status_code == 404
            listed = (await client.get("/verifier/v1/cases", params={"limit": 1000})).json()
            assert dose not in [one["id"] for one in listed["items"]]
    async with pipeline.officer(area=ELSEWHERE) as client:
        body = {"decision": "papers", "note_code": "OTHER"}
        assert (
            await client.post(f"/verifier/v1/cases/{dose}/decision", json=body)
        ).status_code == 404
        assert (await client.delete(f"/verifier/v1/cases/{dose}/decision")).status_code == 404


async def test_a_case_is_listed_by_area_state_and_reason_page_by_page(pipeline: Pipeline) -> None:
    doses = await pipeline.push(*(typed(SON, **WRONG) for _ in range(3)))
    async with pipeline.officer() as client:
        found: list[int] = []
        cursor: dict[str, str] = {}
        while True:
            asked = {"state": "open", "reason": "ID_MISSING", "limit": "2", **cursor}
            page = (await client.get("/verifier/v1/cases", params=asked)).json()
            found += [one["id"] for one in page["items"]]
            if page["next"] is None:
                break
            cursor = {"cursor": page["next"]}
        assert found == sorted(set(found))
        assert set(doses) <= set(found)
        other = (
            await client.get("/verifier/v1/cases", params={"reason": "OLD_ID", "limit": 1000})
        ).json()
        assert not set(doses) & {one["id"] for one in other["items"]}


async def test_others_than_the_police_see_hints_of_a_case_and_no_value(pipeline: Pipeline) -> None:
    [dose] = await pipeline.push(typed(SON, **WRONG))
    for role in (Role.STATION, Role.PROVINCE):
        async with pipeline.running.client(role, areas=["68"]) as client:
            case = (await client.get(f"/verifier/v1/cases/{dose}")).json()
        [candidate] = case["candidates"]
        assert candidate["personal_id"] == "068*********"
        assert [
            (one["name"], one["typed"], one["registered"]) for one in candidate["disputed"]
        ] == [
            ("personal_id", None, None),
            ("full_name", None, None),
        ]
        assert not _told(case, SON.personal_id, "Hoài", "Sơn")


async def test_a_facility_sees_nothing_of_the_registry_beyond_what_it_typed(
    pipeline: Pipeline,
) -> None:
    wrong = {
        "full_name": "Tô Hoai Son",
        "date_of_birth": "1993-06-20",
        "personal_id": "068093000042",
    }
    waiting, repaired = await pipeline.push(
        typed(SON, **wrong), typed(SON, full_name="To Hoai Son")
    )
    assert (await pipeline.dose(repaired))["grade"] == "repaired"
    for dose in (waiting, repaired):
        told = await pipeline.verifications(dose, Role.FACILITY, facility=FACILITY)
        assert told
        assert not _told(told, SON.personal_id, "Hoài", "Sơn", "1993-06-26", "26/06/1993")
        assert [(one["typed"], one["used"]) for one in told] == [(None, None)]
    assert (await pipeline.verifications(repaired, Role.FACILITY, facility=FACILITY))[0][
        "replaced"
    ] == ["full_name"]
    [undecided] = await pipeline.verifications(waiting, Role.FACILITY, facility=FACILITY)
    assert [one["personal_id"] for one in undecided["suggestions"]] == ["068*********"]
    async with pipeline.running.client(Role.FACILITY, facility=FACILITY) as client:
        assert (await client.get(f"/verifier/v1/cases/{waiting}")).status_code == 403


async def test_every_look_at_a_case_and_every_act_on_it_is_written_down(pipeline: Pipeline) -> None:
    [dose] = await pipeline.push(typed(SON, **WRONG))
    async with pipeline.officer() as client:
        await client.get("/verifier/v1/cases", params={"limit": 1000})
        await client.get(f"/verifier/v1/cases/{dose}")
        await client.get("/verifier/v1/verifications", params={"dose_id": dose})
    await pipeline.decides(dose, "papers", SECOND)
    await pipeline.decides(dose, "confirm", FIRST, personal_id=SON.personal_id)
    await pipeline.undoes(dose, SECOND)
    assert await pipeline.acts(dose) == [
        (FIRST, "case_list"),
        (FIRST, "case_read"),
        (FIRST, "read"),
        (SECOND, "case_papers"),
        (FIRST, "case_confirm"),
        (SECOND, "case_undo"),
    ]


async def test_a_number_that_nobody_has_cannot_be_confirmed(pipeline: Pipeline) -> None:
    [dose] = await pipeline.push(typed(SON, **WRONG))
    refused = await pipeline.decides(dose, "confirm", personal_id="068093999999")
    assert (refused.status_code, refused.json()["code"]) == (422, "PERSON_NOT_FOUND")
    refused = await pipeline.decides(dose, "confirm")
    assert (refused.status_code, refused.json()["code"]) == (422, "PERSON_MISSING")
    assert AREA in (await pipeline.case(dose))["residence"]


async def test_a_person_without_a_residence_is_a_case_of_the_facilitys_province(
    pipeline: Pipeline,
) -> None:
    nowhere = dict.fromkeys(("province_code", "district_code", "commune_code"), "")
    [dose] = await pipeline.push(typed(SON, **WRONG, **nowhere))
    async with pipeline.officer(area="68") as client:
        assert (await client.get(f"/verifier/v1/cases/{dose}")).status_code == 200
    async with pipeline.officer(area=ELSEWHERE) as client:
        assert (await client.get(f"/verifier/v1/cases/{dose}")).status_code == 404


def _told(answer: object, *secrets: str) -> list[str]:
    text = json.dumps(answer, ensure_ascii=False)
    return [secret for secret in secrets if secret in text]
