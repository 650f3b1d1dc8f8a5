import asyncio
import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import jwt
import pytest
import respx
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from contracts.access import Role
from deploy.local.issuer import AUDIENCE, ISSUER
from services.chassis.auth import Authenticator, AuthSettings
from services.chassis.errors import ServiceError, TransientError
from tests.support.tokens import TestIssuer


@pytest.fixture
def issuer(tmp_path: Path) -> TestIssuer:
    return TestIssuer(tmp_path / "issuer")


def _claims(**changed: object) -> dict[str, object]:
    soon = datetime.now(UTC) + timedelta(hours=1)
    return {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "somebody",
        "exp": soon,
        "roles": ["ministry"],
        **changed,
    }


async def _refused(issuer: TestIssuer, token: str) -> str:
    with pytest.raises(ServiceError) as caught:
        await Authenticator(issuer.settings).principal(token)
    assert caught.value.status == 401
    assert caught.value.headers["WWW-Authenticate"] == "Bearer"
    return caught.value.code


async def test_a_good_token_names_its_caller_and_roles(issuer: TestIssuer) -> None:
    principal = await Authenticator(issuer.settings).principal(
        issuer.token(Role.FACILITY, facility="68001")
    )
    assert principal.roles == {"facility"}
    assert principal.claims["facility"] == "68001"


async def test_an_expired_token_says_so(issuer: TestIssuer) -> None:
    assert (
        await _refused(issuer, issuer.token(Role.MINISTRY, lifetime=timedelta(hours=-1)))
        == "TOKEN_EXPIRED"
    )


async def test_alg_none_is_refused(issuer: TestIssuer) -> None:
    token = jwt.encode(_claims(), "", algorithm="none", headers={"kid": issuer.kid})
    assert await _refused(issuer, token) == "TOKEN_INVALID"


async def test_hs256_with_the_public_key_as_secret_is_refused(issuer: TestIssuer) -> None:
    key = load_pem_private_key(issuer.home.jwks.with_name("token.pem").read_bytes(), None)
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

    claims = _claims(exp=int((datetime.now(UTC) + timedelta(hours=1)).timestamp()))
    signed = (
        part(json.dumps({"alg": "HS256", "typ": "JWT", "kid": issuer.kid}).encode())
        + "."
        + part(json.dumps(claims).encode())
    )
    token = signed + "." + part(hmac.new(pem, signed.encode(), hashlib.sha256).digest())
    assert await _refused(issuer, token) == "TOKEN_INVALID"


@pytest.mark.parametrize(
    "changed",
    [{"iss": "https://elsewhere.example"}, {"aud": "another"}, {"sub": None}, {"exp": None}],
)
async def test_another_issuers_or_incomplete_token_is_refused(
    issuer: TestIssuer, changed: dict[str, object]
) -> None:
    assert await _refused(issuer, _signed(issuer, **changed)) == "TOKEN_INVALID"


_FAR = datetime.now(UTC) + timedelta(days=400)


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": _FAR},
        {"exp": 1e300},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"exp": {}},
        {"iat": _FAR},
        {"iat": "yesterday"},
        {"iat": []},
        {"nbf": datetime.now(UTC) + timedelta(hours=1)},
        {"sub": ""},
        {"sub": "  "},
        {"sub": "a\0b"},
        {"sub": "a\nb"},
        {"sub": "\u202egpj.exe"},
        {"sub": "\ud800"},
        {"sub": "x" * 201},
        {"sub": 5},
        {"facility": "\ud800"},
        {"personal_id": "\0"},
        {"more": "x" * 9_000},
    ],
    ids=lambda changed: ascii(changed)[:40],
)
async def test_a_token_for_ever_or_of_nobody_who_can_be_named_is_refused_though_it_is_signed(
    issuer: TestIssuer, changed: dict[str, object]
) -> None:
    assert await _refused(issuer, _signed(issuer, **changed)) == "TOKEN_INVALID"


async def test_how_long_a_token_may_be_valid_is_a_setting(issuer: TestIssuer) -> None:
    token = issuer.token(Role.MINISTRY, lifetime=timedelta(hours=30))
    assert await _refused(issuer, token) == "TOKEN_INVALID"
    longer = issuer.settings.model_copy(update={"max_hours": 48})
    assert (await Authenticator(longer).principal(token)).roles == {"ministry"}


def _signed(issuer: TestIssuer, **changed: object) -> str:
    """Signed by the issuer itself; what is None is left out."""
    claims = {name: value for name, value in _claims(**changed).items() if value is not None}
    key = load_pem_private_key(issuer.home.jwks.with_name("token.pem").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return jwt.PyJWS().encode(
        json.dumps(claims, default=lambda moment: int(moment.timestamp())).encode(),
        key,
        algorithm="ES256",
        headers={"kid": issuer.kid},
    )


async def test_a_key_of_another_issuer_with_our_key_id_is_refused(
    issuer: TestIssuer, tmp_path: Path
) -> None:
    token = jwt.encode(
        _claims(),
        ec.generate_private_key(ec.SECP256R1()),
        algorithm="ES256",
        headers={"kid": issuer.kid},
    )
    assert await _refused(issuer, token) == "TOKEN_INVALID"


_DEEP = base64.urlsafe_b64encode(b"[" * 6_000).decode()


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "ệ.ệ.ệ", f"{_DEEP}.x.x", "." * 9_000])
async def test_what_is_no_token_is_refused(issuer: TestIssuer, token: str) -> None:
    assert await _refused(issuer, token) == "TOKEN_INVALID"


async def test_a_new_key_of_the_issuer_is_found_without_a_restart(
    issuer: TestIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    authenticator = Authenticator(issuer.settings)
    await authenticator.principal(issuer.token(Role.MINISTRY))
    for name in ("token.pem", "jwks.json"):
        (issuer.home.root / "secrets" / name).unlink()
    monkeypatch.setattr("services.chassis.auth._REFRESH_S", 0.0)
    assert (await authenticator.principal(issuer.token(Role.MINISTRY))).roles == {"ministry"}


JWKS = "https://issuer.example/jwks.json"


@pytest.fixture
def afar(issuer: TestIssuer) -> Authenticator:
    """Reads the issuer's keys over the network."""
    return Authenticator(issuer.settings.model_copy(update={"jwks": JWKS}))


@respx.mock
async def test_who_comes_while_the_keys_are_being_read_waits_for_them(
    issuer: TestIssuer, afar: Authenticator
) -> None:
    async def slowly(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0.05)
        return httpx.Response(200, content=issuer.home.jwks.read_bytes())

    asked = respx.get(JWKS).mock(side_effect=slowly)
    token = issuer.token(Role.MINISTRY)
    callers = await asyncio.gather(*(afar.principal(token) for _ in range(4)))
    assert [caller.roles for caller in callers] == [{"ministry"}] * 4
    assert asked.call_count == 1


@respx.mock
@pytest.mark.parametrize(
    "said",
    [
        httpx.ConnectError("away"),
        httpx.Response(502),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=[]),
    ],
)
async def test_while_no_key_can_be_read_no_token_is_called_invalid(
    said: httpx.Response | Exception,
    issuer: TestIssuer,
    afar: Authenticator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = respx.get(JWKS).mock(
        side_effect=[said, httpx.Response(200, content=issuer.home.jwks.read_bytes())]
    )
    token = issuer.token(Role.MINISTRY)
    told = await asyncio.gather(*(afar.principal(token) for _ in range(4)), return_exceptions=True)
    assert [type(one) for one in told] == [TransientError] * 4
    assert asked.call_count == 1
    monkeypatch.setattr("services.chassis.auth._RETRY_S", 0.0)
    assert (await afar.principal(token)).roles == {"ministry"}


@respx.mock
async def test_strangers_key_ids_are_refused_and_make_us_ask_the_issuer_once(
    issuer: TestIssuer, afar: Authenticator
) -> None:
    asked = respx.get(JWKS).mock(
        side_effect=lambda _: httpx.Response(200, content=issuer.home.jwks.read_bytes())
    )
    for number in range(5):
        token = jwt.encode(
            _claims(),
            ec.generate_private_key(ec.SECP256R1()),
            algorithm="ES256",
            headers={"kid": str(number)},
        )
        with pytest.raises(ServiceError) as caught:
            await afar.principal(token)
        assert (caught.value.status, caught.value.code) == (401, "TOKEN_INVALID")
    assert asked.call_count == 1


@respx.mock
async def test_an_issuer_that_goes_away_costs_nobody_whose_key_is_known(
    issuer: TestIssuer, afar: Authenticator, monkeypatch: pytest.MonkeyPatch
) -> None:
    respx.get(JWKS).mock(
        side_effect=[
            httpx.Response(200, content=issuer.home.jwks.read_bytes()),
            httpx.ConnectError("away"),
        ]
    )
    monkeypatch.setattr("services.chassis.auth._REFRESH_S", 0.0)
    await afar.principal(issuer.token(Role.MINISTRY))
    stranger = jwt.encode(
        _claims(),
        ec.generate_private_key(ec.SECP256R1()),
        algorithm="ES256",
        headers={"kid": "new"},
    )
    with pytest.raises(TransientError):
        await afar.principal(stranger)
    assert (await afar.principal(issuer.token(Role.MINISTRY))).roles == {"ministry"}


class _Time:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def _withdraw(issuer: TestIssuer) -> None:
    """The issuer takes another key, and its set holds that one alone."""
    for name in ("token.pem", "jwks.json"):
        (issuer.home.root / "secrets" / name).unlink()
    issuer.token(Role.MINISTRY)


async def test_a_key_that_the_issuer_withdrew_is_believed_for_five_minutes_and_no_longer(
    issuer: TestIssuer,
) -> None:
    time = _Time()
    authenticator = Authenticator(issuer.settings, time)
    old = issuer.token(Role.MINISTRY, lifetime=timedelta(hours=24))
    await authenticator.principal(old)
    _withdraw(issuer)
    time.now += 299
    assert (await authenticator.principal(old)).roles == {"ministry"}
    time.now += 2
    with pytest.raises(ServiceError) as caught:
        await authenticator.principal(old)
    assert (caught.value.status, caught.value.code) == (401, "TOKEN_INVALID")
    assert (await authenticator.principal(issuer.token(Role.MINISTRY))).roles == {"ministry"}


@respx.mock
async def test_while_the_issuer_is_away_its_keys_are_believed_for_an_hour(
    issuer: TestIssuer,
) -> None:
    time = _Time()
    afar = Authenticator(issuer.settings.model_copy(update={"jwks": JWKS}), time)
    keys = httpx.Response(200, content=issuer.home.jwks.read_bytes())
    away = httpx.ConnectError("away")
    asked = respx.get(JWKS).mock(side_effect=[keys, *[away] * 13, keys])
    token = issuer.token(Role.MINISTRY)
    for _ in range(0, 3601, 300):
        for _ in range(3):  # at one time the issuer is asked once
            assert (await afar.principal(token)).roles == {"ministry"}
        time.now += 300
    assert asked.call_count == 12
    for _ in range(2):
        with pytest.raises(TransientError):
            await afar.principal(token)
        time.now += 2
    assert (await afar.principal(token)).roles == {"ministry"}


@respx.mock
async def test_only_one_caller_waits_while_keys_that_are_held_are_read_again(
    issuer: TestIssuer,
) -> None:
    time, began, answered = _Time(), asyncio.Event(), asyncio.Event()

    async def late(_: httpx.Request) -> httpx.Response:
        began.set()
        await answered.wait()
        return httpx.Response(200, content=issuer.home.jwks.read_bytes())

    afar = Authenticator(issuer.settings.model_copy(update={"jwks": JWKS}), time)
    asked = respx.get(JWKS).mock(side_effect=late)
    token = issuer.token(Role.MINISTRY)
    answered.set()
    await afar.principal(token)
    began.clear()
    answered.clear()
    time.now += 301
    async with asyncio.timeout(5):
        reading = asyncio.create_task(afar.principal(token))
        await began.wait()
        assert [(await afar.principal(token)).roles for _ in range(4)] == [{"ministry"}] * 4
        assert not reading.done()
        answered.set()
        assert (await reading).roles == {"ministry"}
    assert asked.call_count == 2


def test_settings_name_no_default_issuer() -> None:
    assert "issuer" in {
        name for name, field in AuthSettings.model_fields.items() if field.is_required()
    }
