"""Apps are told what has happened: what, by whose word, to whom, and for how long it is tried."""

import base64
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from contracts.access import Role
from contracts.words import Grade
from services.records.context import Context
from services.records.settings import WebhookSettings
from services.records.webhooks import fan_out
from services.records.webhooks.sender import forget_old, send_due
from services.records.webhooks.store.tables import webhook, webhook_delivery, webhook_news
from tests.integration.records.conftest import Caller, Clock, Records
from tests.integration.records.test_supplements import slip
from tests.support.files import typed
from tests.support.webhooks import WebhookApp, webhook_app

End = Callable[[Records, int], Awaitable[None]]
CERTIFICATES = ["certificate.issued", "certificate.renewed", "certificate.revoked"]


@pytest.fixture
def context(context: Context, clock: Clock) -> Context:
    """Records with a clock that can be set, where this machine may be told."""
    cfg = context.cfg.model_copy(update={"webhook": WebhookSettings(allow_loopback=True)})
    return replace(context, cfg=cfg, clock=clock)


@pytest.fixture
async def told() -> AsyncIterator[WebhookApp]:
    """An app that takes webhooks."""
    async with webhook_app() as app:
        yield app


async def _register(caller: Caller, app: WebhookApp, *events: str) -> Any:
    answer = await caller.ask("POST", "/webhooks", json={"url": app.url, "events": list(events)})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def _send(context: Context) -> None:
    while await fan_out.tell(context) | await send_due(context):
        pass


def _signature(secret: str, headers: dict[str, str], body: str) -> str:
    """By the letter of the Standard Webhooks specification."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}"
    return "v1," + base64.b64encode(hmac.digest(key, signed.encode(), "sha256")).decode()


async def test_a_batch_is_told_once_it_is_settled_and_not_before(
    records: Records, context: Context, told: WebhookApp, clock: Clock
) -> None:
    hook = await _register(records.caller(Role.SERVICE), told, "batch.finished")
    batch = await records.record([typed(1, source_id="a"), typed(2, source_id="b")])
    await _send(context)
    assert told.messages == []
    await records.judge(dict.fromkeys("ab", (Grade.MISMATCH, [])))
    clock.ahead += timedelta(minutes=2)
    await _send(context)
    [message] = told.messages
    batch_id = batch["batch_id"]
    body = json.loads(message.body)
    link = f"/records/v1/batches/{batch_id}"
    assert (body["type"], body["data"]) == (
        "batch.finished", {"batches": [{"id": batch_id, "link": link}]},
    )  # fmt: skip
    assert message.target == "/told?from=hochieu"
    signature = _signature(hook["secret"], message.headers, message.body)
    assert message.headers["webhook-signature"] == signature
    async with context.db.begin() as tx:
        assert (await tx.execute(select(func.count()).select_from(webhook_news))).scalar_one() == 0


async def test_certificates_are_told_as_issued_renewed_and_revoked_and_repetitions_not_at_all(
    records: Records, context: Context, told: WebhookApp
) -> None:
    service = records.caller(Role.SERVICE)
    await _register(service, told, *CERTIFICATES)
    await records.record([typed(1, source_id="a"), typed(2, source_id="b")])
    await records.judge(dict.fromkeys("ab", (Grade.EXACT, [])))
    await records.sign("ab")
    await records.sign("ab")
    await records.sign("a", uvci="URN:again:{}")
    ids = await records.ids()
    withdrawal = await service.ask(
        "DELETE", f"/doses/{ids['b']}", json={"reason": "entered_in_error"}
    )
    assert withdrawal.status_code == 200, withdrawal.text
    await _send(context)
    bodies = [json.loads(message.body) for message in told.messages]
    assert [(body["type"], [one["id"] for one in body["data"]["doses"]]) for body in bodies] == [
        ("certificate.issued", [ids["a"], ids["b"]]),
        ("certificate.renewed", [ids["a"]]),
        ("certificate.revoked", [ids["b"]]),
    ]
    everything = "".join(message.body for message in told.messages)
    assert "URN" not in everything
    assert typed(1).full_name not in everything


async def _certified(records: Records) -> int:
    """A dose with its certificate, and the only one."""
    await records.record([typed(1, source_id="a")])
    await records.judge({"a": (Grade.EXACT, [])})
    await records.sign("a")
    return (await records.ids())["a"]


async def _correct(records: Records, dose_id: int, lot: str) -> None:
    correction = {"reason": "by the slip", "lot": lot}
    answer = await records.caller().ask("PATCH", f"/doses/{dose_id}", json=correction)
    assert answer.status_code == 200, answer.text


async def _withdrawn(records: Records, dose_id: int) -> None:
    await records.caller(Role.SERVICE).ask("DELETE", f"/doses/{dose_id}")


async def _corrected_and_wrong(records: Records, dose_id: int) -> None:
    await _correct(records, dose_id, "FK0050")
    await records.judge({"a": (Grade.MISMATCH, [])})
    await records.judge({"a": (Grade.MISMATCH, [])})


async def _corrected_and_right(records: Records, dose_id: int) -> None:
    await _correct(records, dose_id, "FK0050")
    await records.judge({"a": (Grade.EXACT, [])})
    await records.sign("a", uvci="URN:again:{}")


async def _corrected_and_signed_before_it_is_told_how(records: Records, dose_id: int) -> None:
    await _correct(records, dose_id, "FK0050")
    await records.sign("a", uvci="URN:again:{}")
    await records.judge({"a": (Grade.EXACT, [])})


async def _corrected_by_a_file(records: Records, dose_id: int) -> None:
    await records.record([typed(1, source_id="a", lot="FK0050")])
    await records.judge({"a": (Grade.NOT_FOUND, [])})


async def _corrected_twice_and_judged_once(records: Records, dose_id: int) -> None:
    await _correct(records, dose_id, "FK0050")
    await _correct(records, dose_id, "FK0051")
    await records.judge({"a": (Grade.REVIEW, [])})


async def _corrected_and_withdrawn_before_it_is_judged(records: Records, dose_id: int) -> None:
    await _correct(records, dose_id, "FK0050")
    await _withdrawn(records, dose_id)
    await records.judge({"a": (Grade.MISMATCH, [])})


async def _become_another_persons(records: Records, dose_id: int) -> None:
    await _correct(records, dose_id, "FK0050")
    await records.judge({"a": (Grade.REVIEW, [])}, doubts=("PERSON_CHANGED",))


async def _decided_to_be_another_persons(records: Records, dose_id: int) -> None:
    await _become_another_persons(records, dose_id)
    await _correct(records, dose_id, "FK0051")
    await records.judge({"a": (Grade.EXACT, [])})


async def _another_persons_and_withdrawn(records: Records, dose_id: int) -> None:
    await _become_another_persons(records, dose_id)
    await _withdrawn(records, dose_id)


async def _corrected_and_not_yet_judged(records: Records, dose_id: int) -> None:
    await _correct(records, dose_id, "FK0050")


async def _told_again(records: Records, dose_id: int) -> None:
    await records.judge({"a": (Grade.EXACT, [])})
    await records.sign("a")


@pytest.mark.parametrize(
    ("end", "times"),
    [
        (_withdrawn, 1),
        (_corrected_and_wrong, 1),
        (_corrected_and_right, 1),
        (_corrected_and_signed_before_it_is_told_how, 1),
        (_corrected_by_a_file, 1),
        (_corrected_twice_and_judged_once, 1),
        (_corrected_and_withdrawn_before_it_is_judged, 1),
        (_decided_to_be_another_persons, 1),
        (_another_persons_and_withdrawn, 1),
        (_become_another_persons, 0),
        (_corrected_and_not_yet_judged, 0),
        (_told_again, 0),
    ],
    ids=lambda one: getattr(one, "__name__", str(one)).lstrip("_"),
)
async def test_however_a_certificate_ends_it_is_told_once_and_one_that_stands_is_not(
    records: Records, context: Context, told: WebhookApp, end: End, times: int
) -> None:
    """The signer revokes what it issued for an older version as soon as a newer one is judged;
    not of a dose that would become another person's until people have decided.
    """
    dose_id = await _certified(records)
    await _register(records.caller(Role.SERVICE), told, "certificate.revoked")
    await end(records, dose_id)
    await _send(context)
    assert [json.loads(message.body)["data"]["doses"][0]["id"] for message in told.messages] == [
        dose_id
    ] * times


async def test_an_answer_to_a_complaint_is_told_to_the_office_and_those_above_it(
    records: Records, context: Context, told: WebhookApp
) -> None:
    ours = records.caller(Role.FACILITY, facility="79001")
    await _register(ours, told, "complaint.answered")
    await _register(records.caller(Role.FACILITY, facility="68001"), told, "complaint.answered")
    body = {
        "kind": "missing_dose",
        "facility_code": "79001",
        "province_code": "79",
        "text": "Thiếu mũi 2 của tôi.",
    }
    taken = await records.caller(Role.CITIZEN, personal_id="079201000017").ask(
        "POST", "/complaints", json=body
    )
    assert taken.status_code in (200, 201, 202), taken.text
    complaint_id = taken.json()["complaint_id"]
    await ours.post(f"/complaints/{complaint_id}/answer", {"text": "Đã bổ sung."})
    await _send(context)
    [message] = told.messages
    assert json.loads(message.body)["data"] == {
        "complaints": [{"id": complaint_id, "link": f"/records/v1/complaints/{complaint_id}"}]
    }
    assert "bổ sung" not in message.body


async def test_nobody_is_told_of_what_is_beyond_the_reach_of_its_token(
    records: Records, context: Context, told: WebhookApp
) -> None:
    await _register(records.caller(Role.FACILITY, facility="79001"), told, *CERTIFICATES)
    await _register(records.caller(Role.PROVINCE, areas=["01"]), told, "batch.finished")
    await records.record([typed(1, source_id="a")])
    await records.judge({"a": (Grade.EXACT, [])})
    await records.sign("a")
    await _send(context)
    assert told.messages == []


async def test_what_is_not_taken_is_tried_for_a_day_and_then_no_more(
    records: Records, context: Context, told: WebhookApp, clock: Clock
) -> None:
    service = records.caller(Role.SERVICE)
    hook = await _register(service, told, "batch.finished")
    path = f"/webhooks/{hook['webhook_id']}"
    told.status = 503
    await service.ask("POST", f"{path}/test")
    while not (await service.get("/webhooks"))["items"][0]["disabled_at"]:
        await _send(context)
        clock.ahead += timedelta(minutes=10)
    assert timedelta(hours=20) < clock.ahead < timedelta(hours=40)
    [delivery] = await service.get(f"{path}/deliveries")
    assert (delivery["tries"], delivery["outcome"]) == (12, "503")
    assert delivery["next_try_at"] is None and delivery["delivered_at"] is None
    assert len({message.headers["webhook-id"] for message in told.messages}) == 1
    assert len({message.headers["webhook-timestamp"] for message in told.messages}) == 12
    assert "không nhận" in (await service.get("/webhooks"))["items"][0]["notice"]
    assert (await service.ask("POST", f"{path}/test")).json()["code"] == "WEBHOOK_DISABLED"


async def test_an_address_that_is_gone_is_told_nothing_more(
    records: Records, context: Context, told: WebhookApp
) -> None:
    service = records.caller(Role.SERVICE)
    hook = await _register(service, told, "batch.finished")
    told.status = 410
    await service.ask("POST", f"/webhooks/{hook['webhook_id']}/test")
    await _send(context)
    assert (await service.get("/webhooks"))["items"][0]["disabled_at"]


async def test_no_redirect_is_followed(
    records: Records, context: Context, told: WebhookApp
) -> None:
    service = records.caller(Role.SERVICE)
    hook = await _register(service, told, "batch.finished")
    told.status, told.more = 307, f"location: {told.url}\r\n"
    await service.ask("POST", f"/webhooks/{hook['webhook_id']}/test")
    await send_due(context)
    assert len(told.messages) == 1
    assert (await service.get(f"/webhooks/{hook['webhook_id']}/deliveries"))[0]["outcome"] == "307"


async def test_a_changed_secret_signs_beside_the_old_one_for_a_day(
    records: Records, context: Context, told: WebhookApp, clock: Clock
) -> None:
    service = records.caller(Role.SERVICE)
    hook = await _register(service, told, "batch.finished")
    path = f"/webhooks/{hook['webhook_id']}"
    newer = await service.post(f"{path}/rotate")
    for days in (0, 1.1):
        clock.ahead += timedelta(days=days)
        await service.ask("POST", f"{path}/test")
        await _send(context)
    during, after = told.messages
    assert during.headers["webhook-signature"].split() == [
        _signature(one["secret"], during.headers, during.body) for one in (newer, hook)
    ]
    assert after.headers["webhook-signature"] == _signature(
        newer["secret"], after.headers, after.body
    )
    async with context.db.begin() as tx:
        [sealed] = (await tx.execute(select(webhook.c.secret))).scalars()
    assert base64.b64decode(newer["secret"].removeprefix("whsec_")) not in sealed


async def test_a_webhook_is_its_owners_alone_and_goes_with_its_messages(
    records: Records, context: Context, told: WebhookApp, clock: Clock
) -> None:
    ours = records.caller(Role.FACILITY, facility="79001")
    others = records.caller(Role.FACILITY, facility="79002")
    hook = await _register(ours, told, "batch.finished")
    path = f"/webhooks/{hook['webhook_id']}"
    for method, of in (
        ("DELETE", ""), ("POST", "/rotate"), ("POST", "/test"), ("GET", "/deliveries"),
    ):  # fmt: skip
        assert (await others.ask(method, path + of)).status_code == 404
    assert (await others.get("/webhooks"))["items"] == []
    assert "secret" not in (await ours.get("/webhooks"))["items"][0]
    await ours.ask("POST", f"{path}/test")
    await _send(context)
    clock.ahead += timedelta(days=31)
    await forget_old(context, clock())
    assert await ours.get(f"{path}/deliveries") == []
    await ours.ask("POST", f"{path}/test")
    assert (await ours.ask("DELETE", path)).status_code == 204
    async with context.db.begin() as tx:
        counted = select(func.count()).select_from(webhook_delivery)
        assert (await tx.execute(counted)).scalar_one() == 0


async def test_a_caller_has_a_few_webhooks(
    records: Records, context: Context, told: WebhookApp
) -> None:
    service = records.caller(Role.SERVICE)
    for _ in range(context.cfg.webhook.per_caller):
        await _register(service, told, "batch.finished")
    body = {"url": told.url, "events": ["batch.finished"]}
    refused = await service.ask("POST", "/webhooks", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "TOO_MANY_WEBHOOKS")


async def test_a_supplement_is_told_to_the_facility_it_names_and_to_no_other(
    records: Records, context: Context, told: WebhookApp
) -> None:
    for facility in ("79001", "79002"):
        await _register(
            records.caller(Role.FACILITY, facility=facility), told, "supplement.recorded"
        )
    station = records.caller(Role.STATION, areas=["6867224769"])
    answer = await station.ask("POST", "/supplements", json=slip())
    assert answer.status_code == 201, answer.text
    await _send(context)
    [message] = told.messages
    link = "/records/v1/supplements/1"
    assert json.loads(message.body)["data"] == {"supplements": [{"id": 1, "link": link}]}
    assert slip()["person"]["full_name"] not in message.body
