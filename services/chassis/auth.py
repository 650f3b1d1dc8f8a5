"""Who is calling: bearer tokens (JWT, asymmetric algorithms only) checked against an issuer's
public keys, and who may call a route.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import jwt
import structlog
from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from jwt import PyJWK, PyJWKSet
from pydantic import BaseModel, Field

from services.chassis.errors import ServiceError, TransientError
from services.chassis.storable import is_storable

ALGORITHMS = frozenset({"ES256", "ES384", "EdDSA", "RS256", "PS256"})
_REFRESH_S = 30.0
_RETRY_S = 1.0
_LEEWAY_S = 5
_LONGEST_TOKEN, _LONGEST_SUBJECT = 8_192, 200
_CALLER, _COUNTED = "hochieu.caller", "hochieu.counted"  # in the scope of a request
_log = structlog.get_logger()


class AuthSettings(BaseModel):
    """Which issuer is trusted: `jwks` is the address (https) or the file of its key set.

    The set is read again when it is `refresh_s` old, so a withdrawn key is trusted no longer than
    that. While it cannot be read, the keys in memory stay trusted until they are `believe_s` old.
    A token may be valid for `max_hours` more at most.
    """

    issuer: str
    audience: str = "hochieu"
    jwks: str
    refresh_s: float = Field(300, ge=_REFRESH_S)
    believe_s: float = Field(3600, ge=_REFRESH_S)
    max_hours: float = Field(24, gt=0, le=24 * 30)


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller: subject, roles, and the remaining claims of the token."""

    subject: str
    roles: frozenset[str]
    claims: Mapping[str, Any]


def _unauthorized(code: str, vi: str, en: str) -> ServiceError:
    return ServiceError(401, code, vi, en, headers={"WWW-Authenticate": "Bearer"})


def _check_claims(claims: Mapping[str, Any], latest: float) -> None:
    """Refuses what the library lets pass: a token for ever, and a caller that no audit can name."""
    subject = claims["sub"]
    if not subject.strip() or len(subject) > _LONGEST_SUBJECT or not subject.isprintable():
        raise jwt.InvalidTokenError
    expires, issued = float(claims["exp"]), float(claims.get("iat", 0))
    if not issued <= expires <= latest:
        raise jwt.InvalidTokenError
    if not all(is_storable(value) for value in claims.values() if isinstance(value, str)):
        raise jwt.InvalidTokenError


class Authenticator:
    """Checks tokens; keeps the issuer's keys, and reads them again when they are old or, at most
    every 30 seconds, a key id is unknown.
    """

    def __init__(self, cfg: AuthSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._cfg = cfg
        self._clock = clock
        self._keys: dict[str, PyJWK] = {}
        self._reading = asyncio.Lock()
        self._read_at = float("-inf")
        self._failed_at = float("-inf")

    async def principal(self, token: str) -> Principal:
        """The caller behind `token`; ServiceError 401 if it is missing, malformed, expired or not
        the issuer's.

        TransientError where that cannot be told because the issuer's keys cannot be read.
        """
        try:
            if len(token) > _LONGEST_TOKEN:
                raise jwt.InvalidTokenError
            header = jwt.get_unverified_header(token)
            key = await self._key(str(header.get("kid", "")))
            # the key decides the algorithm, never the token: this is what stops `none` and HS256
            # with the public key
            if key is None or key.algorithm_name not in ALGORITHMS:
                raise jwt.InvalidTokenError
            claims = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=self._cfg.audience,
                issuer=self._cfg.issuer,
                # when it was issued refuses no token: the issuer's clock may be ahead of ours (RFC
                # 7519, section 4.1.6, has no such rule)
                options={"require": ["exp", "sub"], "verify_iat": False},
                leeway=_LEEWAY_S,
            )
            _check_claims(claims, time.time() + self._cfg.max_hours * 3600 + _LEEWAY_S)
        except jwt.ExpiredSignatureError as error:
            raise _unauthorized(
                "TOKEN_EXPIRED",
                "Phiên đăng nhập đã hết hạn, hãy đăng nhập lại.",
                "The token has expired; get a new one.",
            ) from error
        # nor is a token what has numbers beyond all bounds, or is nested a thousand deep
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
            raise _unauthorized(
                "TOKEN_INVALID", "Mã truy cập không hợp lệ.", "The token is not valid here."
            ) from error
        roles = claims.get("roles")
        return Principal(
            str(claims["sub"]),
            frozenset(map(str, roles)) if isinstance(roles, list) else frozenset(),
            claims,
        )

    async def _key(self, kid: str) -> PyJWK | None:
        if not self._believes(kid):
            async with self._reading:  # who comes while somebody reads waits for what is read
                if not self._believes(kid):
                    await self._read_again()
        # here nobody waits but the one who reads: the others have what is held
        elif self._is_due() and not self._reading.locked():
            async with self._reading:
                with suppress(TransientError):
                    await self._read_again()
        return self._keys.get(kid)

    def _believes(self, kid: str) -> bool:
        return kid in self._keys and self._clock() - self._read_at <= self._cfg.believe_s

    def _is_due(self) -> bool:
        now = self._clock()
        return now - self._read_at > self._cfg.refresh_s and now - self._failed_at > _REFRESH_S

    async def _read_again(self) -> None:
        """Reads the keys, unless they were read a moment ago: strangers' key ids must not make us
        ask the issuer again and again.
        """
        now = self._clock()
        if now - self._read_at <= _REFRESH_S:
            return
        if now - self._failed_at <= _RETRY_S:
            raise TransientError("the token issuer did not answer a moment ago")
        try:
            self._keys = {
                str(key.key_id): key for key in PyJWKSet.from_dict(await self._fetch()).keys
            }
        except Exception as error:
            # whatever came instead of keys says nothing of the token; those that are held stay, and
            # go on being believed for a while
            self._failed_at = self._clock()
            _log.warning("token_keys_unread", error=type(error).__name__)
            raise TransientError("the token issuer's keys cannot be read") from error
        self._read_at = self._clock()

    async def _fetch(self) -> dict[str, Any]:
        if not self._cfg.jwks.startswith(("https://", "http://")):
            return dict(
                json.loads(
                    await asyncio.to_thread(Path(self._cfg.jwks.removeprefix("file://")).read_bytes)
                )
            )
        async with httpx.AsyncClient(timeout=5) as client:
            return dict((await client.get(self._cfg.jwks)).raise_for_status().json())


bearer = HTTPBearer(
    auto_error=False,
    scheme_name="bearer",
    bearerFormat="JWT",
    description="An access token of the configured issuer; its roles and area say what it may do.",
)


class Allow:
    """A route's dependency that lets callers with one of `roles` in and hands on the Principal; a
    test walks all routes for it.
    """

    def __init__(self, *roles: str) -> None:
        self.roles = frozenset(roles)

    async def admit(self, request: Request) -> Principal:
        """The caller; ServiceError 401 or 403. A token is checked once a request."""
        guard, known = request.scope.get(_CALLER, (None, None))
        if guard is self and isinstance(known, Principal):
            return known
        sent = await bearer(request)
        if sent is None or not sent.credentials.strip():
            raise _unauthorized("TOKEN_MISSING", "Hãy đăng nhập trước.", "Send a bearer token.")
        authenticate: Callable[[str], Awaitable[Principal]] = (
            request.app.state.authenticator.principal
        )
        principal = await authenticate(sent.credentials.strip())
        if not principal.roles & self.roles:
            raise ServiceError(
                403,
                "ROLE_NOT_ALLOWED",
                "Vai trò của bạn không được dùng chức năng này.",
                "Your role may not call this.",
            )
        request.scope[_CALLER] = (self, principal)
        return principal

    async def __call__(
        self,
        request: Request,
        documented: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)],
    ) -> Principal:
        return await self.admit(request)


class Public:
    """Marks a route that anybody may call, with the reason why.

    `count` counts each request before its body is read, so that refused ones count as well. It
    raises ServiceError 429 where there were too many.
    """

    def __init__(self, why: str, count: Callable[[Request], Awaitable[None]] | None = None) -> None:
        self.why = why
        self._count = count

    async def admit(self, request: Request) -> None:
        """Counts the request, once."""
        if self._count is not None and not request.scope.get(_COUNTED):
            request.scope[_COUNTED] = True
            await self._count(request)

    async def __call__(self, request: Request) -> None:
        await self.admit(request)
