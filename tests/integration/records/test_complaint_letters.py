"""Letters about complaints: the number and the time at once, the answer later, through a mail
server that comes and goes.
"""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from contracts.access import Role
from services.chassis.db import Transaction
from services.chassis.mail import Mailer
from services.records.complaints import store
from services.records.complaints.mailer import mail_forever, mail_one
from services.records.complaints.service import complaint_limits
from services.records.context import Context
from services.records.schema import complaint, complaint_letter
from services.records.settings import ComplaintSettings
from tests.integration.records.conftest import Clock
from tests.support.bus import PATIENCE_S
from tests.support.mail import Sink
from tests.support.tokens import TestIssuer

HOA = "hoa@example.vn"
WORDS = "Tôi tiêm mũi 2 ngày 16/10/2021 nhưng không thấy."
ANSWER = "Mũi 2 đã được bổ sung {1}.\nXin lỗi ông/bà."
VIET_NAM = timezone(timedelta(hours=7))


@pytest.fixture
def context(context: Context, clock: Clock) -> Context:
    """Records with a clock that can be set, and a limit that is soon reached."""
    return replace(
        context,
        clock=clock,
        complaints=complaint_limits(ComplaintSettings(per_mailbox="2 per day")),
    )


@pytest.fixture
def mailer(sink: Sink) -> Mailer:
    """What hands mail over to the sink."""
    return sink.mailer()


async def _complain(
    client: httpx.AsyncClient, contact: dict[str, str] | None, **more: Any
) -> dict[str, Any]:
    body = {
        "kind": "missing_dose",
        "text": WORDS,
        "province_code": "68",
        "contact": contact,
        **more,
    }
    answer = await client.post("/records/v1/complaints", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def _answer(
    client: httpx.AsyncClient, issuer: TestIssuer, complaint_id: int, text: str = ANSWER
) -> None:
    path = f"/records/v1/complaints/{complaint_id}/answer"
    answered = await client.post(path, json={"text": text}, headers=issuer.headers(Role.MINISTRY))
    assert answered.status_code == 200, answered.text


async def _drain(context: Context, mailer: Mailer) -> None:
    while await mail_one(context, mailer):
        pass


async def _owed(context: Context) -> int:
    async with context.db.begin() as tx:
        return int(
            (await tx.execute(select(func.count()).select_from(complaint_letter))).scalar_one()
        )


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body
    return str(body.get_content())


async def test_a_complaint_is_confirmed_in_both_languages_without_its_words(
    context: Context, client: httpx.AsyncClient, sink: Sink, mailer: Mailer
) -> None:
    taken = await _complain(client, {"email": HOA})
    await _drain(context, mailer)
    (message,) = sink.taken
    number, due = (
        taken["complaint_id"],
        datetime.fromisoformat(taken["due_at"]).astimezone(VIET_NAM),
    )
    assert message["To"] == HOA
    assert (
        message["Subject"]
        == f"Phản ánh số {number}: đã tiếp nhận · Complaint no. {number}: received"
    )
    assert message["Auto-Submitted"] == "auto-generated"
    text = _text(message)
    for words in (
        f"Số phản ánh: {number}",
        f"Complaint number: {number}",
        f"Trả lời chậm nhất: {due:%H:%M ngày %d/%m/%Y} (giờ Việt Nam), tức trong vòng 48 giờ",
        f"To be answered by: {due:%Y-%m-%d %H:%M} (Viet Nam time), which is within 48 hours",
    ):
        assert words in text
    assert WORDS not in text
    assert await _owed(context) == 0


async def test_the_answer_is_mailed_once_and_again_only_where_it_is_another(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer, sink: Sink, mailer: Mailer
) -> None:
    number = (await _complain(client, {"email": HOA, "phone": "0912 345 678"}))["complaint_id"]
    await _drain(context, mailer)
    for text in (ANSWER, ANSWER, "Đã sửa ngày tiêm."):
        await _answer(client, issuer, number, text)
        await _drain(context, mailer)
    _, first, second = sink.taken
    assert (
        first["Subject"]
        == f"Phản ánh số {number}: đã có trả lời · Complaint no. {number}: answered"
    )
    assert ANSWER in _text(first).replace("\r\n", "\n")
    assert "Đã sửa ngày tiêm." in _text(second)
    assert len({message["Message-ID"] for message in sink.taken}) == 3


@pytest.mark.parametrize("contact", [None, {"phone": "0912 345 678"}])
async def test_nothing_is_owed_to_whoever_left_no_address(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer, contact: dict[str, str] | None
) -> None:
    await _answer(client, issuer, (await _complain(client, contact))["complaint_id"])
    assert await _owed(context) == 0


async def test_a_complaint_that_is_answered_before_its_confirmation_left_gets_the_answer_alone(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer, sink: Sink, mailer: Mailer
) -> None:
    await _answer(client, issuer, (await _complain(client, {"email": HOA}))["complaint_id"])
    await _drain(context, mailer)
    assert [ANSWER in _text(message).replace("\r\n", "\n") for message in sink.taken] == [True]


async def test_a_complaint_that_is_not_kept_owes_no_letter(
    context: Context, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    owe = store.owe_email

    async def and_then_fail(tx: Transaction, complaint_id: int, now: datetime) -> None:
        await owe(tx, complaint_id, now)
        raise ConnectionError("the database went away")

    monkeypatch.setattr(store, "owe_email", and_then_fail)
    body = {"kind": "other", "text": WORDS, "province_code": "68", "contact": {"email": HOA}}
    assert (await client.post("/records/v1/complaints", json=body)).status_code == 503
    async with context.db.begin() as tx:
        assert (await tx.execute(select(func.count()).select_from(complaint))).scalar_one() == 0
    assert await _owed(context) == 0


async def test_letters_wait_while_the_mail_server_is_away_and_each_leaves_once_when_it_is_back(
    context: Context, client: httpx.AsyncClient, clock: Clock, tmp_path: Path
) -> None:
    away = Sink(tmp_path / "away.sock")
    for n in range(3):
        await _complain(client, {"email": f"hoa{n}@example.vn"})
    stop = asyncio.Event()
    working = [
        asyncio.create_task(mail_forever(context, away.mailer(), stop, look_s=0.02))
        for _ in range(2)
    ]
    try:
        with capture_logs() as logs:
            async with asyncio.timeout(PATIENCE_S):
                while len(logs) < 3:
                    await asyncio.sleep(0.01)
            assert {line["event"] for line in logs} == {"complaint_letter_postponed"}
            assert "example.vn" not in str(logs)
        assert await _owed(context) == 3
        with away.up():
            clock.ahead = timedelta(minutes=1)
            async with asyncio.timeout(PATIENCE_S):
                while await _owed(context):
                    await asyncio.sleep(0.01)
            clock.ahead = timedelta(days=1)
            await _drain(context, away.mailer())
    finally:
        stop.set()
        await asyncio.gather(*working)
    assert sorted(message["To"] for message in away.taken) == [
        f"hoa{n}@example.vn" for n in range(3)
    ]


async def test_a_busy_server_is_asked_ever_less_often(
    context: Context, client: httpx.AsyncClient, clock: Clock, sink: Sink, mailer: Mailer
) -> None:
    await _complain(client, {"email": HOA})
    sink.answers = ["451 busy"] * 8
    for pause_s in (30, 60, 120, 240, 480, 900, 900, 900):
        assert not await mail_one(context, mailer)
        asked = sink.asked
        clock.ahead += timedelta(seconds=pause_s - 5)
        assert not await mail_one(context, mailer)
        assert sink.asked == asked
        clock.ahead += timedelta(seconds=10)
    assert await mail_one(context, mailer)
    assert (len(sink.taken), await _owed(context)) == (1, 0)


async def test_a_letter_that_is_refused_is_given_up_without_saying_whose_it_was_and_costs_no_other(
    context: Context, client: httpx.AsyncClient, sink: Sink, mailer: Mailer
) -> None:
    for email in ("gone@example.vn", "=?utf-8?b?YUB4LnZuLCBiQHgudm4=?=@example.vn", HOA):
        await _complain(client, {"email": email})
    sink.answers = ["550 no such mailbox gone@example.vn"]
    with capture_logs() as logs:
        await _drain(context, mailer)
    assert [line["event"] for line in logs] == ["complaint_letter_refused"] * 2
    assert "example.vn" not in str(logs)
    assert [message["To"] for message in sink.taken] == [HOA]
    assert await _owed(context) == 0


async def test_what_a_worker_had_in_hand_when_it_died_is_sent_under_the_same_name(
    context: Context,
    client: httpx.AsyncClient,
    clock: Clock,
    sink: Sink,
    mailer: Mailer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await _complain(client, {"email": HOA})

    async def die(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(store, "settle_email", die)
        with pytest.raises(SystemExit):
            await mail_one(context, mailer)
    clock.ahead = timedelta(minutes=4)
    assert not await mail_one(context, mailer)
    clock.ahead = timedelta(minutes=6)
    assert await mail_one(context, mailer)
    assert len(sink.taken) == 2
    assert len({message["Message-ID"] for message in sink.taken}) == 1


async def test_an_answer_that_comes_while_the_confirmation_is_in_hand_is_mailed_after_it(
    context: Context,
    client: httpx.AsyncClient,
    issuer: TestIssuer,
    clock: Clock,
    sink: Sink,
    mailer: Mailer,
) -> None:
    number = (await _complain(client, {"email": HOA}))["complaint_id"]
    async with context.db.begin() as tx:
        in_hand = await store.take_email(tx, clock(), clock() + timedelta(minutes=5))
    assert in_hand is not None
    await _answer(client, issuer, number)
    async with context.db.begin() as tx:
        await store.settle_email(tx, in_hand.letter_id)
    await _drain(context, mailer)
    assert ["answered" in message["Subject"] for message in sink.taken] == [True]


async def test_one_mailbox_gets_so_many_confirmations_under_all_its_addresses_and_every_answer(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer, sink: Sink, mailer: Mailer
) -> None:
    labelled = HOA.replace("@", "+1@")
    numbers = [
        (await _complain(client, {"email": email}))["complaint_id"]
        for email in (HOA, HOA.upper(), labelled, "b@example.vn")
    ]
    await _drain(context, mailer)
    assert [message["To"] for message in sink.taken] == [HOA, HOA.upper(), "b@example.vn"]
    await _answer(client, issuer, numbers[2])
    await _drain(context, mailer)
    assert [message["To"] for message in sink.taken[3:]] == [labelled]
