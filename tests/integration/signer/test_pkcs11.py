"""The signer over a PKCS#11 token: signatures that differ each time, and keys that are changed
while processes run.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pkcs11
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import func, select

from contracts.access import Role
from services.chassis.bus import Bus
from services.chassis.errors import TransientError
from services.signer.context import Context
from services.signer.documents.view import open_certificate
from services.signer.hcert.trust_list import TrustList
from services.signer.hcert.verify import verify
from services.signer.issuance.service import EventRoute, issue_certificates
from services.signer.keys.backends import key_store
from services.signer.keys.certify import certify_signer
from services.signer.keys.ring import LiveRing
from services.signer.schema import signature
from tests.integration.signer.test_process import (
    _client,
    _started,
    _until,
    environment,  # noqa: F401
)
from tests.integration.signer.work import HOA, HUNG, dose, handle, told, uvcis, valid_of, verified
from tests.support.owned import with_rights
from tests.support.softhsm import TestToken, make_token, softhsm  # noqa: F401
from tests.support.tokens import TestIssuer


@pytest.fixture
def token(softhsm: Path) -> Iterator[TestToken]:
    """A token whose key began two days ago."""
    made = make_token(softhsm, datetime.now(UTC) - timedelta(days=2))
    made.add_key(datetime.now(UTC) - timedelta(days=2))
    yield made


@pytest.fixture
def on_token(context: Context, token: TestToken) -> Context:
    """The signer with its keys in the token."""
    ring = LiveRing(key_store(token.cfg, "VN", "production", context.clock))
    return replace(context, ring=ring, trust=TrustList.of([ring.active.certificate]))


async def _stored(context: Context) -> int:
    async with context.db.begin() as tx:
        query = select(func.count()).select_from(signature)
        stored: int = (await tx.execute(query)).scalar_one()
        return stored


async def test_what_the_token_signed_is_a_valid_certificate(on_token: Context) -> None:
    await handle(on_token, verified(dose(1), dose(2, HUNG)))
    (stored,) = await valid_of(on_token, HOA)
    assert verify(open_certificate(on_token, stored).qr, on_token.trust, on_token.clock()).valid


async def test_a_token_signs_the_same_claims_differently_and_the_signature_stored_first_stays(
    on_token: Context, bus: Bus
) -> None:
    signer = on_token.ring.active
    assert signer.sign(b"the same") != signer.sign(b"the same")
    await handle(on_token, verified(dose(1), dose(2, HUNG)))
    before = [*await valid_of(on_token, HOA), *await valid_of(on_token, HUNG)]
    await handle(on_token, verified(dose(2, HUNG), dose(1)))
    assert [*await valid_of(on_token, HOA), *await valid_of(on_token, HUNG)] == before
    assert await _stored(on_token) == len(await uvcis(on_token)) == 2
    assert {one.uvci for chunk in await told(on_token, bus) for one in chunk.certificates} == set(
        await uvcis(on_token)
    )


async def test_two_workers_that_sign_one_dose_at_once_store_one_signature_that_verifies(
    on_token: Context,
) -> None:
    async def work() -> None:
        while True:
            try:
                return await handle(on_token, verified(*(dose(id) for id in range(1, 30))))
            except TransientError:
                continue

    await asyncio.gather(*(work() for _ in range(4)))
    assert await _stored(on_token) == len(await uvcis(on_token)) == 29
    now = on_token.clock()
    assert all(
        verify(open_certificate(on_token, one).qr, on_token.trust, now).valid
        for one in await valid_of(on_token, HOA)
    )


async def test_a_crash_after_signing_is_repeated_with_another_signature_under_the_same_serial(
    on_token: Context, bus: Bus
) -> None:
    with pytest.raises(RuntimeError, match="power cut"):
        async with on_token.db.begin() as tx:
            await issue_certificates(on_token, tx, [dose(1)], EventRoute(False, "key"))
            raise RuntimeError("power cut")
    minted = await uvcis(on_token)
    await handle(on_token, verified(dose(1)))
    assert await uvcis(on_token) == minted
    (stored,) = await valid_of(on_token, HOA)
    assert verify(open_certificate(on_token, stored).qr, on_token.trust, on_token.clock()).valid
    assert len(await told(on_token, bus)) == await _stored(on_token) == 1


async def test_a_token_that_loses_its_sessions_delays_a_dose_and_neither_loses_nor_doubles_it(
    on_token: Context, token: TestToken, bus: Bus
) -> None:
    await handle(on_token, verified(dose(1)))
    pkcs11.lib(str(token.cfg.module)).reinitialize()
    event = verified(dose(2, HUNG))
    with pytest.raises(TransientError):
        await handle(on_token, event)
    assert await valid_of(on_token, HUNG) == []
    await handle(on_token, event)
    assert len(await valid_of(on_token, HUNG)) == 1
    assert sorted(
        one.dose_id for chunk in await told(on_token, bus) for one in chunk.certificates
    ) == [1, 2]


def _keys(token: TestToken, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "services.signer.keys", *arguments]
    return subprocess.run(
        command,
        env={"PATH": os.environ["PATH"], **token.environment},
        capture_output=True,
        text=True,
    )


def test_an_operator_makes_a_key_has_it_certified_imports_it_and_lists_it(token: TestToken) -> None:
    id = _keys(token, "make").stdout.strip()
    request = x509.load_pem_x509_csr(_keys(token, "csr", id).stdout.encode())
    assert request.subject.rfc4514_string().endswith("C=VN")
    now = datetime.now(UTC)
    public_key = request.public_key()
    assert isinstance(public_key, ec.EllipticCurvePublicKey)
    certificate = certify_signer(public_key, token.root.key, token.root.certificate, "test", now)
    kid = token.add(certificate, now)
    assert f"kid {kid}  signs 181 more days" in _keys(token, "list").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "make|csr|import|list"),
        (("csr", "00"), 1, "no key pair 00"),
        (("import", "/no"), 1, "/no"),
        (("import", __file__), 1, "no certificate"),
    ],
)
def test_an_operators_slip_is_told_in_a_line_and_changes_nothing(
    token: TestToken, arguments: tuple[str, ...], code: int, said: str
) -> None:
    before = _keys(token, "list").stdout
    done = _keys(token, *arguments)
    assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (code, True, False)
    assert _keys(token, "list").stdout == before


async def test_a_process_that_started_before_a_new_key_shows_and_believes_what_is_signed_with_it(
    on_token: Context,
    token: TestToken,
    environment: dict[str, str],
    issuer: TestIssuer,
) -> None:
    told = {**environment, **token.environment, "ENVIRONMENT": "production", "KEYS_REREAD_S": "0.2"}
    # production refuses a user who owns the audit
    told["DATABASE_URL"] = await with_rights(on_token.cfg.database.url.get_secret_value(), "signer")
    whose = issuer.headers(Role.CITIZEN, personal_id=HOA.personal_id)
    with _started(told, "api") as process, _client(told) as client:
        _until(client, "/signer/readyz")
        old = client.get("/signer/v1/trust-list").json()["items"]
        kid = token.add_key(datetime.now(UTC))
        assert isinstance(on_token.ring, LiveRing)
        on_token.ring.read_again()
        assert on_token.ring.active.envelope.kid.hex() == kid
        await handle(on_token, verified(dose(1)))
        (shown,) = _until(client, "/signer/v1/me/passport", whose).json()["certificates"]
        for _ in range(100):
            items = client.get("/signer/v1/trust-list").json()["items"]
            if len(items) == len(old) + 1:
                break
            await asyncio.sleep(0.1)
        assert len(items) == len(old) + 1
        assert client.post("/signer/v1/verify", json={"qr": shown["qr"]}).json()["valid"] is True
        assert process.poll() is None
