"""The look-up without a telephone: one answer for everything, and a letter only where everything
matches.
"""

import asyncio
import unicodedata
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from PIL import Image
from structlog.testing import capture_logs

from contracts.events import RegistryPerson
from services.chassis.mail import Mailer, MailSettings
from services.signer.context import Context
from services.signer.domain.lookup_match import LookupDetails
from services.signer.hcert.verify import verify
from services.signer.lookup_queue import QueuedLookup
from services.signer.settings import LookupSettings
from services.signer.store.intents import indexes_of_number
from services.signer.workers.lookup_mailer import answer, work_off
from tests.integration.signer.conftest import edge, strict
from tests.integration.signer.work import ANNA, FIRST, HOA, HUNG, SECOND, dose, handle, verified
from tests.support.bus import PATIENCE_S
from tests.support.mail import Sink
from tests.support.pages import read_page, read_qr_codes
from tests.support.tokens import TestIssuer

RIGHT = {
    "full_name": "Nguyễn Thị Hòa",
    "date_of_birth": "1980-05-03",
    "sex": "female",
    "personal_id": HOA.personal_id,
    "last_dose_date": SECOND.isoformat(),
    "email": "hoa@example.vn",
}


@pytest.fixture
async def people(context: Context) -> None:
    await handle(
        context,
        verified(
            dose(1),
            dose(2, number=2, given=SECOND),
            dose(3, HUNG, given=FIRST),
            dose(4, ANNA, given=FIRST),
        ),
    )


@pytest.fixture
async def worker(context: Context, sink: Sink, people: None) -> AsyncIterator[asyncio.Event]:
    stop = asyncio.Event()
    working = asyncio.create_task(work_off(context, sink.mailer(), stop))
    yield stop
    stop.set()
    async with asyncio.timeout(PATIENCE_S):
        await working


async def _ask(context: Context, client: httpx.AsyncClient, **changed: str) -> httpx.Response:
    response = await client.post("/signer/v1/lookups", json={**RIGHT, **changed})
    async with asyncio.timeout(PATIENCE_S):
        await context.lookups.waiting.join()
    return response


@pytest.mark.usefixtures("worker")
async def test_the_passport_is_mailed_with_a_code_for_each_dose_where_all_matches(
    context: Context, client: httpx.AsyncClient, sink: Sink
) -> None:
    assert (await _ask(context, client)).status_code == 202
    (message,) = sink.taken
    assert message["To"] == "hoa@example.vn"
    body = message.get_body(("plain",))
    assert body
    text = body.get_content()
    for part in (
        "Họ và tên · Full name: Nguyễn Thị Hòa · NGUYEN THI HOA",
        "Số mũi tiêm đã nhận · Number of doses received: 2",
    ):
        assert part in text
    assert HOA.personal_id not in message.as_string()
    page, *pictures = [part.get_content() for part in message.iter_attachments()]
    codes = [read_qr_codes(Image.open(BytesIO(picture)))[0].text for picture in pictures]
    assert len(codes) == 2
    assert all(verify(code, context.trust, context.clock()).valid for code in codes)
    assert read_page(page).code()[0] == codes[-1]


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(
    "spelling",
    [
        {"full_name": "  NGUYỄN  THỊ HOÀ "},
        {"full_name": "nguyen thi hoa"},
        {"full_name": "Thị Hòa Nguyễn"},
        {"date_of_birth": "1980"},
        {"full_name": unicodedata.normalize("NFD", "nguyễn thị hoà")},
        {"date_of_birth": "03/05/1980"},
        {"personal_id": "068 180 000 001"},
        {"personal_id": "068.180.000001"},
        {"personal_id": "'068180000001"},
        {"date_of_birth": "1980-05-02T17:00:00.000Z"},
        {"date_of_birth": "3 tháng 5 năm 1980"},
        {"last_dose_date": f"{SECOND - timedelta(days=1)}T17:00:00.000Z"},
        {"last_dose_date": f"{SECOND:%d/%m/%Y} 08:30 SA"},
    ],
)
async def test_another_spelling_of_the_same_matches(
    spelling: dict[str, str], context: Context, client: httpx.AsyncClient, sink: Sink
) -> None:
    await _ask(context, client, **spelling)
    assert len(sink.taken) == 1


@pytest.mark.usefixtures("worker")
async def test_a_foreigner_asks_by_passport_number(
    context: Context, client: httpx.AsyncClient, sink: Sink
) -> None:
    asked = {
        "full_name": "muller anna",
        "date_of_birth": "1990-02-28",
        "personal_id": "c01x00t47",
        "last_dose_date": "2021-07-01",
    }
    await _ask(context, client, **asked)
    assert sink.taken == []
    await _ask(context, client, **{**asked, "full_name": "müller anna"})
    assert len(sink.taken) == 1


@pytest.mark.usefixtures("worker")
async def test_counters_tell_no_person_without_a_passport_from_a_wrong_fact(
    context: Context, client: httpx.AsyncClient
) -> None:
    def counted() -> set[tuple[str, float]]:
        samples = [
            sample
            for metric in context.metrics.items.collect()
            for sample in metric.samples
            if sample.name == "items_total"
        ]
        return {
            (sample.labels["outcome"], sample.value)
            for sample in samples
            if sample.labels["stage"] == "lookup"
        }

    await _ask(context, client, personal_id="068180000002")
    assert counted() == {("not_answered", 1.0)}
    await _ask(context, client, full_name="Nguyễn Thị Hoa")
    assert counted() == {("not_answered", 2.0)}


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(
    "wrong",
    [
        {"full_name": "Nguyễn Thị Hoa"},
        {"full_name": "Thị Hòa"},
        {"date_of_birth": "1980-05-13"},
        {"date_of_birth": "1981"},
        {"date_of_birth": "30/02/1980"},
        {"sex": "male"},
        {"personal_id": HUNG.personal_id},
        {"personal_id": "068180000002"},
        {"last_dose_date": "2021-07-01"},
    ],
)
async def test_one_wrong_fact_gets_the_same_answer_and_no_letter(
    wrong: dict[str, str], context: Context, client: httpx.AsyncClient, sink: Sink
) -> None:
    answer = await _ask(context, client, **wrong)
    assert sink.taken == []
    right = await _ask(context, client)
    assert len(sink.taken) == 1
    assert (answer.status_code, answer.content) == (right.status_code, right.content)
    assert answer.status_code == 202


async def test_the_answer_is_given_before_anything_is_looked_up(
    context: Context, client: httpx.AsyncClient, sink: Sink
) -> None:
    answer = await client.post("/signer/v1/lookups", json=RIGHT)
    assert answer.status_code == 202
    assert (context.lookups.waiting.qsize(), sink.asked) == (1, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "hoa"},
        {"email": "hoa@example.vn\r\nBcc: all@example.vn"},
        {"email": "a@example.vn, b@example.vn"},
        {"sex": "x"},
        {"last_dose_date": "30/02"},
        {"full_name": " "},
        {"extra": "1"},
    ],
)
async def test_a_form_that_is_filled_in_wrongly_is_refused_without_repeating_it(
    wrong: dict[str, str], client: httpx.AsyncClient
) -> None:
    response = await client.post("/signer/v1/lookups", json={**RIGHT, **wrong})
    assert (response.status_code, response.json()["code"]) == (422, "REQUEST_INVALID")
    assert "Bcc" not in response.text
    assert HOA.personal_id not in response.text


@pytest.mark.usefixtures("worker")
async def test_an_address_that_would_open_into_others_gets_no_letter(
    context: Context, client: httpx.AsyncClient, sink: Sink
) -> None:
    for email in (
        "=?utf-8?b?YUB4LnZuLCBiQHgudm4=?=@x.vn",
        "=?utf-8?q?a=40x.vn?=@x.vn",
        "=?utf-8?q?a=0D=0ABcc=3A_b=40x.vn?=@x.vn",
    ):
        with capture_logs() as logs:
            assert (await _ask(context, client, email=email)).status_code == 202
        assert (sink.asked, [line["event"] for line in logs]) == (0, ["lookup_failed"])
    await _ask(context, client, email="o'hoa+1@example.vn")
    assert [message["To"] for message in sink.taken] == ["o'hoa+1@example.vn"]


async def test_one_address_may_ask_so_often_whoever_it_asks_for(
    context: Context, issuer: TestIssuer
) -> None:
    limits = LookupSettings(per_address="3 per minute", per_person="100 per hour")
    async with edge(strict(context, limits), issuer) as client:

        async def ask(n: int, address: str) -> httpx.Response:
            body = {**RIGHT, "personal_id": f"06818000{n:04d}"}
            return await client.post(
                "/signer/v1/lookups", json=body, headers={"X-Forwarded-For": address}
            )

        assert [(await ask(n, "6.6.6.6, 1.2.3.4")).status_code for n in range(3)] == [202] * 3
        refused = await ask(4, "7.7.7.7, 1.2.3.4")
        assert (refused.status_code, refused.json()["code"]) == (429, "TOO_MANY_LOOKUPS")
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert (await ask(5, "1.2.3.5")).status_code == 202
        assert [(await ask(n, f"2001:db8::{n}")).status_code for n in range(4)] == [
            202,
            202,
            202,
            429,
        ]


async def test_one_address_may_ask_so_often_for_one_person_and_keeps_no_other_from_asking(
    context: Context, issuer: TestIssuer
) -> None:
    limits = LookupSettings(per_address="100 per minute", per_person="2 per hour")
    await handle(context, verified(dose(1)))
    async with edge(strict(context, limits), issuer) as client:

        async def ask(personal_id: str, address: str) -> httpx.Response:
            return await client.post(
                "/signer/v1/lookups",
                json={**RIGHT, "personal_id": personal_id},
                headers={"X-Forwarded-For": address},
            )

        # whether there is such a person or not
        for personal_id in (HOA.personal_id, "068180999999"):
            answers = [await ask(personal_id, "9.9.9.9") for _ in range(3)]
            assert [answer.status_code for answer in answers] == [202, 202, 429]
            assert (await ask(personal_id, "9.9.9.1")).status_code == 202


async def test_many_addresses_make_the_next_one_wait_whether_there_is_such_a_person_or_not(
    context: Context, issuer: TestIssuer
) -> None:
    limits = LookupSettings(per_address="100 per minute", free_per_person="3 per day")
    await handle(context, verified(dose(1)))
    async with edge(strict(context, limits), issuer) as client:
        for personal_id in (HOA.personal_id, "068180999999"):
            answers = [
                await client.post(
                    "/signer/v1/lookups",
                    json={**RIGHT, "personal_id": personal_id},
                    headers={"X-Forwarded-For": f"9.9.9.{n}"},
                )
                for n in range(6)
            ]
            assert [answer.status_code for answer in answers] == [202] * 4 + [429] * 2
            assert 1 <= int(answers[-1].headers["retry-after"]) <= 60


@pytest.mark.usefixtures("people")
async def test_one_mailbox_gets_so_many_letters_under_all_of_its_addresses(
    context: Context, sink: Sink
) -> None:
    limited = strict(context, LookupSettings(per_mailbox="2 per day"))
    for email in ("an@example.vn", "AN+1@example.vn", "an+2@Example.VN", "an+3@example.vn"):
        persons = indexes_of_number(context.sealer, HOA.personal_id)
        details = LookupDetails("Nguyễn Thị Hòa", "1980-05-03", "female", SECOND)
        # what matches nobody takes nothing from the mailbox
        wrong = QueuedLookup(persons, details._replace(sex="male"), email)
        for lookup in (wrong, QueuedLookup(persons, details, email)):
            await answer(limited, sink.mailer(), lookup)
    assert [message["To"] for message in sink.taken] == ["an@example.vn", "AN+1@example.vn"]


@pytest.mark.usefixtures("worker")
async def test_a_mail_server_that_is_busy_is_asked_again(
    context: Context, client: httpx.AsyncClient, sink: Sink
) -> None:
    sink.answers = ["451 busy", "451 busy"]
    assert (await _ask(context, client)).status_code == 202
    assert (len(sink.taken), sink.asked) == (1, 3)


@pytest.mark.usefixtures("worker")
async def test_mail_that_is_refused_is_logged_without_saying_whose_and_costs_no_later_one(
    context: Context, client: httpx.AsyncClient, sink: Sink
) -> None:
    sink.answers = ["554 no", *["451 busy"] * 4]
    with capture_logs() as logs:
        assert (await _ask(context, client)).status_code == 202
        assert sink.asked == 1
        assert (await _ask(context, client)).status_code == 202
        assert sink.asked == 5
    assert [line["event"] for line in logs] == ["mail_failed", *["mail_retried"] * 3, "mail_failed"]
    assert not any(part in str(logs) for part in ("hoa@", "Nguyễn", HOA.personal_id))
    await _ask(context, client)
    assert len(sink.taken) == 1


async def test_a_mail_server_that_is_away_is_given_up_on_without_an_error(tmp_path: Path) -> None:
    away = Sink(tmp_path / "nobody.sock")
    message = EmailMessage()
    message["From"], message["To"] = "a@example.vn", "b@example.vn"
    with capture_logs() as logs:
        assert not await away.mailer().send(message)
    assert len(logs) == 4


@pytest.mark.parametrize("url", ["http://mail", "smtp://", "smtp+unix://", "mail.example.vn:25"])
def test_an_address_of_no_mail_server_is_refused_at_start(url: str) -> None:
    with pytest.raises(ValueError, match="MAIL_URL"):
        Mailer(MailSettings(url=url, sender="a@example.vn"))


MARY = RegistryPerson(
    passport_number="123456789",
    full_name="Smith Mary",
    date_of_birth="1970-01-31",
    sex="female",
    nationality="US",
)
JOHN = RegistryPerson(
    passport_number="123456789",
    full_name="Smith John",
    date_of_birth="1988-12-01",
    sex="male",
    nationality="GB",
)
MARY_ASKS = {
    "full_name": "Smith Mary",
    "date_of_birth": "1970-01-31",
    "sex": "female",
    "personal_id": "123456789",
    "last_dose_date": "2021-07-01",
}


def _keyed_by_number_alone(context: Context, person: RegistryPerson) -> int:
    return context.sealer.blind(f"passport:{person.passport_number}")


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(
    "stored_before", [False, True], ids=["today", "when the number alone was the key"]
)
async def test_two_travellers_whose_passports_share_a_number_get_their_own_certificates_alone(
    stored_before: bool, context: Context, client: httpx.AsyncClient, sink: Sink
) -> None:
    await handle(context, verified(dose(11, MARY, given=FIRST), dose(12, JOHN, given=SECOND)))
    if stored_before:
        async with context.db.begin() as tx:
            await tx.raw.execute(
                "UPDATE intent SET person = $1 WHERE dose_id IN (11, 12)",
                _keyed_by_number_alone(context, MARY),
            )
    await _ask(context, client, **MARY_ASKS)
    (message,) = sink.taken
    assert [part.get_content_type() for part in message.iter_attachments()] == [
        "application/pdf",
        "image/png",
    ]
    body = message.get_body(("plain",))
    assert body
    assert "Number of doses received: 1" in body.get_content()
    assert "John" not in message.as_string()


@pytest.mark.usefixtures("worker")
async def test_travellers_alike_but_for_nationality_are_two_people(
    context: Context, client: httpx.AsyncClient, sink: Sink
) -> None:
    namesake = replace(MARY, nationality="GB")
    await handle(context, verified(dose(11, MARY, given=FIRST), dose(12, namesake, given=SECOND)))
    await _ask(context, client, **MARY_ASKS)
    (message,) = sink.taken
    body = message.get_body(("plain",))
    assert body
    assert "Hoa Kỳ" in body.get_content()
    assert "Number of doses received: 1" in body.get_content()


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(
    "typed", ["c01x00t47", "C01 X00-T47", " C01X00T47 ", "C01.X00.T47", "C01\u2013X00T47"]
)
async def test_a_passport_number_is_found_in_any_way_it_is_typed(
    typed: str, context: Context, client: httpx.AsyncClient, sink: Sink
) -> None:
    asked = {
        "full_name": "Müller Anna",
        "date_of_birth": "1990-02-28",
        "personal_id": typed,
        "last_dose_date": "2021-07-01",
    }
    await _ask(context, client, **asked)
    assert len(sink.taken) == 1


@pytest.mark.usefixtures("worker")
async def test_a_number_that_a_facility_typed_with_blanks_is_found_as_well(
    context: Context, client: httpx.AsyncClient, sink: Sink
) -> None:
    await handle(
        context, verified(dose(11, replace(MARY, passport_number="123 456-789"), given=FIRST))
    )
    await _ask(context, client, **MARY_ASKS)
    assert len(sink.taken) == 1
