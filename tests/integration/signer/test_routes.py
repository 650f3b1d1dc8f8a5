"""Every route of the signer, through its HTTP edge."""

import asyncio
import json
import zlib
from base64 import b64decode, urlsafe_b64decode
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from PIL import Image
from sqlalchemy import select

from contracts.access import Role
from services.chassis.auth import Authenticator
from services.chassis.http import create_app
from services.chassis.telemetry import Metrics
from services.signer import api
from services.signer.context import Context
from services.signer.documents import qr_code
from services.signer.documents.view import open_certificate
from services.signer.domain.revocation_hashes import hash_of
from services.signer.hcert import base45
from services.signer.hcert.cose import kid_of
from services.signer.pictures.picture_reader import PictureReader
from services.signer.schema import audit
from services.signer.settings import VerifySettings
from tests.integration.signer.conftest import Clock, edge
from tests.integration.signer.work import (
    ANNA,
    FACILITY,
    HOA,
    HUNG,
    RESIDENCE,
    SECOND,
    dose,
    handle,
    valid_of,
    verified,
    withdrawn,
)
from tests.support.pages import read_page, read_qr_codes
from tests.support.tokens import TestIssuer

FIELDS = [
    "full_name",
    "date_of_birth",
    "nationality",
    "targeted_disease",
    "doses_received",
    "date_of_vaccination",
    "dose_number",
    "vaccine",
    "vaccine_product",
    "manufacturer",
    "certificate_code",
]


def _at(uvci: str, suffix: str = "") -> str:
    return f"/signer/v1/certificates/{quote(uvci, safe='')}{suffix}"


def _mine(issuer: TestIssuer, personal_id: str | None = HOA.personal_id) -> dict[str, str]:
    return issuer.headers(Role.CITIZEN, personal_id=personal_id)


async def _verify(client: httpx.AsyncClient, qr: str) -> dict[str, Any]:
    response = await client.post("/signer/v1/verify", json={"qr": qr})
    assert response.status_code == 200, response.text
    return dict(response.json())


async def _one(context: Context) -> str:
    await handle(context, verified(dose(1)))
    return (await valid_of(context, HOA))[0].intent.uvci


def test_the_routes_are_described_without_a_database(issuer: TestIssuer) -> None:
    app = create_app(
        **api.ABOUT,
        routers=api.ROUTERS,
        context=None,
        authenticator=Authenticator(issuer.settings),
        metrics=Metrics(),
        ready={},
    )
    paths = app.openapi()["paths"]
    assert {path for path in paths if path.startswith("/signer/v1/")} == {
        "/signer/v1/me/passport",
        "/signer/v1/me/passport.pdf",
        "/signer/v1/certificates/{uvci}",
        "/signer/v1/certificates/{uvci}.png",
        "/signer/v1/certificates/{uvci}.svg",
        "/signer/v1/certificates/{uvci}.pdf",
        "/signer/v1/lookups",
        "/signer/v1/lookup-codes",
        "/signer/v1/passport-links/open",
        "/signer/v1/passport-links/again",
        "/signer/v1/passport-links/passport.pdf",
        "/signer/v1/verify",
        "/signer/v1/trust-list",
        "/signer/v1/revocations",
        "/signer/v1/verifier-data",
    }


async def test_a_citizen_sees_the_eleven_fields_of_the_last_dose_and_every_certificate(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    await handle(
        context,
        verified(dose(2, number=2, given=SECOND, product="vaxzevria"), dose(1), dose(3, HUNG)),
    )
    response = await client.get("/signer/v1/me/passport", headers=_mine(issuer))
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    passport = response.json()
    assert [line["field"] for line in passport["fields"]] == FIELDS
    values = {line["field"]: (line["value_vi"], line["value_en"]) for line in passport["fields"]}
    assert values["full_name"] == ("Nguyễn Thị Hòa", "NGUYEN THI HOA")
    assert values["date_of_birth"] == ("03/05/1980", "1980-05-03")
    assert values["nationality"] == ("Việt Nam", "Viet Nam")
    assert values["doses_received"] == ("2", "2")
    assert values["date_of_vaccination"] == ("01/08/2021", "2021-08-01")
    assert values["dose_number"] == ("2/2", "2/2")
    assert values["vaccine_product"] == ("Vaxzevria", "Vaxzevria")
    assert values["certificate_code"][0] == passport["certificates"][-1]["uvci"]
    assert [one["dose_number"] for one in passport["certificates"]] == [1, 2]
    assert {one["status"] for one in passport["certificates"]} == {"valid"}
    assert HOA.personal_id not in response.text
    assert (await _verify(client, passport["certificates"][0]["qr"]))["valid"]


async def test_without_a_verified_dose_the_passport_says_why_in_both_languages(
    client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    response = await client.get("/signer/v1/me/passport", headers=_mine(issuer))
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["code"] == "NO_VERIFIED_DOSE"
    assert "5 tuổi" in problem["detail_vi"]
    assert "age of 5" in problem["detail"]


async def test_a_passport_asks_for_a_citizens_token_that_names_the_citizen(
    client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    assert (await client.get("/signer/v1/me/passport")).status_code == 401
    assert (
        await client.get("/signer/v1/me/passport", headers=issuer.headers(Role.MINISTRY))
    ).status_code == 403
    nameless = await client.get("/signer/v1/me/passport", headers=_mine(issuer, None))
    assert (nameless.status_code, nameless.json()["code"]) == (403, "TOKEN_WITHOUT_PERSON")


def _within(issuer: TestIssuer) -> list[dict[str, str]]:
    """Tokens of staff whose reach has the dose of `_one`."""
    return [
        issuer.headers(Role.MINISTRY),
        issuer.headers(Role.SERVICE),
        issuer.headers(Role.FACILITY, facility=FACILITY),
        issuer.headers(Role.STATION, areas=[RESIDENCE]),
        issuer.headers(Role.POLICE, areas=[RESIDENCE[:5]]),
        issuer.headers(Role.PROVINCE, areas=[RESIDENCE[:2]]),
        issuer.headers(Role.PROVINCE, areas=[FACILITY[:2]]),
    ]


def _outside(issuer: TestIssuer) -> list[dict[str, str]]:
    return [
        _mine(issuer, HUNG.personal_id),
        issuer.headers(Role.FACILITY, facility="79013"),
        issuer.headers(Role.STATION, areas=["7976026735"]),
        # a facility's ground is the province's affair, not its station's
        issuer.headers(Role.POLICE, areas=["01"]),
        issuer.headers(Role.POLICE, personal_id=HOA.personal_id),
        issuer.headers(Role.PROVINCE, areas=["01"]),
        issuer.headers(Role.STATION),
    ]


async def test_a_certificate_is_shown_to_its_person_and_to_staff_with_its_dose_in_reach_only(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    uvci = await _one(context)
    for headers in (_mine(issuer), *_within(issuer)):
        response = await client.get(_at(uvci), headers=headers)
        assert (response.status_code, response.json()["uvci"]) == (200, uvci)
    unknown = await client.get(_at("URN:UVCI:01:VN:NOBODY#A"), headers=_mine(issuer))
    assert unknown.status_code == 404
    for headers in _outside(issuer):
        for suffix in ("", ".png", ".svg", ".pdf"):
            refused = await client.get(_at(uvci, suffix), headers=headers)
            assert {**refused.json(), "instance": ""} == {**unknown.json(), "instance": ""}
    assert (await client.get(_at(uvci))).status_code == 401


async def test_a_certificate_of_which_no_area_is_known_is_the_ministrys_and_its_persons(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    await handle(context, verified(replace(dose(1), facility_code="", residence="")))
    uvci = (await valid_of(context, HOA))[0].intent.uvci
    answers = [
        (await client.get(_at(uvci), headers=headers)).status_code
        for headers in (_mine(issuer), *_within(issuer))
    ]
    assert answers == [200, 200, 200, 404, 404, 404, 404, 404]


async def test_every_look_of_the_staff_is_written_down_and_no_citizens(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    uvci = await _one(context)
    await client.get(_at(uvci), headers=_mine(issuer))
    for suffix in (".png", ".pdf"):
        await client.get(_at(uvci, suffix), headers=issuer.headers(Role.POLICE, areas=["79"]))
    async with context.db.begin() as tx:
        rows = (
            await tx.execute(select(audit.c.caller, audit.c.act, audit.c.subjects, audit.c.scope))
        ).all()
    assert [tuple(row) for row in rows] == [("police-79", "certificate", [1], uvci)] * 2


@pytest.mark.parametrize(
    "odd", ["x", "%00", "../../etc/passwd", "URN:UVCI:01:VN:A/B:C#\x01", "%", "ệ", ".png", "#.svg"]
)
async def test_an_odd_identifier_is_not_found(
    odd: str, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    for suffix in ("", ".png", ".svg", ".pdf"):
        assert (
            await client.get(_at(odd, suffix), headers=issuer.headers(Role.MINISTRY))
        ).status_code == 404


async def test_the_picture_holds_the_certificate(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    uvci = await _one(context)
    qr = (await client.get(_at(uvci), headers=_mine(issuer))).json()["qr"]
    png = await client.get(_at(uvci, ".png"), headers=_mine(issuer))
    assert png.headers["content-type"] == "image/png"
    (read,) = read_qr_codes(Image.open(BytesIO(png.content)))
    assert read.text == qr
    svg = await client.get(_at(uvci, ".svg"), headers=_mine(issuer))
    assert svg.headers["content-type"] == "image/svg+xml"
    assert svg.content == qr_code.svg(qr)
    assert (
        await client.get(_at(uvci, ".png"), headers=_mine(issuer, HUNG.personal_id))
    ).status_code == 404


async def test_the_printed_passport_has_eleven_fields_and_the_last_doses_code(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    await handle(context, verified(dose(2, number=2, given=SECOND), dose(1)))
    told = (await client.get("/signer/v1/me/passport", headers=_mine(issuer))).json()
    response = await client.get(told["links"]["pdf"], headers=_mine(issuer))
    assert (response.status_code, response.headers["content-type"]) == (200, "application/pdf")
    assert response.headers["cache-control"] == "no-store"
    page = read_page(response.content)
    assert page.size_mm == (210, 297)
    expected = [
        words
        for field in told["fields"]
        for words in dict.fromkeys(
            (field["label_vi"], field["label_en"], field["value_vi"], field["value_en"])
        )
    ]
    assert len(told["fields"]) == 11
    begin = page.lines.index(expected[0])
    assert page.lines[begin : begin + len(expected)] == expected
    code, level, diagonal = page.code()
    assert (code, level) == (told["certificates"][-1]["qr"], "Q")
    assert 35 <= diagonal <= 60
    assert (await _verify(client, code))["valid"]
    assert HOA.personal_id not in page.words


async def test_the_passport_to_print_is_the_citizens_own_alone(
    client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    assert (await client.get("/signer/v1/me/passport.pdf")).status_code == 401
    nameless = await client.get("/signer/v1/me/passport.pdf", headers=_mine(issuer, None))
    assert (nameless.status_code, nameless.json()["code"]) == (403, "TOKEN_WITHOUT_PERSON")
    nothing = await client.get("/signer/v1/me/passport.pdf", headers=_mine(issuer))
    assert (nothing.status_code, nothing.json()["code"]) == (404, "NO_VERIFIED_DOSE")


async def test_a_certificate_to_print_bears_its_own_dose_and_code_and_says_when_it_has_expired(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    await handle(context, verified(dose(1), dose(2, number=2, given=SECOND)))
    first = (await client.get("/signer/v1/me/passport", headers=_mine(issuer))).json()[
        "certificates"
    ][0]
    response = await client.get(first["links"]["pdf"], headers=_mine(issuer))
    page = read_page(response.content)
    assert page.code()[:2] == (first["qr"], "Q")
    for words in ("CHỨNG NHẬN TIÊM CHỦNG", "Nguyễn Thị Hòa", "01/07/2021", "1/2", first["uvci"]):
        assert words in page.lines
    assert "HẾT HẠN" not in page.words
    others = await client.get(_at(first["uvci"], ".pdf"), headers=_mine(issuer, HUNG.personal_id))
    assert (others.status_code, others.headers["content-type"]) == (404, "application/problem+json")
    assert isinstance(context.clock, Clock)
    context.clock.ahead = timedelta(days=400)
    expired = await client.get(_at(first["uvci"], ".pdf"), headers=_mine(issuer))
    assert "ĐÃ HẾT HẠN · EXPIRED" in read_page(expired.content).lines


async def test_a_revoked_certificate_is_shown_as_revoked_and_has_no_picture(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    uvci = await _one(context)
    qr = (await client.get(_at(uvci), headers=_mine(issuer))).json()["qr"]
    await handle(context, withdrawn(1))
    assert (await client.get(_at(uvci), headers=_mine(issuer))).json()["status"] == "revoked"
    for suffix in (".png", ".svg", ".pdf"):
        assert (await client.get(_at(uvci, suffix), headers=_mine(issuer))).status_code == 410
    for passport in ("/signer/v1/me/passport", "/signer/v1/me/passport.pdf"):
        assert (await client.get(passport, headers=_mine(issuer))).status_code == 404
    verdict = await _verify(client, qr)
    assert (verdict["valid"], verdict["code"], verdict["steps"]["revocation"]) == (
        False,
        "REVOKED",
        False,
    )


async def test_verify_tells_a_good_code_and_what_it_says(
    context: Context, client: httpx.AsyncClient
) -> None:
    await handle(context, verified(dose(1, ANNA)))
    (stored,) = await valid_of(context, ANNA)
    verdict = await _verify(client, open_certificate(context, stored).qr)
    assert verdict["valid"]
    assert all(verdict["steps"].values())
    assert len(verdict["steps"]) == 10
    assert verdict["certificate"]["name"]["gnt"] == "ANNA"
    assert verdict["certificate"]["entry"]["mp"] == "EU/1/20/1528"
    assert verdict["certificate"]["uvci"] == stored.intent.uvci


async def test_verify_tells_why_a_code_is_not_to_be_believed(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    uvci = await _one(context)
    qr = (await client.get(_at(uvci), headers=_mine(issuer))).json()["qr"]
    message = zlib.decompress(base45.decode(qr[4:]))
    forged = "HC1:" + base45.encode(zlib.compress(message.replace(b"1980-05-03", b"1990-05-03")))
    stranger = "HC1:" + base45.encode(
        zlib.compress(message.replace(context.ring.active.envelope.kid, b"\1" * 8))
    )
    bomb = "HC1:" + base45.encode(zlib.compress(bytes(1 << 22), 9))
    expected = {
        qr[: 4 + 3 * 100]: "COMPRESSION_BROKEN",
        qr[: 4 + 3 * 100 + 1]: "BASE45_BROKEN",
        qr[4:]: "NOT_HC1",
        "": "NOT_HC1",
        "HC1:": "COMPRESSION_BROKEN",
        "HC1:ệ": "BASE45_BROKEN",
        forged: "SIGNATURE_WRONG",
        stranger: "KEY_UNKNOWN",
        bomb: "COMPRESSION_BROKEN",
    }
    answers = {text: await _verify(client, text) for text in expected}
    assert {text: answer["code"] for text, answer in answers.items()} == expected
    assert not any(answer["valid"] for answer in answers.values())
    assert all(answer["reason_vi"] and answer["reason_en"] for answer in answers.values())
    assert isinstance(context.clock, Clock)
    context.clock.ahead = timedelta(days=400)
    assert (await _verify(client, qr))["code"] == "EXPIRED"


async def test_a_bomb_of_three_hundred_million_bytes_is_refused_without_unpacking_it(
    client: httpx.AsyncClient,
) -> None:
    packer = zlib.compressobj(9)
    block = bytes(1 << 20)
    packed = b"".join(packer.compress(block) for _ in range(300)) + packer.flush()
    bomb = await client.post("/signer/v1/verify", json={"qr": "HC1:" + base45.encode(packed)})
    assert (bomb.status_code, bomb.json()["code"]) == (413, "BODY_TOO_LARGE")
    # as much of it as a code may be long
    assert (await _verify(client, "HC1:" + base45.encode(packed[:5_400])))[
        "code"
    ] == "COMPRESSION_BROKEN"
    assert (await _verify(client, "HC1:" + base45.encode(packed[:60_000])))["code"] == "NOT_HC1"


async def test_verify_reads_the_code_in_a_picture(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    uvci = await _one(context)
    png = (await client.get(_at(uvci, ".png"), headers=_mine(issuer))).content
    jpeg = BytesIO()
    Image.open(BytesIO(png)).convert("L").save(jpeg, "JPEG", quality=70)
    for picture, media_type in ((png, "image/png"), (jpeg.getvalue(), "image/jpeg")):
        response = await client.post(
            "/signer/v1/verify", content=picture, headers={"content-type": media_type}
        )
        assert response.json()["code"] == "VALID"


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [
        ("WEBP", "image/webp"),
        ("GIF", "image/gif"),
        ("PDF", "application/pdf"),
        ("PNG", "application/octet-stream"),
        ("PNG", "image/jpeg"),
    ],
)
async def test_verify_reads_every_kind_of_picture_by_what_it_is(
    kind: str, media_type: str, context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    uvci = await _one(context)
    picture = BytesIO()
    Image.open(
        BytesIO((await client.get(_at(uvci, ".png"), headers=_mine(issuer))).content)
    ).convert("L").save(picture, kind)
    response = await client.post(
        "/signer/v1/verify", content=picture.getvalue(), headers={"content-type": media_type}
    )
    assert response.json()["code"] == "VALID", response.text


async def test_our_own_letters_are_verified_as_they_are(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    await handle(context, verified(dose(1), dose(2, number=2, given=SECOND)))
    passport = (await client.get("/signer/v1/me/passport", headers=_mine(issuer))).json()
    for link in (passport["links"]["pdf"], passport["certificates"][0]["links"]["pdf"]):
        letter = (await client.get(link, headers=_mine(issuer))).content
        verdict = (
            await client.post(
                "/signer/v1/verify", content=letter, headers={"content-type": "application/pdf"}
            )
        ).json()
        assert (verdict["valid"], len(verdict["codes"])) == (True, 1)


async def test_each_code_of_a_picture_is_answered_and_the_first_certificate_stands_for_all(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    await handle(context, verified(dose(1), dose(2, number=2, given=SECOND), dose(3, HUNG)))
    codes = [
        one["qr"]
        for one in (await client.get("/signer/v1/me/passport", headers=_mine(issuer))).json()[
            "certificates"
        ]
    ]
    codes += [
        one["qr"]
        for one in (
            await client.get("/signer/v1/me/passport", headers=_mine(issuer, HUNG.personal_id))
        ).json()["certificates"]
    ]
    await handle(context, withdrawn(3))
    bus_ticket = qr_code.png("HTTPS://EXAMPLE.VN/TICKET")
    sheet = Image.new("L", (1_200, 1_200), 255)
    for picture, at in zip(
        [bus_ticket, *map(qr_code.png, codes)],
        [(0, 0), (600, 0), (0, 600), (600, 600)],
        strict=True,
    ):
        sheet.paste(Image.open(BytesIO(picture)).convert("L").resize((560, 560)), at)
    verdict = (
        await client.post(
            "/signer/v1/verify", content=_png(sheet), headers={"content-type": "image/png"}
        )
    ).json()
    assert [one["code"] for one in verdict["codes"]] == ["NOT_HC1", "VALID", "VALID", "REVOKED"]
    assert [one["certificate"]["entry"]["dn"] for one in verdict["codes"][1:]] == [1, 2, 1]
    assert {key: value for key, value in verdict.items() if key != "codes"} == verdict["codes"][1]
    alone = await _verify(client, codes[0])
    assert alone["codes"] is None


async def test_a_code_pasted_from_a_mail_is_verified(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    uvci = await _one(context)
    qr = (await client.get(_at(uvci), headers=_mine(issuer))).json()["qr"]
    lines = "\r\n".join(qr[at : at + 76] for at in range(0, len(qr), 76))
    for text in (f"\ufeff {lines} \r\n", qr.replace("0", "0\t"), quote(qr, safe="")):
        assert (await _verify(client, text))["code"] == "VALID"
    pasted = b"\xef\xbb\xbf" + f'{{"qr": "{lines}"}}'.encode()
    answer = await client.post(
        "/signer/v1/verify", content=pasted, headers={"content-type": "application/json"}
    )
    assert answer.json()["code"] == "VALID"


async def test_a_picture_of_a_kind_that_is_not_read_is_named_in_both_languages(
    client: httpx.AsyncClient,
) -> None:
    for media_type in ("image/heic", "image/jpeg"):
        refused = await client.post(
            "/signer/v1/verify",
            content=b"\0\0\0\x18ftypheic" + bytes(64),
            headers={"content-type": media_type},
        )
        assert (refused.status_code, refused.json()["code"]) == (415, "MEDIA_TYPE_UNKNOWN")
        assert all("HEIC" in refused.json()[words] for words in ("detail", "detail_vi", "message"))


async def test_of_too_many_pictures_the_last_are_asked_to_come_again(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    picture: dict[str, Any] = {
        "content": _png(Image.new("L", (64, 64), 255)),
        "headers": {"content-type": "image/png", "X-Forwarded-For": "9.9.9.9"},
    }
    few = PictureReader(VerifySettings(pictures_per_address="2 per minute"), "async+memory://")
    async with edge(replace(context, pictures=few), issuer) as client:
        answers = [await client.post("/signer/v1/verify", **picture) for _ in range(3)]
        assert [answer.json()["code"] for answer in answers] == [
            "NO_CODE_IN_PICTURE",
            "NO_CODE_IN_PICTURE",
            "TOO_MANY_PICTURES",
        ]
        assert answers[-1].status_code == 429
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
        # the text of a code is no picture, and another address has its own
        assert (await _verify(client, "HC1:"))["code"] == "COMPRESSION_BROKEN"
        picture["headers"]["X-Forwarded-For"] = "9.9.9.8"
        assert (await client.post("/signer/v1/verify", **picture)).status_code == 422


async def test_a_picture_that_does_not_arrive_gives_its_place_back(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slowly() -> AsyncIterator[bytes]:
        yield b"\x89PNG"
        await asyncio.sleep(60)

    monkeypatch.setattr("services.signer.api.verify_routes._RECEIVING_S", 0.05)
    refused = await client.post(
        "/signer/v1/verify", content=slowly(), headers={"content-type": "image/png"}
    )
    assert (refused.status_code, refused.json()["code"]) == (408, "PICTURE_TOO_SLOW")


def _png(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type", "status", "code"),
    [
        (b"{}", "application/json", 422, "REQUEST_INVALID"),
        (b"[", "application/json", 422, "REQUEST_INVALID"),
        (b'{"qr": 7}', "application/json", 422, "REQUEST_INVALID"),
        (b'{"qr": "\xff"}', "application/json", 422, "REQUEST_INVALID"),
        (b'{"qr": "\\ud800"}', "application/json", 422, "REQUEST_INVALID"),
        (b" " * 300_000, "application/json", 413, "BODY_TOO_LARGE"),
        (b'{"qr": ["HC1:"]}', "application/json", 422, "REQUEST_INVALID"),
        (b'{"qr": ' + b"[" * 100_000, "application/json", 422, "REQUEST_INVALID"),
        (b"HC1:", "text/plain", 415, "MEDIA_TYPE_UNKNOWN"),
        (b"not a picture", "image/png", 422, "PICTURE_UNREADABLE"),
        (b"", "image/jpeg", 422, "PICTURE_UNREADABLE"),
        (_png(Image.new("L", (64, 64), 255))[:-20], "image/png", 422, "PICTURE_UNREADABLE"),
        (_png(Image.new("1", (9_000, 9_000))), "image/png", 422, "PICTURE_UNREADABLE"),
        (_png(Image.new("L", (64, 64), 255)), "image/png", 422, "NO_CODE_IN_PICTURE"),
        (bytes(31_000_000), "image/png", 413, "BODY_TOO_LARGE"),
    ],
)
async def test_what_is_no_question_is_refused_with_a_reason(
    content: bytes, media_type: str, status: int, code: str, client: httpx.AsyncClient
) -> None:
    response = await client.post(
        "/signer/v1/verify", content=content, headers={"content-type": media_type}
    )
    assert (response.status_code, response.json()["code"]) == (status, code)


async def test_the_trust_list_holds_our_signer_and_its_root(
    context: Context, client: httpx.AsyncClient
) -> None:
    response = await client.get("/signer/v1/trust-list")
    (item,) = response.json()["items"]
    assert b64decode(item["kid"]) == kid_of(context.ring.active.certificate)
    assert (item["country"], item["usage"]) == ("VN", ["v"])
    assert len(response.json()["roots"]) == 1


async def test_revocations_are_listed_page_by_page_as_hashes_of_each_kind(
    context: Context, client: httpx.AsyncClient
) -> None:
    await handle(context, verified(*(dose(id) for id in range(1, 6))))
    stored = await valid_of(context, HOA)
    for one in stored:
        await handle(context, withdrawn(one.intent.dose_id))
    for kind in ("UCI", "COUNTRYCODEUCI", "SIGNATURE"):
        found: list[str] = []
        url: str | None = f"/signer/v1/revocations?limit=2&hash_type={kind}"
        while url:
            response = await client.get(url)
            found += [item["hash"] for item in response.json()["items"]]
            url = response.links["next"]["url"] if "next" in response.links else None
        expected = [hash_of(kind, one.intent.uvci, one.signature, "VN") for one in stored]
        assert [b64decode(one) for one in found] == expected
    assert HOA.full_name not in (await client.get("/signer/v1/revocations")).text
    assert (await client.get("/signer/v1/revocations?cursor=AAAA")).status_code == 422


async def test_a_verifier_gets_all_it_needs_offline_in_one_signed_piece(
    context: Context, client: httpx.AsyncClient
) -> None:
    await handle(context, verified(dose(1), dose(2)))
    (stored, _) = await valid_of(context, HOA)
    await handle(context, withdrawn(stored.intent.dose_id))
    response = await client.get("/signer/v1/verifier-data")
    signed = response.json()["signed"]
    head, body, _ = (
        json.loads(_unpadded(part)) if at < 2 else part for at, part in enumerate(signed.split("."))
    )
    assert head["alg"] == context.ring.active.envelope.algorithm.name
    assert {b64decode(key["kid"]) for key in body["keys"]} == set(context.ring.signers)
    assert b64decode(body["revoked"]) == hash_of("UCI", stored.intent.uvci, b"", "VN")
    assert body["outcomes"]["VALID"][1] == "The certificate is valid."
    assert HOA.full_name not in str(body)
    # as every reader within the minute
    await handle(context, withdrawn(2))
    assert (await client.get("/signer/v1/verifier-data")).json()["signed"] == signed


def _unpadded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


async def test_what_was_revoked_is_unlisted_once_the_certificate_has_expired(
    context: Context, client: httpx.AsyncClient
) -> None:
    await _one(context)
    await handle(context, withdrawn(1))
    assert len((await client.get("/signer/v1/revocations")).json()["items"]) == 1
    assert isinstance(context.clock, Clock)
    context.clock.ahead = timedelta(days=400)
    assert (await client.get("/signer/v1/revocations")).json() == {"items": [], "next": None}
