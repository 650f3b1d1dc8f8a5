"""Errors with one cause: found, shown within reach, mended by one rule, put back."""

import asyncio

import pytest
from sqlalchemy import func, select

from contracts.access import Role
from contracts.words import Grade, Reason
from services.chassis.paging import make_cursor
from services.records.clusters import cluster_search
from services.records.doses import store as doses
from services.records.schema import dose, rule_run
from tests.integration.records.conftest import Caller, Judgement, Records
from tests.integration.records.histories import rechecked
from tests.support.files import typed

PHONE: Judgement = (Grade.ILL_FORMED_ID, [Reason.ID_IS_PHONE_NUMBER])
RULE = {"rule": "PHONE_TO_ITS_FIELD"}
CLUSTER = "facility-68001-ID_IS_PHONE_NUMBER"


async def habit(records: Records, wrong: int = 12) -> None:
    """At facility 68001 phone numbers stand in the ID column; 68002 makes all sorts of errors;
    68003 makes none.
    """
    habitual = [
        typed(
            n, source_id=f"w{n}", personal_id=f"09123456{n:02}", phone="", full_name=f"Lê Thị {n}"
        )
        for n in range(wrong)
    ]
    usual = [typed(n, source_id=f"u{n}", facility_code="68002") for n in range(40)]
    good = [typed(n, source_id=f"g{n}", facility_code="68003") for n in range(200)]
    await records.record([*habitual, *usual, *good])
    repaired: Judgement = (Grade.REPAIRED, [Reason.TONE_DIFFERS])
    await records.judge({
        **{f"w{n}": PHONE for n in range(wrong)},
        "u0": PHONE, "u1": repaired, "u2": (Grade.MISMATCH, [Reason.NAME_DIFFERS]),
        **{f"u{n}": (Grade.EXACT, []) for n in range(3, 40)},
        **{f"g{n}": (Grade.EXACT, []) for n in range(200)},
    })  # fmt: skip
    await records.caller().post("/clusters/search")


async def states(caller: Caller) -> dict[str, int]:
    [line] = [
        line
        for line in (await caller.get("/progress", by="facility"))["items"]
        if line["group"] == "68001"
    ]
    return {state: count for state, count in line["states"].items() if count}


async def test_a_facilitys_habit_is_found_and_its_neighbours_odd_errors_are_not(
    records: Records,
) -> None:
    await habit(records)
    [cluster] = (await records.caller(Role.FACILITY, facility="68001").get("/clusters"))["items"]
    assert (cluster["cluster_id"], cluster["doses"], cluster["waiting"], cluster["total"]) == (
        CLUSTER,
        12,
        12,
        12,
    )
    assert cluster["share"] == 1.0
    assert cluster["share_elsewhere"] < 0.05
    assert cluster["rule"]["code"] == RULE["rule"]
    assert [example["typed"] for example in cluster["examples"]] == [
        "0912345600",
        "0912345601",
        "0912345602",
    ]
    assert cluster["examples"][0]["proposals"][0]["changes"][0] == {
        "field": "personal_id",
        "before": "0912345600",
        "after": "",
    }


async def test_a_process_that_starts_anew_finds_that_there_was_a_search_and_leaves_its_clusters(
    records: Records,
) -> None:
    await habit(records)
    found = (await records.caller().get("/clusters"))["items"]
    await cluster_search.search_if_stale(records.context, records.context.clock())
    assert (await records.caller().get("/clusters"))["items"] == found


async def test_one_upload_that_lost_its_zeros_is_found_among_the_facilitys_good_ones(
    records: Records,
) -> None:
    await records.record([typed(n, source_id=f"good{n}") for n in range(300)])
    lost = await records.record(
        [typed(n, source_id=f"lost{n}", personal_id=f"681800000{n:02}") for n in range(10)]
    )
    scattered = [typed(n, source_id=f"s{n}", personal_id="68180000001") for n in range(1)]
    await records.record(scattered)
    zero: Judgement = (Grade.NOT_FOUND, [Reason.ID_LEADING_ZERO_LOST])
    await records.judge(
        {
            **{f"good{n}": (Grade.EXACT, []) for n in range(300)},
            **{f"lost{n}": zero for n in range(10)},
            "s0": zero,
        }
    )
    await records.caller().post("/clusters/search")
    found = {one["cluster_id"]: one for one in (await records.caller().get("/clusters"))["items"]}
    batch = found[f"batch-{lost['batch_id']}-ID_LEADING_ZERO_LOST"]
    assert (batch["doses"], batch["total"], batch["batch_id"]) == (10, 10, lost["batch_id"])


async def test_doses_that_were_repaired_count_and_are_not_mended_again(records: Records) -> None:
    await records.record(
        [typed(n, source_id=f"r{n}", date_of_birth="03/05/1980") for n in range(20)]
    )
    await records.record([typed(n, source_id=f"g{n}", facility_code="68003") for n in range(100)])
    swapped: Judgement = (Grade.REPAIRED, [Reason.DAY_MONTH_SWAPPED])
    await records.judge({f"r{n}": swapped for n in range(20)})
    await records.caller().post("/clusters/search")
    [cluster] = (await records.caller().get("/clusters"))["items"]
    assert (cluster["doses"], cluster["waiting"]) == (20, 0)
    answer = await records.caller().ask(
        "POST", f"/clusters/{cluster['cluster_id']}/preview", json={"rule": "SWAP_DAY_MONTH"}
    )
    assert answer.status_code == 404


async def test_what_is_nearly_everything_on_record_is_no_cluster(
    records: Records,
) -> None:
    await records.record(
        [typed(n, source_id=f"w{n}", personal_id=f"09123456{n:02}") for n in range(50)]
    )
    await records.judge({f"w{n}": PHONE for n in range(50)})
    await records.caller().post("/clusters/search")
    assert (await records.caller().get("/clusters"))["items"] == []


async def test_a_cursor_of_another_list_or_with_half_a_letter_is_refused(records: Records) -> None:
    for cursor in (make_cursor(1), make_cursor(1, "x"), make_cursor(1, "facility-68001-\ud800")):
        assert (
            await records.caller().ask("GET", "/clusters", params={"cursor": cursor})
        ).status_code == 422
    assert (
        await records.caller().ask("GET", "/clusters", params={"cursor": make_cursor(1, CLUSTER)})
    ).status_code == 200


async def test_nobody_sees_or_mends_a_cluster_beyond_reach(records: Records) -> None:
    await habit(records)
    for role, limits in (
        (Role.FACILITY, {"facility": "68002"}),
        (Role.PROVINCE, {"areas": ["79"]}),
    ):
        other = records.caller(role, **limits)
        assert (await other.get("/clusters"))["items"] == []
        assert (
            await other.ask("POST", f"/clusters/{CLUSTER}/preview", json=RULE)
        ).status_code == 404
    for role, limits in (
        (Role.FACILITY, {"facility": "68001"}),
        (Role.PROVINCE, {"areas": ["68"]}),
    ):
        assert len((await records.caller(role, **limits).get("/clusters"))["items"]) == 1
    assert (
        await records.caller(Role.STATION, areas=["68"]).ask("GET", "/clusters")
    ).status_code == 403


async def test_a_rule_is_previewed_applied_as_new_versions_once_and_undone(
    records: Records,
) -> None:
    await habit(records)
    facility, ids = records.caller(Role.FACILITY, facility="68001"), await records.ids()
    preview = await facility.post(f"/clusters/{CLUSTER}/preview", RULE)
    assert (preview["waiting"], preview["would_change"], len(preview["examples"])) == (12, 12, 12)
    assert await states(facility) == {"needs_correction": 12}

    chosen = {**RULE, "preview_token": preview["preview_token"]}
    run = await facility.post(f"/clusters/{CLUSTER}/apply", chosen)
    assert (run["changed"], run["rule"], run["undone_at"]) == (12, RULE["rule"], None)
    assert await states(facility) == {"pending": 12}
    assert (await facility.get("/worklist"))["items"] == []
    dose = await facility.get(f"/doses/{ids['w3']}")
    assert (dose["version"], dose["person"]["personal_id"], dose["person"]["phone"]) == (
        2,
        "",
        "0912345603",
    )
    assert (dose["history"][0]["reason"], dose["history"][0]["replaced_by"]) == (
        f"cluster {RULE['rule']}",
        run["applied_by"],
    )
    assert await facility.post(f"/clusters/{CLUSTER}/apply", chosen) == run
    assert await records.caller().post(f"/clusters/{CLUSTER}/apply", chosen) == run
    assert (await facility.get(f"/doses/{ids['w3']}"))["version"] == 2
    stranger = records.caller(Role.FACILITY, facility="68002")
    assert (
        await stranger.ask("POST", f"/clusters/{CLUSTER}/apply", json=chosen)
    ).status_code == 404
    other = {**chosen, "preview_token": "0123456789abcdef"}
    assert (await facility.ask("POST", f"/clusters/{CLUSTER}/apply", json=other)).status_code == 404

    await facility.ask(
        "PATCH",
        f"/doses/{ids['w0']}",
        json={"reason": "asked her", "person": {"personal_id": "068180000009"}},
    )
    assert (
        await records.caller(Role.FACILITY, facility="68002").ask(
            "POST", f"/rule-runs/{run['run_id']}/undo"
        )
    ).status_code == 404
    for _ in range(2):
        undone = await facility.post(f"/rule-runs/{run['run_id']}/undo")
        assert (undone["restored"], undone["undone_by"]) == (11, run["applied_by"])
    back = await facility.get(f"/doses/{ids['w3']}")
    assert (back["version"], back["person"]["personal_id"], back["person"]["phone"]) == (
        3,
        "0912345603",
        "",
    )
    assert (await facility.get(f"/doses/{ids['w0']}"))["person"]["personal_id"] == "068180000009"
    assert [one["run_id"] for one in (await facility.get("/rule-runs"))["items"]] == [run["run_id"]]


async def test_a_preview_that_is_no_longer_true_is_not_applied(records: Records) -> None:
    await habit(records)
    ministry, ids = records.caller(), await records.ids()
    token = (await ministry.post(f"/clusters/{CLUSTER}/preview", RULE))["preview_token"]
    await ministry.ask(
        "PATCH",
        f"/doses/{ids['w0']}",
        json={"reason": "asked her", "person": {"personal_id": "068180000009"}},
    )
    answer = await ministry.ask(
        "POST", f"/clusters/{CLUSTER}/apply", json={**RULE, "preview_token": token}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "PREVIEW_STALE")
    assert (await ministry.get("/rule-runs"))["items"] == []


@pytest.mark.parametrize("path", [CLUSTER, "facility-68001-NAME_DIFFERS"])
async def test_a_rule_of_another_reason_is_refused(records: Records, path: str) -> None:
    await habit(records)
    answer = await records.caller().ask(
        "POST", f"/clusters/{path}/preview", json={"rule": "SWAP_DAY_MONTH"}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "RULE_NOT_OF_REASON")


async def test_more_doses_than_one_chunk_are_mended_and_put_back(records: Records) -> None:
    await records.record(
        [typed(n, source_id=f"z{n}", personal_id=f"68180{n:06}") for n in range(1100)]
    )
    await records.judge(
        {f"z{n}": (Grade.NOT_FOUND, [Reason.ID_LEADING_ZERO_LOST]) for n in range(1100)}
    )
    ministry, path = records.caller(), "/clusters/facility-68001-ID_LEADING_ZERO_LOST"
    preview = await ministry.post(f"{path}/preview", {"rule": "PAD_NUMBER"})
    assert (preview["would_change"], len(preview["examples"])) == (1100, 20)
    run = await ministry.post(
        f"{path}/apply", {"rule": "PAD_NUMBER", "preview_token": preview["preview_token"]}
    )
    assert run["changed"] == 1100
    assert (await ministry.post(f"/rule-runs/{run['run_id']}/undo"))["restored"] == 1100


async def test_a_run_that_is_undone_while_it_is_applied_goes_no_further(records: Records) -> None:
    await records.record(
        [typed(n, source_id=f"z{n}", personal_id=f"68180{n:06}") for n in range(1100)]
    )
    await records.judge(
        {f"z{n}": (Grade.NOT_FOUND, [Reason.ID_LEADING_ZERO_LOST]) for n in range(1100)}
    )
    ministry, path, rule = (
        records.caller(),
        "/clusters/facility-68001-ID_LEADING_ZERO_LOST",
        {"rule": "PAD_NUMBER"},
    )
    preview = await ministry.post(f"{path}/preview", rule)
    chosen = {**rule, "preview_token": preview["preview_token"]}
    async with records.context.db.begin() as tx:
        # somebody else has a dose of the second part in hand, so that applying waits there
        await doses.lock_all(tx, [(await records.ids())["z600"]])
        applying = asyncio.create_task(ministry.post(f"{path}/apply", chosen))
        while (begun := await _run(records)) is None or begun[1] < 500:
            assert not applying.done()
            await asyncio.sleep(0.05)
        undoing = asyncio.create_task(ministry.post(f"/rule-runs/{begun[0]}/undo"))
        await asyncio.wait({undoing}, timeout=2)
    run, undone = await applying, await undoing
    assert run["undone_at"] == undone["undone_at"] is not None
    assert undone["restored"] == run["changed"] >= 500
    assert await ministry.post(f"{path}/apply", chosen) == {
        **run,
        "restored": undone["restored"],
    }, "remembered like a run that ended"
    async with records.context.db.begin() as tx:
        by_version = await tx.execute(
            select(dose.c.version, func.count().label("doses")).group_by(dose.c.version)
        )
        assert {row.version: row.doses for row in by_version if row.version > 1} == {
            3: run["changed"]
        }


async def _run(records: Records) -> tuple[int, int] | None:
    """Id and changed doses of the one run, where there is one."""
    async with records.context.db.begin() as tx:
        row = (await tx.execute(select(rule_run.c.id, rule_run.c.changed))).one_or_none()
        return None if row is None else (row.id, row.changed)


async def test_what_was_only_verified_anew_since_a_rule_is_put_back(
    records: Records,
) -> None:
    await habit(records)
    ministry, ids = records.caller(), await records.ids()
    token = (await ministry.post(f"/clusters/{CLUSTER}/preview", RULE))["preview_token"]
    run = await ministry.post(f"/clusters/{CLUSTER}/apply", {**RULE, "preview_token": token})
    await rechecked(records.context, ids["w1"], 2)
    await rechecked(records.context, ids["w1"], 3)
    for lot in ("FK0050", "ABV-0041"):  # there and back: somebody looked at it
        answer = await ministry.ask(
            "PATCH", f"/doses/{ids['w2']}", json={"reason": "by the box", "lot": lot}
        )
        assert answer.status_code == 200
    for _ in range(2):
        assert (await ministry.post(f"/rule-runs/{run['run_id']}/undo"))["restored"] == 11
    service = records.caller(Role.SERVICE)
    versions = {name: await service.get(f"/doses/{ids[name]}") for name in ("w0", "w1", "w2")}
    assert {name: (one["version"], one["person"]["personal_id"]) for name,
    one in versions.items()} == {
        "w0": (3, "0912345600"), "w1": (5, "0912345601"), "w2": (4, ""),
    }  # fmt: skip


async def test_a_machine_that_typed_an_old_encoding_is_one_cluster(
    records: Records,
) -> None:
    old = ["NguyÔn ThÞ Hßa", "TrÇn V¨n Nam", "§Æng V¨n §øc", "Lª ThÞ H\u00adêng"]
    await records.record([
        *[typed(n, source_id=f"e{n}", full_name=old[n % 4]) for n in range(20)],
        *[typed(n, source_id=f"w{n}", full_name=old[n]) for n in range(4)],
        typed(source_id="right", full_name="Trần Văn Bính"),
        *[typed(n, source_id=f"g{n}", facility_code="68003") for n in range(200)],
    ])  # fmt: skip
    await records.judge({
        **{f"e{n}": (Grade.EQUIVALENT, [Reason.NAME_ENCODING]) for n in range(20)},
        "w0": (Grade.MISMATCH, [Reason.NAME_ENCODING, Reason.DATE_DIFFERS]),
        # an encoded name with another slip is only known to differ, and nothing is known of one
        # without a number
        "w1": (Grade.MISMATCH, [Reason.NAME_DIFFERS]), "w2": (Grade.MISSING_ID,
        [Reason.ID_MISSING]),
        "w3": (Grade.NOT_FOUND, [Reason.ID_NOT_FOUND]), "right": (Grade.MISMATCH,
        [Reason.NAME_DIFFERS]),
        **{f"g{n}": (Grade.EXACT, []) for n in range(200)},
    })  # fmt: skip
    officer, ids = records.caller(Role.PROVINCE, areas=["68"]), await records.ids()
    await officer.post("/clusters/search")
    [cluster] = (await officer.get("/clusters"))["items"]
    assert (cluster["reason"], cluster["doses"], cluster["waiting"], cluster["total"]) == (
        "NAME_ENCODING",
        21,
        1,
        25,
    )
    assert (cluster["rule"]["code"], cluster["rule"]["any_reason"]) == ("DECODE_NAME", True)
    assert [one["source_id"] for one in cluster["examples"]] == ["w0", "w1", "w2"]
    assert [one["proposals"][0]["changes"][0]["after"] for one in cluster["examples"]] == [
        "Nguyễn Thị Hòa", "Trần Văn Nam", "Đặng Văn Đức",
    ]  # fmt: skip

    path, rule = f"/clusters/{cluster['cluster_id']}", {"rule": "DECODE_NAME"}
    preview = await officer.post(f"{path}/preview", rule)
    assert (preview["waiting"], preview["would_change"]) == (5, 4)
    assert [[*one["changes"][0].values()] for one in preview["examples"]][3] == [
        "full_name",
        "Lª ThÞ H⟦U+00AD⟧êng",
        "Lê Thị Hường",
    ]
    run = await officer.post(f"{path}/apply", {**rule, "preview_token": preview["preview_token"]})
    assert run["changed"] == 4

    async def names() -> list[tuple[int, str]]:
        doses = [
            await officer.get(f"/doses/{ids[source]}") for source in ("w0", "w3", "right", "e0")
        ]
        return [(dose["version"], dose["person"]["full_name"]) for dose in doses]

    # what was repaired by itself keeps its certificate
    assert await names() == [
        (2, "Nguyễn Thị Hòa"),
        (2, "Lê Thị Hường"),
        (1, "Trần Văn Bính"),
        (1, "NguyÔn ThÞ Hßa"),
    ]
    assert (await officer.post(f"/rule-runs/{run['run_id']}/undo"))["restored"] == 4
    assert await names() == [
        (3, "NguyÔn ThÞ Hßa"),
        (3, "Lª ThÞ H\u00adêng"),
        (1, "Trần Văn Bính"),
        (1, "NguyÔn ThÞ Hßa"),
    ]
