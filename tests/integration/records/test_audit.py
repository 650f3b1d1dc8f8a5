"""Who saw whom and why: a row a look, with what was shown as codes, and nothing that anybody could
change.
"""

from typing import Any

import pytest
from sqlalchemy import select

from contracts.access import Role
from contracts.purposes import Purpose
from services.records.context import Context
from services.records.schema import audit
from tests.integration.records.conftest import Records
from tests.integration.records.test_worklist import some

POLICE = {"areas": ["68"]}


async def looks(context: Context) -> list[Any]:
    """What was written down, in order."""
    async with context.db.begin() as tx:
        return list(await tx.execute(select(audit).order_by(audit.c.id)))


async def test_a_look_at_one_dose_names_it_the_caller_and_what_the_act_is_for(
    records: Records,
) -> None:
    await some(records)
    dose = (await records.ids())["a"]
    caller = records.caller(Role.POLICE, **POLICE)
    await caller.get(f"/doses/{dose}")
    await caller.ask("GET", f"/doses/{dose}", headers={"X-Purpose": "complaint"})
    rows = await looks(records.context)
    assert [
        (row.caller, row.roles, row.act, row.kind, row.subjects, row.shown) for row in rows
    ] == [("police-68", ["police"], "dose_read", "dose", [dose], 1)] * 2
    assert [(row.purpose, row.stated) for row in rows] == [
        ("correction", False),
        ("complaint", True),
    ]


async def test_a_page_of_the_worklist_is_one_row_that_names_its_doses_and_its_filter(
    records: Records,
) -> None:
    await some(records)
    ids = await records.ids()
    await records.caller(Role.POLICE, **POLICE).get("/worklist", commune="24769", assignee="Bà Hoa")
    await records.caller(Role.POLICE, **POLICE).get(
        "/worklist", commune="24769", reason="NAME_DIFFERS"
    )
    [row] = await looks(records.context)  # the first showed nobody
    assert (row.act, row.subjects, row.shown) == ("worklist", [ids["a"], ids["b"]], 2)
    assert row.scope == "whole residences=68 commune=24769 reason=NAME_DIFFERS"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_an_export_is_one_row_with_its_filter_and_its_count(
    records: Records, kind: str
) -> None:
    await some(records)
    await records.caller(Role.POLICE, **POLICE).ask(
        "GET", f"/worklist.{kind}", params={"assignee": "Bà Hoa"}
    )
    await records.caller(Role.POLICE, **POLICE).ask("GET", f"/worklist.{kind}")
    for filters in ({}, {"wrong": True}):
        await records.caller(Role.PROVINCE, areas=["68"]).ask(
            "GET", f"/batches/1/rows.{kind}", params=filters
        )
        await records.caller().ask(
            "GET", f"/batches/1/rows.{kind}", params=filters, headers={"X-Purpose": "statistics"}
        )
    rows = await looks(records.context)
    assert [
        (row.act, row.kind, row.subjects, row.scope, row.shown, row.purpose) for row in rows
    ] == [
        ("worklist_export", "dose", [], "whole residences=68", 3, "correction"),
        ("batch_export", "batch", [1], "masked", 5, "statistics"),
        ("batch_export", "batch", [1], "masked wrong=True", 4, "statistics"),
    ]
    assert "Hoa" not in str(rows)


async def test_the_rows_of_a_batch_corrections_and_withdrawals_are_written_down(
    records: Records,
) -> None:
    await some(records)
    ministry, dose = records.caller(), (await records.ids())["a"]
    await ministry.get("/batches/1/rows", wrong=True)
    await ministry.ask("PATCH", f"/doses/{dose}", json={"reason": "misread", "lot": "FK0050"})
    await ministry.ask("DELETE", f"/doses/{dose}")
    assert [(row.act, row.subjects, row.shown) for row in await looks(records.context)] == [
        ("batch_rows", [1], 4), ("dose_correct", [dose], 1), ("dose_withdraw", [dose], 1),
    ]  # fmt: skip


async def test_a_purpose_that_is_not_on_the_list_is_refused_and_so_is_the_look(
    records: Records,
) -> None:
    await some(records)
    dose = (await records.ids())["a"]
    for path in (f"/doses/{dose}", "/worklist", "/worklist.csv", "/batches/1/rows.csv"):
        refused = await records.caller(Role.POLICE, **POLICE).ask(
            "GET", path, headers={"X-Purpose": "curiosity"}
        )
        assert (refused.status_code, refused.json()["code"]) == (422, "REQUEST_INVALID")
    assert await looks(records.context) == []
    assert "curiosity" not in set(Purpose)
