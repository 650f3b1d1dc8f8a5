"""Impossible histories are found across batches, shown to those they concern, and settled; no dose
is held up by one.
"""

import random
from datetime import date, timedelta
from itertools import combinations, pairwise
from typing import Any

import httpx
import pytest

from contracts.access import Role
from contracts.ids import DoseId
from contracts.products import PRODUCTS
from contracts.words import Grade
from services.records import schema
from services.records.context import Context
from services.records.histories.rules import Code, HistoryDose, contradictions
from services.records.histories.store import search as store
from tests.integration.records.histories import (
    HOA,
    Injection,
    judged,
    look_at_all,
    rechecked,
    record,
    taken_in,
)
from tests.support.tokens import TestIssuer

FIRST = Injection("a1")


async def _findings(
    client: httpx.AsyncClient, headers: dict[str, str], **filters: Any
) -> list[dict[str, Any]]:
    answer = await client.get("/records/v1/findings", params=filters, headers=headers)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def _close(
    client: httpx.AsyncClient, headers: dict[str, str], finding_id: int, **closing: Any
) -> httpx.Response:
    return await client.post(
        f"/records/v1/findings/{finding_id}/close", json=closing, headers=headers
    )


@pytest.mark.parametrize(
    ("second", "kinds"),
    [
        (FIRST.at("b1", number=2, day="22/07/2021"), set()),
        (FIRST.at("b1", number=2, day="10/07/2021"), {"INTERVAL_TOO_SHORT"}),
        (FIRST.at("b1", number=2, day="01/05/2021"), {"ORDER_REVERSED"}),
        (FIRST.at("b1", number=1, facility="68002"), {"DUPLICATE_DOSE"}),
        (FIRST.at("b1", number=2, facility="79001", product="Moderna"), {"TWO_PROVINCES_ONE_DAY"}),
        (FIRST.at("b1", number=1, facility="68002", personal_id="068190000002"), set()),
        (FIRST.at("b1", facility="68002", day="15/08/2021"), {"SAME_NUMBER_AGAIN"}),
        (FIRST.at("b1", number=2, kind="Nhắc lại", day="04/07/2021"), {"FURTHER_DOSE_TOO_SOON"}),
        (FIRST.at("b1", number=2, kind="Nhắc lại", day="29/09/2021"), set()),
    ],
)
async def test_what_two_batches_contradict_each_other_in_is_found(
    context: Context,
    client: httpx.AsyncClient,
    issuer: TestIssuer,
    second: Injection,
    kinds: set[str],
) -> None:
    await taken_in(context, client, issuer, FIRST)
    await taken_in(context, client, issuer, second)
    found = await _findings(client, issuer.headers(Role.MINISTRY))
    assert {one["code"] for one in found} == kinds
    assert all(one["message"] and one["message_en"] for one in found)


async def test_a_dose_that_contradicts_another_keeps_its_state(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    ids = await taken_in(context, client, issuer, FIRST, FIRST.at("b1", facility="79001"))
    for dose_id in ids.values():
        dose = (
            await client.get(f"/records/v1/doses/{dose_id}", headers=issuer.headers(Role.MINISTRY))
        ).json()
        assert dose["state"] == "eligible"
        assert {one["kind"] for one in dose["findings"]} == {
            "TWO_PROVINCES_ONE_DAY",
            "DUPLICATE_DOSE",
        }


async def test_a_dose_that_was_not_verified_contradicts_nothing(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    await taken_in(
        context, client, issuer, FIRST, FIRST.at("b1", facility="79001", grade=Grade.MISMATCH)
    )
    assert await _findings(client, issuer.headers(Role.MINISTRY)) == []


async def test_the_same_event_twice_finds_the_same_once(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    second = FIRST.at("b1", facility="79001", product="Moderna", number=2)
    ids = await taken_in(context, client, issuer, FIRST, second)
    await judged(context, [(ids["a1"], 1, FIRST), (ids["b1"], 1, second)])
    await look_at_all(context)
    assert len(await _findings(client, issuer.headers(Role.MINISTRY))) == 1


async def test_both_facilities_and_the_people_of_the_residence_see_a_finding_and_nobody_else_does(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    await taken_in(
        context,
        client,
        issuer,
        FIRST,
        FIRST.at("b1", facility="79001", product="Moderna", number=2),
    )
    seen = [
        len(await _findings(client, headers))
        for headers in (
            issuer.headers(Role.FACILITY, facility="68001"),
            issuer.headers(Role.FACILITY, facility="79001"),
            issuer.headers(Role.STATION, areas=["68"]),
            issuer.headers(Role.PROVINCE, areas=["79"]),
            issuer.headers(Role.FACILITY, facility="79002"),
            issuer.headers(Role.STATION, areas=["79"]),
        )
    ]
    assert seen == [1, 1, 1, 1, 0, 0]


async def test_a_finding_carries_no_name_and_no_number(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    await taken_in(context, client, issuer, FIRST, FIRST.at("b1", facility="79001"))
    text = (await client.get("/records/v1/findings", headers=issuer.headers(Role.MINISTRY))).text
    assert HOA not in text
    assert "Hoà" not in text


async def test_findings_are_filtered_by_kind_facility_and_province_and_paged(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    ministry = issuer.headers(Role.MINISTRY)
    await taken_in(context, client, issuer, FIRST, FIRST.at("b1", facility="79001"))
    assert len(await _findings(client, ministry, kind="DUPLICATE_DOSE")) == 1
    assert len(await _findings(client, ministry, facility="79001")) == 2
    assert await _findings(client, ministry, facility="79002") == []
    assert len(await _findings(client, ministry, province="68")) == 2
    assert await _findings(client, ministry, province="79") == []
    first = (await client.get("/records/v1/findings", params={"limit": 1}, headers=ministry)).json()
    rest = (
        await client.get(
            "/records/v1/findings", params={"limit": 1, "cursor": first["next"]}, headers=ministry
        )
    ).json()
    assert {first["items"][0]["finding_id"], rest["items"][0]["finding_id"]} == {
        one["finding_id"] for one in await _findings(client, ministry)
    }


async def test_withdrawing_the_duplicate_ends_that_dose_alone_and_its_findings(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    ids = await taken_in(context, client, issuer, FIRST, FIRST.at("b1", facility="68002"))
    own = issuer.headers(Role.FACILITY, facility="68002")
    (finding,) = await _findings(client, own)
    stranger = await _close(
        client, own, finding["finding_id"], outcome="duplicate_withdrawn", dose_id=ids["a1"]
    )
    assert stranger.status_code == 403
    closed = await _close(
        client, own, finding["finding_id"], outcome="duplicate_withdrawn", dose_id=ids["b1"]
    )
    assert closed.status_code == 200, closed.text
    assert closed.json()["outcome"] == "duplicate_withdrawn"
    states = {
        name: (
            (
                await client.get(
                    f"/records/v1/doses/{dose_id}", headers=issuer.headers(Role.MINISTRY)
                )
            ).json()["state"]
        )
        for name, dose_id in ids.items()
    }
    assert states == {"a1": "eligible", "b1": "withdrawn"}
    assert await _findings(client, own) == []
    assert [one["finding_id"] for one in await _findings(client, own, closed=True)] == [
        finding["finding_id"]
    ]
    again = await _close(client, own, finding["finding_id"], outcome="correct")
    assert again.status_code == 409


@pytest.mark.parametrize("outcome", ["correct", "accepted"])
async def test_a_finding_that_is_settled_otherwise_withdraws_nothing_and_does_not_come_back(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer, outcome: str
) -> None:
    second = FIRST.at("b1", facility="68002")
    ids = await taken_in(context, client, issuer, FIRST, second)
    ministry = issuer.headers(Role.MINISTRY)
    (finding,) = await _findings(client, ministry)
    refused = await _close(
        client, ministry, finding["finding_id"], outcome=outcome, dose_id=ids["a1"]
    )
    assert refused.status_code == 422
    assert (
        await _close(client, ministry, finding["finding_id"], outcome=outcome)
    ).status_code == 200
    await judged(context, [(ids["b1"], 1, second)])
    await look_at_all(context)
    assert await _findings(client, ministry) == []


async def test_a_settled_finding_stays_settled_when_a_dose_is_verified_again_with_the_same_content(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    second = FIRST.at("b1", facility="68002")
    ids = await taken_in(context, client, issuer, FIRST, second)
    ministry = issuer.headers(Role.MINISTRY)
    (finding,) = await _findings(client, ministry)
    await _close(client, ministry, finding["finding_id"], outcome="correct")
    await rechecked(context, ids["b1"], 1)
    await judged(context, [(ids["b1"], 2, second)])
    await look_at_all(context)
    assert await _findings(client, ministry) == []
    (closed,) = await _findings(client, ministry, closed=True)
    assert (closed["finding_id"], closed["outcome"]) == (finding["finding_id"], "correct")


async def test_a_foreigner_s_history_is_told_by_the_passport_number(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    guest = Injection("g1", personal_id="C01X00T47", grade=Grade.EXEMPT)
    ids = await taken_in(
        context,
        client,
        issuer,
        guest,
        guest.at("g2", facility="68002"),
        guest.at("g3", personal_id="C01X00T48"),
    )
    (finding,) = await _findings(client, issuer.headers(Role.MINISTRY))
    assert {finding["dose"]["dose_id"], finding["other"]["dose_id"]} == {ids["g1"], ids["g2"]}


async def test_a_withdrawal_needs_one_of_the_two_doses(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    await taken_in(context, client, issuer, FIRST, FIRST.at("b1", facility="68002"))
    ministry = issuer.headers(Role.MINISTRY)
    (finding,) = await _findings(client, ministry)
    for closing in ({}, {"dose_id": 999_999}):
        refused = await _close(
            client, ministry, finding["finding_id"], outcome="duplicate_withdrawn", **closing
        )
        assert refused.status_code == 422, refused.text
    assert (await _close(client, ministry, 999_999, outcome="correct")).status_code == 404


async def test_a_corrected_dose_leaves_its_findings_and_may_bring_new_ones(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    second = FIRST.at("b1", number=2, day="01/05/2021")
    ids = await taken_in(context, client, issuer, FIRST, second)
    ministry = issuer.headers(Role.MINISTRY)
    assert [one["kind"] for one in await _findings(client, ministry)] == ["ORDER_REVERSED"]
    for version, day, kinds in ((2, "10/07/2021", ["INTERVAL_TOO_SHORT"]), (3, "01/09/2021", [])):
        body = {"reason": "typed wrongly", "date_given": day}
        assert (
            await client.patch(f"/records/v1/doses/{ids['b1']}", json=body, headers=ministry)
        ).status_code == 200
        assert await _findings(client, ministry) == []
        await judged(context, [(ids["b1"], version, second)])
        await look_at_all(context)
        assert [one["kind"] for one in await _findings(client, ministry)] == kinds


async def test_one_number_on_three_names_is_found_and_on_three_spellings_of_one_name_is_not(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    wrong = Injection("w1", personal_id="068190000009", grade=Grade.MISMATCH)
    await taken_in(
        context,
        client,
        issuer,
        wrong,
        wrong.at("w2", name="NGUYEN THI HOA"),
        wrong.at("w3", name="Hoà Nguyễn Thị"),
    )
    ministry = issuer.headers(Role.MINISTRY)
    assert await _findings(client, ministry) == []
    await taken_in(context, client, issuer, wrong.at("w4", name="Trần Văn Hùng", facility="68002"))
    assert await _findings(client, ministry) == []
    ids = await taken_in(
        context, client, issuer, wrong.at("w5", name="Lê Đức Anh", facility="68003")
    )
    found = await _findings(client, ministry)
    assert {one["kind"] for one in found} == {"ONE_ID_MANY_NAMES"}
    assert {one["severity"] for one in found} == {"warning"}
    assert ids["w5"] in {one["dose"]["dose_id"] for one in found}


async def test_the_number_s_true_owner_counts_as_one_of_its_names_whoever_comes_last(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    wrong = Injection("w1", name="Trần Văn Hùng", grade=Grade.MISMATCH)
    await taken_in(context, client, issuer, wrong, wrong.at("w2", name="Lê Đức Anh"))
    assert await _findings(client, issuer.headers(Role.MINISTRY)) == []
    await taken_in(context, client, issuer, FIRST)
    assert {one["kind"] for one in await _findings(client, issuer.headers(Role.MINISTRY))} == {
        "ONE_ID_MANY_NAMES"
    }


async def test_news_are_left_to_the_process_that_is_at_it(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    ids = await record(client, issuer, FIRST)
    await judged(context, [(ids["a1"], 1, FIRST)])
    async with context.db.begin() as mine:
        assert await store.take_news(mine) is not None
        async with context.db.begin() as theirs:
            assert await store.take_news(theirs) is None


async def test_a_rule_that_v1_did_not_know_is_told_under_a_kind_that_it_did_and_asked_for_by_either(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    ministry = issuer.headers(Role.MINISTRY)
    ids = await taken_in(
        context, client, issuer, FIRST, FIRST.at("b1", facility="68002", day="15/08/2021")
    )
    [found] = await _findings(client, ministry)
    assert (found["kind"], found["code"], found["severity"]) == (
        "DUPLICATE_DOSE",
        "SAME_NUMBER_AGAIN",
        "error",
    )
    assert (found["dose"]["dose_id"], found["other"]["dose_id"]) == (ids["b1"], ids["a1"])
    for filters, count in (
        ({"kind": "DUPLICATE_DOSE"}, 1), ({"code": "SAME_NUMBER_AGAIN"}, 1),
        ({"kind": "DUPLICATE_DOSE", "code": "DUPLICATE_DOSE"}, 0),
        ({"kind": "ORDER_REVERSED"}, 0), ({"kind": "ORDER_REVERSED", "code": "SAME_NUMBER_AGAIN"},
        0),
    ):  # fmt: skip
        assert len(await _findings(client, ministry, **filters)) == count, filters


async def test_the_same_number_is_found_across_doses_and_again_after_a_withdrawal(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    again = [
        FIRST.at("b1", facility="68002", day="15/08/2021"),
        FIRST.at("c1", facility="68003", day="20/09/2021"),
    ]
    ids = await taken_in(
        context, client, issuer, FIRST, FIRST.at("a2", number=2, day="01/08/2021"), *again
    )
    names = {dose_id: name for name, dose_id in ids.items()}
    ministry = issuer.headers(Role.MINISTRY)

    async def pairs() -> set[tuple[str, str]]:
        found = await _findings(client, ministry, code="SAME_NUMBER_AGAIN")
        return {(names[one["other"]["dose_id"]], names[one["dose"]["dose_id"]]) for one in found}

    assert await pairs() == {("a1", "b1"), ("b1", "c1")}
    [finding] = [
        one
        for one in await _findings(client, ministry, code="SAME_NUMBER_AGAIN")
        if one["dose"]["dose_id"] == ids["b1"]
    ]
    await _close(
        client, ministry, finding["finding_id"], outcome="duplicate_withdrawn", dose_id=ids["b1"]
    )
    await look_at_all(context)
    assert await pairs() == {("a1", "c1")}
    await client.delete(f"/records/v1/doses/{ids['c1']}", headers=ministry)
    await look_at_all(context)
    assert await pairs() == set()


async def test_of_random_histories_all_is_found_that_two_neighbours_contradict_each_other_in(
    context: Context,
) -> None:
    chance = random.Random(20211202)
    spacing, began, days = (
        context.cfg.history.spacing,
        date(2021, 7, 1),
        [0, 0, 3, 20, 27, 40, 89, 100, 200],
    )
    histories = {
        person: [
            HistoryDose(
                DoseId(person * 10 + n), chance.choice(["68001", "68002", "79001"]),
                chance.choice(sorted(PRODUCTS)), chance.randint(1, 4),
                chance.choice(["primary", "primary", "additional", "booster"]),
                began + timedelta(chance.choice(days)),
            )
            for n in range(chance.randint(1, 6))
        ]
        for person in range(1, 401)
    }  # fmt: skip
    async with context.db.begin() as tx:
        filler = dict.fromkeys(("province_code", "district_code", "commune_code", "lot"), "")
        given = [one for doses in histories.values() for one in doses]
        facts = (
            {"id": one.dose_id, "source_id": str(one.dose_id), **one._asdict()} for one in given
        )
        rows = [
            {"version": 1, "batch_id": 1, "row": 1, "digest": 1, "person": b"", **filler, **fact}
            for fact in facts
        ]
        await tx.execute(
            schema.dose.insert(),
            [{name: value for name, value in row.items() if name != "dose_id"} for row in rows],
        )
        states = [
            {"dose_id": one.dose_id, "version": 1, "state": "issued", "person": one.dose_id // 10}
            for one in given
        ]
        await tx.execute(schema.dose_status.insert(), states)
        pairs = [
            (pair.later.dose, pair.earlier.dose)
            for pair in await store.neighbours(tx, set(histories), spacing)
        ]
    assert len(pairs) == len(set(pairs))
    found = {
        (first.dose_id, second.dose_id, code)
        for second, first in pairs
        for code in contradictions(first, second, spacing)
    }
    expected = {
        (first.dose_id, second.dose_id, code)
        for doses in histories.values()
        for first, second in _neighbours(doses)
        for code in contradictions(first, second, spacing)
    }
    assert found == expected
    never = {Code.ONE_ID_MANY_NAMES, Code.PERSON_CHANGED, Code.BEYOND_REACH}
    assert {code for *_, code in found} == set(Code) - never
    # and any two doses of a history that break a rule are told of: each of the two has a finding
    told = {dose_id for first, second, _ in found for dose_id in (first, second)}
    for doses in histories.values():
        for one, other in combinations(doses, 2):
            if {Code.SAME_NUMBER_AGAIN, Code.FURTHER_DOSE_TOO_SOON} & set(
                contradictions(one, other, spacing)
            ):
                assert max(one, other, key=_place).dose_id in told


def _place(dose: HistoryDose) -> tuple[date, int, int]:
    return dose.date_given, dose.dose_number, dose.dose_id


def _neighbours(doses: list[HistoryDose]) -> set[tuple[HistoryDose, HistoryDose]]:
    """Each dose with the one before it, and with the last one before it of the same number and
    kind.
    """
    ordered = sorted(doses, key=_place)
    alike = sorted(doses, key=lambda dose: (dose.dose_number, dose.dose_kind, _place(dose)))
    same = {
        pair
        for pair in pairwise(alike)
        if pair[0].dose_number == pair[1].dose_number and pair[0].dose_kind == pair[1].dose_kind
    }
    return {*pairwise(ordered), *same}
