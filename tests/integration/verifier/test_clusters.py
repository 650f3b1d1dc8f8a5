"""A rule of records, and what the verifier makes of the doses that it mended."""

from contracts.access import Role
from contracts.words import State
from tests.integration.verifier.work import FACILITY, TAM, Pipeline, typed

_CLUSTER = f"/records/v1/clusters/facility-{FACILITY}-NAME_ENCODING"
_RULE = {"rule": "DECODE_NAME"}


async def test_a_slip_behind_an_old_encoding_is_repaired_and_comes_back_with_the_undo(
    pipeline: Pipeline,
) -> None:
    # Nguyễn Tâm in TCVN3, its middle name left out: two slips, which only people may decide
    [dose] = await pipeline.push(typed(TAM, full_name="NguyÔn T©m"))
    waiting = await pipeline.dose(dose)
    assert (waiting["state"], [error["code"] for error in waiting["errors"]]) == (
        State.NEEDS_CORRECTION,
        ["NAME_DIFFERS"],
    )
    async with pipeline.running.client(Role.FACILITY, facility=FACILITY) as client:
        preview = (await client.post(f"{_CLUSTER}/preview", json=_RULE)).json()
        assert [
            change
            for one in preview["examples"]
            if one["dose_id"] == dose
            for change in one["changes"]
        ] == [{"field": "full_name", "before": "NguyÔn T©m", "after": "Nguyễn Tâm"}]
        run = (
            await client.post(
                f"{_CLUSTER}/apply", json={**_RULE, "preview_token": preview["preview_token"]}
            )
        ).json()
        assert run["changed"] == 1
        issued = await pipeline.becomes(dose, lambda found: found["state"] == State.ISSUED)
        assert (issued["version"], issued["grade"], issued["person"]["full_name"]) == (
            2,
            "repaired",
            "Nguyễn Tâm",
        )
        assert await pipeline.name_on_passport(TAM.personal_id) == "Nguyễn Thị Tâm"
        assert (await client.post(f"/records/v1/rule-runs/{run['run_id']}/undo")).json()[
            "restored"
        ] == 1
    back = await pipeline.becomes(dose, lambda found: found["state"] == State.NEEDS_CORRECTION)
    assert (back["version"], back["person"]["full_name"]) == (3, "NguyÔn T©m")
    # who it is about is in question again: that ends nobody's certificate, but two officers decide
    assert "PERSON_CHANGED" in [error["code"] for error in back["errors"]]
    assert (await pipeline.certificate(issued["uvci"]))["status"] == "valid"
