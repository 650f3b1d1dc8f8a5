"""What is kept no longer is gone, and what stays still adds up: exports, undone rules,
complaints.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from contracts.access import Role
from services.chassis import retention as chassis
from services.records.pipeline.retention import retention
from services.records.schema import audit
from services.records.settings import RecordsRetention
from tests.integration.records.conftest import Records
from tests.integration.records.test_round_trip import table
from tests.integration.records.test_supplements import slip
from tests.support.files import typed

OLD = "now() - interval '40 days'"


async def age(records: Records, *statements: str) -> None:
    """Sets times back, for days cannot be waited for."""
    async with records.context.db.begin() as tx:
        for statement in statements:
            await tx.execute(text(statement))


async def values(records: Records, query: str) -> list[Sequence[Any]]:
    """The rows of a query."""
    async with records.context.db.begin() as tx:
        return [tuple(row) for row in await tx.execute(text(query))]


async def purge(records: Records, **days: int) -> None:
    """One turn of the chore."""
    await retention(records.context.db, RecordsRetention(**days)).purge(datetime.now(UTC))


async def test_without_a_setting_everything_is_kept_and_an_empty_variable_is_none() -> None:
    cfg = RecordsRetention.model_validate({"rejected_rows_days": "", "audit_days": ""})
    assert set(cfg.model_dump().values()) == {None}
    for wrong in ({"audit_days": 364}, {"complaints_days": 0}):
        with pytest.raises(ValueError, match="greater than or equal"):
            RecordsRetention(**wrong)


async def test_the_text_of_an_old_rejected_row_is_forgotten_and_its_file_says_so(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chassis, "_AT_ONCE", 2)  # several steps
    wrong = [typed(number, sex="?", full_name=f"Lê Thị {number}") for number in range(5)]
    old = (await records.record([*wrong, typed(9)]))["batch_id"]
    new = (await records.record([typed(10, sex="?", full_name="Lê Thị Mới")]))["batch_id"]
    await age(records, f"UPDATE batch SET created_at = {OLD} WHERE id = {old}")
    await purge(records)
    assert (await values(records, "SELECT count(*) FROM batch_row WHERE raw IS NULL")) == [(0,)]

    for _ in range(2):
        await purge(records, rejected_rows_days=30)
    service = records.caller(Role.SERVICE)
    header, *rows = table((await service.ask("GET", f"/batches/{old}/rows.csv")).content, "csv")
    assert [row[0] for row in rows] == [f"68001-{number:07}" for number in (*range(5), 9)]
    assert "Lê Thị" not in str(rows)
    assert all(
        "Nội dung dòng này đã hết thời hạn lưu giữ" in row[header.index("Lỗi")] for row in rows[:5]
    )
    [first, *_] = (await service.get(f"/batches/{old}/rows", state="rejected"))["items"]
    assert [one["code"] for one in first["errors"]] == ["SEX_UNREADABLE", "TEXT_FORGOTTEN"]
    counts = await service.get(f"/batches/{old}")
    assert (counts["received"], counts["accepted"], counts["rejected"]) == (6, 1, 5)
    assert "Lê Thị Mới" in (await service.ask("GET", f"/batches/{new}/rows.csv")).content.decode()


async def test_older_versions_lose_their_person_and_an_undo_leaves_such_a_dose_as_it_is(
    records: Records,
) -> None:
    await records.record([typed(1), typed(2)])
    service, ids = records.caller(Role.SERVICE), await records.ids()
    for dose in ids.values():
        await service.ask("PATCH", f"/doses/{dose}", json={"reason": "misread", "lot": "FK0050"})
    await age(
        records, f"UPDATE dose_history SET replaced_at = {OLD} WHERE dose_id = {min(ids.values())}"
    )
    await purge(records, older_versions_days=30)
    left = (
        "SELECT dose_id, person IS NULL, identity IS NULL, birth_year IS NULL, reason FROM"
        " dose_history ORDER BY dose_id"
    )
    assert await values(records, left) == [
        (min(ids.values()), *[True] * 3, "misread"),
        (max(ids.values()), *[False] * 3, "misread"),
    ]
    assert [len((await service.get(f"/doses/{dose}"))["history"]) for dose in ids.values()] == [
        1,
        1,
    ]
    made = ", ".join(f"(1, {dose}, 2)" for dose in ids.values())
    await age(
        records,
        "INSERT INTO rule_run (id, cluster_id, rule, facilities, applied_by) VALUES (1,"
        " 'facility-68001-NAME_ORDER', 'X', '68001', 'x')",
        f"INSERT INTO rule_change (run_id, dose_id, version) VALUES {made}",
    )
    assert (await records.caller().post("/rule-runs/1/undo"))["restored"] == 1
    assert [(await service.get(f"/doses/{dose}"))["lot"] for dose in sorted(ids.values())] == [
        "FK0050",
        "ABV-0041",
    ]
    assert (await service.get("/batches/1"))["accepted"] == 2


async def test_of_an_answered_complaint_nothing_that_was_said_is_left_and_open_ones_stay(
    records: Records,
) -> None:
    citizen, ministry = records.caller(Role.CITIZEN, personal_id="068180000001"), records.caller()
    body = {
        "kind": "missing_dose",
        "text": "Thiếu mũi 2",
        "province_code": "68",
        "contact": {"email": "hoa@example.vn"},
    }
    for _ in range(3):
        assert (await citizen.ask("POST", "/complaints", json=body)).status_code == 201
    for id in (1, 2):
        await ministry.post(f"/complaints/{id}/answer", {"text": "Đã sửa"})
    await age(records, f"UPDATE complaint SET answered_at = {OLD} WHERE id = 1")
    for _ in range(2):
        await purge(records, complaints_days=30)
    told = (await citizen.get("/me/complaints"))["items"]
    assert [(one["text"], one["answer"], one["state"], one["forgotten"]) for one in told] == [
        ("", None, "answered", True), ("Thiếu mũi 2", "Đã sửa", "answered", False), ("Thiếu mũi 2",
        None, "open", False),
    ]  # fmt: skip
    assert (await ministry.get("/complaints/1"))["contact"] is None
    assert await values(records, "SELECT complaint_id FROM complaint_letter ORDER BY 1") == [
        (2,),
        (3,),
    ]


async def test_a_slip_is_deleted_after_its_time_but_never_while_it_is_open(
    records: Records,
) -> None:
    station = records.caller(Role.STATION, areas=["6867224769"])
    facility = records.caller(Role.FACILITY, facility="79001")
    booster = {"dose_number": 3, "dose_kind": "Nhắc lại", "date_given": "12/01/2022"}
    for of_slip in ({"dose_number": 1}, {"dose_number": 2}, booster):
        answer = await station.ask("POST", "/supplements", json=slip(**of_slip))
        assert answer.status_code == 201, answer.text
    await facility.post("/supplements/1/confirm")
    await facility.post("/supplements/2/contest", {"reason": "another_person", "words": "Sổ khác"})
    await facility.post("/supplements/3/confirm")
    await age(
        records,
        f"UPDATE supplement SET recorded_at = {OLD}, contest_until = {OLD} WHERE id IN (1, 2)",
    )
    await purge(records, slips_days=30)
    answers = [await facility.ask("GET", f"/supplements/{one}/picture") for one in (1, 2, 3)]
    assert [answer.status_code for answer in answers] == [404, 200, 200]
    assert answers[0].json()["code"] == "SLIP_FORGOTTEN"
    assert (await facility.get("/supplements/2"))["words"] == "Sổ khác"
    await records.caller().post("/supplements/2/ruling", {"upheld": False})
    await age(records, f"UPDATE supplement SET ruled_at = {OLD} WHERE id = 2")
    await purge(records, slips_days=30)
    left = "SELECT id FROM supplement WHERE picture <> '' OR words IS NOT NULL"
    assert await values(records, left) == [(3,)]


async def test_the_audit_loses_its_oldest_rows_alone_and_only_to_retention(
    records: Records,
) -> None:
    ages = (800, 500, 300, 0)
    async with records.context.db.begin() as tx:
        await tx.execute(
            audit.insert(),
            [
                {"at": datetime.now(UTC) - timedelta(days=days), "caller": "x", "roles": [],
                "act": "dose_read", "purpose": "correction",
                 "stated": False, "kind": "dose", "subjects": [days], "scope": "", "shown": 1}
                for days in ages
            ],
        )  # fmt: skip
    said = "SELECT set_config('audit.forget_before', 'infinity', true)"
    for change, before in (
        ("UPDATE audit SET caller = ''", None), ("TRUNCATE audit", said),
        ("DELETE FROM audit WHERE subjects = '{800}'", None),
        ("DELETE FROM audit WHERE subjects = '{300}'", said), ("UPDATE audit SET at = '2000-01-01'",
        said),
    ):  # fmt: skip
        with pytest.raises(Exception, match="append-only"):
            await age(records, *([before] if before else []), change)
    await purge(records)
    assert await values(records, "SELECT count(*) FROM audit") == [(4,)]
    await purge(records, audit_days=600)
    assert await values(records, "SELECT kind, subjects[1] FROM audit ORDER BY id") == [
        ("dose", 500),
        ("dose", 300),
        ("dose", 0),
        ("audit", 1),
    ]
