"""The OpenID provider: its discovery document, and the exchanges with it."""

import asyncio
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
from authlib.deprecate import AuthlibDeprecationWarning

from services.chassis.auth import Authenticator, AuthSettings
from services.chassis.errors import ServiceError, TransientError
from web.errors import sign_in_failed
from web.sessions.tokens import Tokens
from web.settings import SignInSettings

with warnings.catch_warnings():
    # it prefers another HTTP client than the one that everything here uses
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.base_client.errors import OAuthError
    from authlib.integrations.httpx_client import AsyncOAuth2Client


@dataclass(frozen=True, slots=True)
class _Known:
    document: Mapping[str, Any]
    of_id: Authenticator
    of_access: Authenticator


@dataclass(slots=True)
class Provider:
    """The provider named by settings; `redirect_uri`: where it sends browsers back to.

    Its discovery document is read at the first sign-in and kept, as its keys are by their own
    rules.
    """

    cfg: SignInSettings
    redirect_uri: str
    _known: _Known | None = None
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def authorize_url(self, state: str, nonce: str, verifier: str) -> str:
        """Where a browser is sent to sign in."""
        known = await self._discover()
        async with self._client() as client:
            url, _ = client.create_authorization_url(
                known.document["authorization_endpoint"],
                state=state,
                nonce=nonce,
                code_verifier=verifier,
            )
        return str(url)

    async def exchange(self, code: str, verifier: str, nonce: str) -> Tokens:
        """The tokens for a code; ServiceError 400 where the provider gives none, or others'."""
        known = await self._discover()
        try:
            async with self._client() as client:
                given = await client.fetch_token(
                    known.document["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                )
        except OAuthError as error:
            raise sign_in_failed() from error
        except httpx.HTTPError as error:
            raise TransientError("the OpenID provider does not answer") from error
        tokens = await self._checked(known, given, None)
        said = await known.of_id.principal(tokens.id_token)
        if said.claims.get("nonce") != nonce:
            raise sign_in_failed()
        return tokens

    async def refresh(self, tokens: Tokens) -> Tokens | None:
        """New tokens for old; None where the provider has ended the session.

        TransientError where it does not answer.
        """
        if tokens.refresh is None:
            return None
        known = await self._discover()
        try:
            async with self._client() as client:
                given = await client.refresh_token(
                    known.document["token_endpoint"], refresh_token=tokens.refresh
                )
            return await self._checked(known, given, tokens)
        except (OAuthError, ServiceError):
            return None
        except httpx.HTTPError as error:
            raise TransientError("the OpenID provider does not answer") from error

    async def logout_url(self, id_token: str, back_to: str) -> str | None:
        """Where a browser is sent to sign out there too; None where the provider has no such page.

        The ID token names nobody: it carries a subject, and what the session needs.
        """
        document = (await self._discover()).document
        if (endpoint := document.get("end_session_endpoint")) is None:
            return None
        asked = urlencode(
            {
                "id_token_hint": id_token,
                "post_logout_redirect_uri": back_to,
                "client_id": self.cfg.client_id,
            }
        )
        return f"{endpoint}?{asked}"

    def _client(self) -> Any:
        return AsyncOAuth2Client(
            self.cfg.client_id,
            self.cfg.secret,
            scope=self.cfg.scope,
            redirect_uri=self.redirect_uri,
            code_challenge_method="S256",
            timeout=self.cfg.timeout_s,
            trust_env=False,
        )

    async def _checked(
        self, known: _Known, given: Mapping[str, Any], before: Tokens | None
    ) -> Tokens:
        """What was given, once the signature and the claims of the access token hold."""
        access = await known.of_access.principal(str(given.get("access_token", "")))
        id_token = given.get("id_token") or (before.id_token if before else "")
        refresh = given.get("refresh_token") or (before.refresh if before else None)
        return Tokens(
            access=str(given["access_token"]),
            refresh=refresh,
            id_token=str(id_token),
            until=min(float(access.claims["exp"]), time.time() + 24 * 3600),
        )

    async def _discover(self) -> _Known:
        if self._known is not None:
            return self._known
        async with self._reading:
            if self._known is None:
                self._known = self._believed(await self._fetch())
        return self._known

    async def _fetch(self) -> Mapping[str, Any]:
        try:
            async with httpx.AsyncClient(timeout=self.cfg.timeout_s, trust_env=False) as client:
                return dict((await client.get(self.cfg.document)).raise_for_status().json())
        except (httpx.HTTPError, ValueError) as error:
            raise TransientError("the OpenID provider's document cannot be read") from error

    def _believed(self, document: Mapping[str, Any]) -> _Known:
        if document.get("issuer") != self.cfg.issuer:
            raise TransientError("the OpenID provider calls itself by another name")

        def of(audience: str) -> Authenticator:
            jwks = str(document["jwks_uri"])
            return Authenticator(AuthSettings(issuer=self.cfg.issuer, audience=audience, jwks=jwks))

        return _Known(document, of(self.cfg.client_id), of(self.cfg.audience))
