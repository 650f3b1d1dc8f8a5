"""Who asks for a passport that is not ready is mailed where the doses stand; nobody else is."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest

from contracts.events import LookupsUnanswered, UnansweredLookup
from contracts.topics import UNANSWERED
from contracts.words import Grade, Reason
from services.chassis.bus import Event
from services.records.complaints.service import complaint_limits
from services.records.context import Context
from services.records.pipeline.consumer import subscriptions
from services.records.settings import ComplaintSettings
from services.records.standing_letters.service import mail_one
from tests.integration.records.conftest import Records
from tests.integration.records.test_own_doses import HOME, MINE, raw, told
from tests.support.mail import Sink

PERSON = {"full_name": "Nguyễn Thị Hòa", "date_of_birth": "03/05/1980", "sex": "Nữ"}
ASKED = UnansweredLookup(
    "nguyen thi hoa", "03/05/1980", "female", MINE, date(2021, 10, 12), "hoa@example.vn"
)


@pytest.fixture
def context(context: Context) -> Context:
    """Records with a mailbox that is soon full."""
    limits = complaint_limits(ComplaintSettings(per_mailbox="2 per day"))
    return replace(context, complaints=limits)


@pytest.fixture
async def waiting(records: Records) -> None:
    """One dose whose birth date was mistyped, at the station."""
    row = {**PERSON, "date_of_birth": "03/05/1981", "personal_id": MINE, **HOME}
    await records.record([raw(source_id="1", **row)])
    await told(records, {"1": (Grade.MISMATCH, (Reason.DATE_DIGIT, Reason.DIACRITICS_MISSING))})


async def _asked(records: Records, **changes: Any) -> None:
    event = LookupsUnanswered(lookups=[replace(ASKED, **changes)]).model_dump_json().encode()
    name = UNANSWERED.name
    handler = next(one.handler for one in subscriptions(records.context) if one.topic == name)
    async with records.context.db.begin() as tx:
        await handler(tx, [Event(uuid4().hex, name, name, "signer", "1", datetime.now(UTC), event)])


async def _letters(records: Records, sink: Sink) -> list[str]:
    while await mail_one(records.context, sink.mailer()):
        pass
    bodies = [message.get_body(("plain",)) for message in sink.taken]
    return [body.get_content() for body in bodies if body]


@pytest.mark.usefixtures("waiting")
async def test_the_letter_says_where_the_dose_stands_who_holds_it_and_what_to_bring(
    records: Records, sink: Sink
) -> None:
    await _asked(records)
    (text,) = await _letters(records, sink)
    for part in (
        "Thông tin chưa khớp với dữ liệu dân cư",
        "Nơi đang giữ: Trạm y tế xã nơi cư trú, mã xã 24769",
        "Mang theo: Thẻ căn cước (CCCD)",
        "Who has it: The health station of the commune, commune 24769",
        "http://127.0.0.1:8000",
    ):
        assert part in text
    for personal in (MINE, "Hòa", "hoa", "1980", "1981"):
        assert personal not in text
    assert [message["To"] for message in sink.taken] == ["hoa@example.vn"]


async def test_a_dose_that_nobody_has_judged_yet_is_told_of_too(
    records: Records, sink: Sink
) -> None:
    await records.record([raw(source_id="1", **{**PERSON, "personal_id": MINE, **HOME})])
    await _asked(records, sex="male")
    await _asked(records, personal_id="068180000002")
    assert await _letters(records, sink) == []
    await _asked(records)
    (text,) = await _letters(records, sink)
    assert "Đã ghi nhận, đang chờ xác thực" in text


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize(
    "changed",
    [
        {"full_name": "Nguyễn Thị Hoa"},
        {"full_name": "Trần Thị Hòa"},
        {"date_of_birth": "1952"},
        {"date_of_birth": "no date"},
        {"sex": "male"},
        {"personal_id": "068180000002"},
        {"last_dose_date": date(2021, 10, 13)},
    ],
)
async def test_where_one_fact_is_anothers_no_letter_leaves(
    changed: dict[str, Any], records: Records, sink: Sink
) -> None:
    await _asked(records, **changed)
    assert await _letters(records, sink) == []


@pytest.mark.usefixtures("waiting")
async def test_one_mailbox_gets_so_many_letters(records: Records, sink: Sink) -> None:
    for email in ("hoa@example.vn", "HOA+1@example.vn", "hoa+2@Example.vn"):
        await _asked(records, email=email)
    assert len(await _letters(records, sink)) == 2


@pytest.mark.usefixtures("waiting")
async def test_an_address_that_is_none_costs_no_other_its_letter(
    records: Records, sink: Sink
) -> None:
    await _asked(records, email="=?utf-8?q?a=0D=0ABcc=3A_b=40x.vn?=@x.vn")
    await _asked(records)
    assert len(await _letters(records, sink)) == 1


async def test_where_all_is_issued_the_letter_says_to_write_as_the_card_has_it(
    records: Records, sink: Sink
) -> None:
    await records.record([raw(source_id="1", **{**PERSON, "personal_id": MINE, **HOME})])
    await told(records, {"1": (Grade.EXACT, ())})
    await records.sign(issued=["1"])
    await _asked(records)
    (text,) = await _letters(records, sink)
    assert "viết họ tên và ngày sinh đúng như trên thẻ căn cước" in text


@pytest.mark.usefixtures("waiting")
async def test_the_letter_tells_what_is_so_when_it_leaves_and_waits_for_the_mail_server(
    records: Records, sink: Sink
) -> None:
    await _asked(records)
    sink.answers = ["451 busy"]
    assert not await mail_one(records.context, sink.mailer())
    ids = await records.ids()
    await records.caller().ask("DELETE", f"/doses/{ids['1']}", params={"code": "duplicate"})
    async with records.context.db.begin() as tx:
        await tx.raw.execute("UPDATE standing_letter SET due_at = now() - interval '1 minute'")
    (text,) = await _letters(records, sink)
    assert "Đã rút" in text
