"""Who is calling: bearer tokens (JWT, asymmetric algorithms only) checked against an issuer's public keys, and who may call a route."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import jwt
from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from jwt import PyJWK, PyJWKSet
from pydantic import BaseModel

from services.chassis.errors import ServiceError, TransientError

ALGORITHMS = frozenset({"ES256", "ES384", "EdDSA", "RS256", "PS256"})
_REFRESH_S = 30.0


class AuthSettings(BaseModel):
    """Which issuer is trusted: `jwks` is the address (https) or the file of its key set."""

    issuer: str
    audience: str = "hochieu"
    jwks: str


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller: subject, roles, and the remaining claims of the token."""

    subject: str
    roles: frozenset[str]
    claims: Mapping[str, Any]


def _unauthorized(code: str, vi: str, en: str) -> ServiceError:
    return ServiceError(401, code, vi, en, headers={"WWW-Authenticate": "Bearer"})


class Authenticator:
    """Checks tokens; keeps the issuer's keys and asks again at most every 30 seconds when a key id is unknown."""

    def __init__(self, cfg: AuthSettings) -> None:
        self._cfg = cfg
        self._keys: dict[str, PyJWK] = {}
        self._asked = float("-inf")

    async def principal(self, token: str) -> Principal:
        """The caller behind `token`; ServiceError 401 if it is missing, malformed, expired or not the issuer's."""
        try:
            header = jwt.get_unverified_header(token)
            key = await self._key(str(header.get("kid", "")))
            # the key decides the algorithm, never the token: this is what stops `none` and HS256 with the public key
            if key is None or key.algorithm_name not in ALGORITHMS:
                raise jwt.InvalidTokenError
            claims = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=self._cfg.audience,
                issuer=self._cfg.issuer,
                # when it was issued refuses no token: the issuer's clock may be ahead of ours (RFC 7519, section 4.1.6, has no such rule)
                options={"require": ["exp", "sub"], "verify_iat": False},
                leeway=5,
            )
        except jwt.ExpiredSignatureError as error:
            raise _unauthorized(
                "TOKEN_EXPIRED", "Phiên đăng nhập đã hết hạn, hãy đăng nhập lại.", "The token has expired; get a new one."
            ) from error
        except (jwt.PyJWTError, ValueError) as error:
            raise _unauthorized("TOKEN_INVALID", "Mã truy cập không hợp lệ.", "The token is not valid here.") from error
        roles = claims.get("roles")
        return Principal(str(claims["sub"]), frozenset(map(str, roles)) if isinstance(roles, list) else frozenset(), claims)

    async def _key(self, kid: str) -> PyJWK | None:
        if kid not in self._keys and time.monotonic() - self._asked > _REFRESH_S:
            self._asked = time.monotonic()
            self._keys = {str(key.key_id): key for key in PyJWKSet.from_dict(await self._fetch()).keys}
        return self._keys.get(kid)

    async def _fetch(self) -> dict[str, Any]:
        if not self._cfg.jwks.startswith(("https://", "http://")):
            return dict(json.loads(await asyncio.to_thread(Path(self._cfg.jwks.removeprefix("file://")).read_bytes)))
        try:
            async with httpx.AsyncClient(timeout=5) as client:
                return dict((await client.get(self._cfg.jwks)).raise_for_status().json())
        except httpx.HTTPError as error:
            raise TransientError("the token issuer does not answer") from error


bearer = HTTPBearer(auto_error=False, description="JWT of the configured issuer")


class Allow:
    """A route's dependency that lets callers with one of `roles` in and hands on the Principal; a test walks all routes for it."""

    def __init__(self, *roles: str) -> None:
        self.roles = frozenset(roles)

    async def __call__(self, request: Request, sent: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)]) -> Principal:
        if sent is None or not sent.credentials.strip():
            raise _unauthorized("TOKEN_MISSING", "Hãy đăng nhập trước.", "Send a bearer token.")
        authenticate: Callable[[str], Awaitable[Principal]] = request.app.state.authenticator.principal
        principal = await authenticate(sent.credentials.strip())
        if not principal.roles & self.roles:
            raise ServiceError(403, "ROLE_NOT_ALLOWED", "Vai trò của bạn không được dùng chức năng này.", "Your role may not call this.")
        return principal


class Public:
    """Marks a route that anybody may call, with the reason why."""

    def __init__(self, why: str) -> None:
        self.why = why

    async def __call__(self) -> None:
        return None
