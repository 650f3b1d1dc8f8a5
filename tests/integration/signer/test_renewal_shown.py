"""What people see of a renewal: the newest edition alone, and until when a print of the earlier one
is good.
"""

import asyncio
from datetime import timedelta
from urllib.parse import quote

import httpx
import pytest

from contracts.access import Role
from contracts.uvci import Uvci
from services.signer.context import Context
from services.signer.documents.passport_email import LetterLink, letter
from services.signer.documents.view import open_certificate
from services.signer.workers.renewal import renew_due
from tests.integration.signer.conftest import Clock
from tests.integration.signer.work import HOA, SECOND, dose, handle, valid_of, verified
from tests.support.pages import read_page
from tests.support.tokens import TestIssuer
from vietnamese.calendar_days import in_viet_nam


@pytest.fixture
async def earlier(context: Context) -> list[Uvci]:
    """The identifiers of two certificates that have been renewed a day ago."""
    await handle(context, verified(dose(1), dose(2, number=2, given=SECOND)))
    uvcis = [one.intent.uvci for one in await valid_of(context, HOA)]
    _ahead(context, timedelta(days=340))
    await renew_due(context, asyncio.Event())
    _ahead(context, timedelta(days=341))
    return uvcis


def _ahead(context: Context, by: timedelta) -> None:
    assert isinstance(context.clock, Clock)
    context.clock.ahead = by


async def test_the_passport_shows_the_newest_edition_of_each_dose(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer, earlier: list[str]
) -> None:
    headers = issuer.headers(Role.CITIZEN, personal_id=HOA.personal_id)
    passport = (await client.get("/signer/v1/me/passport", headers=headers)).json()
    shown = passport["certificates"]
    assert [one["dose_number"] for one in shown] == [1, 2]
    assert [one["renewal"]["replaces"] for one in shown] == earlier
    values = {line["field"]: line["value_en"] for line in passport["fields"]}
    assert (values["doses_received"], values["certificate_code"]) == ("2", shown[1]["uvci"])
    for uvci, one in zip(earlier, shown, strict=True):
        old = (
            await client.get(f"/signer/v1/certificates/{quote(uvci, safe='')}", headers=headers)
        ).json()
        assert (old["uvci"], old["status"], old["renewal"]) == (uvci, "valid", None)
        assert one["renewal"]["replaced_expires_at"] == old["expires_at"] < one["expires_at"]
        assert one["uvci"] not in earlier
        for qr in (old["qr"], one["qr"]):
            assert (await client.post("/signer/v1/verify", json={"qr": qr})).json()["valid"]


async def test_the_printed_passport_bears_the_newest_code_and_says_the_same_in_both_languages(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer, earlier: list[str]
) -> None:
    headers = issuer.headers(Role.CITIZEN, personal_id=HOA.personal_id)
    newest = (await valid_of(context, HOA))[-1]
    assert newest.replaced
    last_day = in_viet_nam(newest.replaced.expires_at)
    page = read_page((await client.get("/signer/v1/me/passport.pdf", headers=headers)).content)
    assert page.code()[0] == open_certificate(context, newest).qr
    for words in (
        "Đã gia hạn; mã cũ đến",
        "Renewed; earlier code until",
        f"{last_day:%d/%m/%Y}",
        last_day.isoformat(),
    ):
        assert words in page.lines
    first = quote(earlier[0], safe="")
    assert (
        "gia hạn"
        not in read_page(
            (await client.get(f"/signer/v1/certificates/{first}.pdf", headers=headers)).content
        ).words
    )


async def test_the_letter_has_the_newest_codes_and_says_it_once(
    context: Context, earlier: list[str]
) -> None:
    certificates = [open_certificate(context, one) for one in await valid_of(context, HOA)]
    message = letter(
        certificates,
        LetterLink("http://example.vn/p/x", 24),
        "hoa@example.vn",
        "a@example.vn",
        "http://example.vn",
        context.clock(),
    )
    body = message.get_body(("plain",))
    assert body
    text = body.get_content()
    assert text.count("đã được gia hạn") == text.count("was renewed") == 1
    assert len(
        [part for part in message.iter_attachments() if part.get_content_type() == "image/png"]
    ) == len(earlier)
