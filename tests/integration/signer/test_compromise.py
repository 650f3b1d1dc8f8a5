"""A signing key that was taken away, and certificates that an operator revokes."""

import os
import subprocess
import sys
from base64 import b64encode
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from prometheus_client import generate_latest
from sqlalchemy import select
from structlog.testing import capture_logs

from contracts.access import Role
from services.chassis.bus import Bus
from services.chassis.db import DatabaseSettings
from services.signer.app import trust_of
from services.signer.commands import key_compromise
from services.signer.commands.key_compromise import reissue_key, revoke_key
from services.signer.commands.revocation import RefusedError, run
from services.signer.context import Context
from services.signer.domain.revocation_hashes import hash_of
from services.signer.hcert.cose import Algorithm, Kid
from services.signer.keys.files import open_key_folder
from services.signer.keys.ring import KeyRing, LiveRing
from services.signer.schema import intent, revocation, signature
from services.signer.store import certificates as store
from tests.integration.signer.conftest import KEY
from tests.integration.signer.work import (
    HOA,
    HUNG,
    SECOND,
    dose,
    handle,
    told,
    uvcis,
    valid_of,
    verified,
    withdrawn,
)
from tests.support.signatures import environment_of, signatures
from tests.support.tokens import TestIssuer


def _nobody(_: int) -> None:
    """Is told, and does not care."""


ELSEWHERE = "URN:UVCI:01:VN:SIGNEDELSEWHERE#A"


def _mine(issuer: TestIssuer, personal_id: str = HOA.personal_id) -> dict[str, str]:
    return issuer.headers(Role.CITIZEN, personal_id=personal_id)


def _take_away(context: Context, folder: Path) -> Kid:
    """The key that signed until now is taken out of the folder, and another one signs; gives the
    identifier of the first.
    """
    kid = context.ring.active.envelope.kid
    for path in folder.glob("dsc-*.pem"):
        path.unlink()

    def read() -> KeyRing:
        return open_key_folder(folder, Algorithm.ES256, "VN", "test", context.clock())

    context.ring = LiveRing(read)
    context.trust = trust_of(context.cfg.trust, context.ring)
    return kid


async def test_what_a_key_signed_that_was_taken_away_is_in_no_passport_and_said_so(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer, tmp_path: Path
) -> None:
    await handle(context, verified(dose(1), dose(2, HUNG)))
    kid = _take_away(context, tmp_path / "keys")
    await handle(context, verified(dose(3, number=2, given=SECOND)))
    with capture_logs() as logs:
        response = await client.get("/signer/v1/me/passport", headers=_mine(issuer))
    assert [one["dose_number"] for one in response.json()["certificates"]] == [2]
    assert logs == [
        {
            "event": "certificates_of_unknown_key",
            "kid": kid.hex(),
            "certificates": 1,
            "log_level": "warning",
        }
    ]
    assert b'items_total{outcome="key_unknown",stage="shown"} 1.0' in generate_latest(
        context.metrics.registry
    )
    for passport in ("/signer/v1/me/passport", "/signer/v1/me/passport.pdf"):
        nothing = await client.get(passport, headers=_mine(issuer, HUNG.personal_id))
        assert (nothing.status_code, nothing.json()["code"]) == (404, "CERTIFICATES_TO_BE_REISSUED")
    uvci = (await uvcis(context))[0]
    for suffix in ("", ".png", ".svg", ".pdf"):
        gone = await client.get(
            f"/signer/v1/certificates/{quote(uvci, safe='')}{suffix}", headers=_mine(issuer)
        )
        assert (gone.status_code, gone.json()["code"]) == (410, "CERTIFICATE_KEY_WITHDRAWN")


async def test_every_certificate_of_a_key_is_revoked_and_listed_and_no_other(
    context: Context, client: httpx.AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_compromise, "_SLICE", 2)
    await handle(context, verified(*(dose(id) for id in range(1, 6))))
    await handle(context, withdrawn(5))
    kid = _take_away(context, tmp_path / "keys")
    await handle(context, verified(dose(6)))
    so_far: list[int] = []
    assert await revoke_key(context.db, kid, so_far.append) == 4
    assert so_far[-1] == 4
    assert [one.intent.dose_id for one in await valid_of(context, HOA)] == [6]
    listed = (await client.get("/signer/v1/revocations")).json()["items"]
    assert {one["hash"] for one in listed} == {
        b64encode(hash_of("UCI", uvci, b"", "VN")).decode() for uvci in (await uvcis(context))[:5]
    }
    async with context.db.begin() as tx:
        reasons = list(
            (await tx.execute(select(revocation.c.reason).order_by(revocation.c.id))).scalars()
        )
    assert reasons == ["entered in error", *["key compromised"] * 4]
    assert await revoke_key(context.db, kid, _nobody) == 0


async def test_what_was_never_signed_with_the_key_is_forgotten_and_signed_with_the_next(
    context: Context, tmp_path: Path
) -> None:
    await handle(context, verified(dose(1)))
    async with context.db.begin() as tx:  # as a crash between deciding and signing leaves it
        await tx.execute(signature.delete())
    kid = _take_away(context, tmp_path / "keys")
    assert await revoke_key(context.db, kid, _nobody) == 0
    await handle(context, verified(dose(1)))
    (certificate,) = await valid_of(context, HOA)
    assert certificate.intent.kid == context.ring.active.envelope.kid


async def test_only_doses_that_the_key_left_without_a_certificate_are_issued_anew_once_and_told(
    context: Context,
    bus: Bus,
    client: httpx.AsyncClient,
    issuer: TestIssuer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(key_compromise, "MAX_CHUNK", 2)
    await handle(context, verified(*(dose(id) for id in range(1, 6)), dose(7)))
    await handle(context, withdrawn(5))
    kid = _take_away(context, tmp_path / "keys")
    await handle(context, verified(dose(4, version=2), dose(6)))
    await revoke_key(context.db, kid, _nobody)
    await handle(context, withdrawn(7))
    await told(context, bus)
    tried: list[int] = []
    assert await reissue_key(context, kid, tried.append) == 3
    assert tried == [2, 3]
    valid = await valid_of(context, HOA)
    assert [one.intent.dose_id for one in valid] == [1, 2, 3, 4, 6]
    assert {one.intent.kid for one in valid} == {context.ring.active.envelope.kid}
    events = await told(context, bus)
    assert sorted(one.dose_id for event in events for one in event.certificates) == [1, 2, 3]
    shown = (await client.get("/signer/v1/me/passport", headers=_mine(issuer))).json()[
        "certificates"
    ]
    for one in shown:
        assert (await client.post("/signer/v1/verify", json={"qr": one["qr"]})).json()[
            "code"
        ] == "VALID"
        # nobody is told that the earlier code is valid beside the new one
        assert one["renewal"] is None
        assert (
            await client.get(one["links"]["self"].replace("#", "%23"), headers=_mine(issuer))
        ).json()["renewal"] is None
    assert await reissue_key(context, kid, _nobody) == 0


async def test_a_dose_whose_second_key_leaks_too_is_issued_once_more(
    context: Context, tmp_path: Path
) -> None:
    await handle(context, verified(dose(1)))
    for _ in range(2):
        kid = _take_away(context, tmp_path / "keys")
        assert await revoke_key(context.db, kid, _nobody) == 1
        assert await reissue_key(context, kid, _nobody) == 1
    assert len(await valid_of(context, HOA)) == 1
    assert len(await uvcis(context)) == 3


async def test_what_is_revoked_by_hand_is_revoked_in_all_editions_and_not_issued_anew(
    context: Context, tmp_path: Path
) -> None:
    await handle(context, verified(dose(1)))
    kid = _take_away(context, tmp_path / "keys")
    await revoke_key(context.db, kid, _nobody)
    await reissue_key(context, kid, _nobody)
    first, second = await uvcis(context)
    said = await run(
        ["certificate", first, "obtained by fraud"],
        context.cfg,
        context.db,
        context.outbox,
        context.clock(),
    )
    assert said.startswith("revoked; ")
    assert await valid_of(context, HOA) == []
    async with context.db.begin() as tx:
        reasons = {
            row.uvci: row.reason
            for row in await tx.execute(select(revocation.c.uvci, revocation.c.reason))
        }
    assert reasons == {first: "obtained by fraud", second: "obtained by fraud"}
    assert await reissue_key(context, kid, _nobody) == 0
    again = await run(
        ["certificate", second, "twice"], context.cfg, context.db, context.outbox, context.clock()
    )
    assert again.startswith("was revoked before; ")


async def test_the_key_that_signs_now_is_not_revoked(context: Context, tmp_path: Path) -> None:
    await handle(context, verified(dose(1)))
    cfg = context.cfg.model_copy(
        update={"keys": context.cfg.keys.model_copy(update={"dir": tmp_path / "keys"})}
    )
    active = context.ring.active.envelope.kid
    with pytest.raises(RefusedError, match="take it out of use first"):
        await run(["key", active.hex()], cfg, context.db, context.outbox, context.clock())
    with pytest.raises(RefusedError, match="no key identifier"):
        await run(["key", "xyz"], cfg, context.db, context.outbox, context.clock())
    assert len(await valid_of(context, HOA)) == 1
    kid = _take_away(context, tmp_path / "keys")
    said = await run(["key", kid.hex()], cfg, context.db, context.outbox, context.clock())
    assert said == "1 certificates revoked, 1 doses issued anew or refused"
    (certificate,) = await valid_of(context, HOA)
    assert certificate.intent.kid == context.ring.active.envelope.kid


async def test_an_unknown_certificate_is_revoked_and_listed_until_it_expires(
    context: Context, client: httpx.AsyncClient
) -> None:
    now = context.clock()
    said = await run(
        ["certificate", ELSEWHERE, "signed in our name elsewhere"],
        context.cfg,
        context.db,
        context.outbox,
        now,
    )
    assert said == "revoked; it was not signed here"
    (listed,) = (await client.get("/signer/v1/revocations?hash_type=COUNTRYCODEUCI")).json()[
        "items"
    ]
    assert (listed["kid"], listed["hash"]) == (
        "UNKNOWN_KID",
        b64encode(hash_of("COUNTRYCODEUCI", ELSEWHERE, b"", "VN")).decode(),
    )
    assert (await client.get("/signer/v1/revocations?hash_type=SIGNATURE")).json() == {
        "items": [],
        "next": None,
    }
    async with context.db.begin() as tx:
        (until,) = (await tx.execute(select(revocation.c.expires_at))).scalars()
        assert await store.is_revoked(tx, ELSEWHERE)
    assert timedelta(days=364) < until - now < timedelta(days=367)
    assert (
        await run(["certificate", ELSEWHERE, "again"], context.cfg, context.db, context.outbox, now)
        == "was revoked before; it was not signed here"
    )


async def test_one_of_our_certificates_is_revoked_by_its_identifier_and_no_other(
    context: Context, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    await handle(context, verified(dose(1), dose(2, number=2, given=SECOND)))
    first, second = (await client.get("/signer/v1/me/passport", headers=_mine(issuer))).json()[
        "certificates"
    ]
    said = await run(
        ["certificate", first["uvci"], "obtained by fraud"],
        context.cfg,
        context.db,
        context.outbox,
        context.clock(),
    )
    assert said.startswith("revoked; a later version of its dose 1 may get a certificate again")
    for one, code in ((first, "REVOKED"), (second, "VALID")):
        assert (await client.post("/signer/v1/verify", json={"qr": one["qr"]})).json()[
            "code"
        ] == code
    async with context.db.begin() as tx:
        row = (
            await tx.execute(
                select(revocation.c.expires_at, intent.c.expires_at.label("its")).join(
                    intent, intent.c.uvci == revocation.c.uvci
                )
            )
        ).one()
    assert row.expires_at == row.its
    with pytest.raises(RefusedError, match="no certificate's identifier"):
        await run(
            ["certificate", "URN:UVCI", "typed badly"],
            context.cfg,
            context.db,
            context.outbox,
            context.clock(),
        )


def test_the_command_says_how_it_is_used_and_reaches_the_database(
    context: Context, database: DatabaseSettings, issuer: TestIssuer, tmp_path: Path
) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": database.url.get_secret_value(),
        "BUS_URL": database.url.get_secret_value(),
        "AUTH_ISSUER": issuer.settings.issuer,
        "AUTH_JWKS": issuer.settings.jwks,
        "SEAL_KEYS": KEY,
        "SEAL_INDEX_KEY": KEY,
        "KEYS_DIR": str(tmp_path / "keys"),
        **environment_of(tmp_path, "signer"),
    }
    signatures(tmp_path)

    def command(*arguments: str) -> tuple[int, str]:
        ran = subprocess.run(
            [sys.executable, "-m", "services.signer.revoke", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return ran.returncode, ran.stdout + ran.stderr

    assert command("certificate", ELSEWHERE, "signed in our name elsewhere") == (
        0,
        "revoked; it was not signed here\n",
    )
    code, said = command("key", context.ring.active.envelope.kid.hex())
    assert (code, "take it out of use first" in said, "Traceback" in said) == (1, True, False)
    for wrong in ((), ("certificate", ELSEWHERE), ("keys", "00")):
        code, said = command(*wrong)
        assert (code, "certificate UVCI REASON" in said) == (2, True)
    environment["DATABASE_URL"] = "postgresql://nobody@127.0.0.1:9/nothing"
    code, said = command("certificate", ELSEWHERE, "again")
    assert (code, "database or bus does not answer" in said, "Traceback" in said) == (
        1,
        True,
        False,
    )
