"""The provider's addresses: discovery, the page on which an account is chosen, tokens, sign-out."""

import json
import secrets
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import unquote, urlencode

import jwt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from deploy.local import issuer
from deploy.local.home import Home
from deploy.stubs.issuer.accounts import Account
from deploy.stubs.issuer.chooser import chooser, refusal
from deploy.stubs.issuer.grants import Asked, GrantError, Grants

_ACCESS: Final = timedelta(minutes=5)
_KEPT_NOWHERE: Final = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Client:
    """The one program that may ask: its id, its secret, and the origin that it sends people
    from.
    """

    id: str
    secret: str
    origin: str

    def may_return_to(self, address: str) -> bool:
        """Whether people may be sent back there."""
        return address == f"{self.origin}/signed-in"


class LocalProvider:
    """Signs with the key of `hochieu token`, so services know one issuer alone."""

    def __init__(
        self, home: Home, url: str, client: Client, accounts: Sequence[Account], grants: Grants
    ) -> None:
        self._home, self._url, self._client = home, url, client
        self._accounts = {account.id: account for account in accounts}
        self._grants = grants

    async def discovery(self, request: Request) -> Response:
        """`/.well-known/openid-configuration`."""
        return JSONResponse(
            {
                "issuer": self._url,
                "authorization_endpoint": f"{self._url}/authorize",
                "token_endpoint": f"{self._url}/token",
                "end_session_endpoint": f"{self._url}/end-session",
                "jwks_uri": f"{self._url}/jwks",
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code", "refresh_token"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["ES256"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                "authorization_response_iss_parameter_supported": True,
            }
        )

    async def jwks(self, request: Request) -> Response:
        """The key set."""
        return Response(self._home.jwks.read_bytes(), media_type="application/json")

    async def authorize(self, request: Request) -> Response:
        """Shows the accounts, or sends back with a code for the one that was chosen."""
        sent = request.query_params if request.method == "GET" else await request.form()
        fields = {name: value for name, value in sent.items() if isinstance(value, str)}
        asked = self._asked(fields)
        if asked is None:
            return refusal(400)
        if request.method == "GET":
            return chooser(list(self._accounts.values()), fields, self._client.origin)
        account = self._accounts.get(fields.get("account", ""))
        if account is None:
            return refusal(400)
        given = {
            "code": self._grants.code(account, asked),
            "state": asked.state,
            "iss": self._url,
        }
        return RedirectResponse(f"{asked.redirect_uri}?{urlencode(given)}", 303)

    async def token(self, request: Request) -> Response:
        """Tokens for a code or a refresh token."""
        if not self._is_client(request.headers.get("authorization", "")):
            return _refused("invalid_client", 401)
        form = {k: v for k, v in (await request.form()).items() if isinstance(v, str)}
        try:
            match form.get("grant_type"):
                case "authorization_code":
                    account, asked = self._grants.redeem(
                        form.get("code", ""),
                        self._client.id,
                        form.get("redirect_uri", ""),
                        form.get("code_verifier", ""),
                    )
                    return self._tokens(account, asked.nonce)
                case "refresh_token":
                    account = self._grants.refresh(form.get("refresh_token", ""), self._client.id)
                    return self._tokens(account, None)
        except GrantError as error:
            return _refused(str(error), 400)
        return _refused("unsupported_grant_type", 400)

    async def end_session(self, request: Request) -> Response:
        """Ends what was begun here, and sends back."""
        key = json.loads(self._home.jwks.read_text())["keys"][0]
        try:
            said = jwt.decode(
                request.query_params.get("id_token_hint", ""),
                jwt.PyJWK(key),
                algorithms=["ES256"],
                audience=self._client.id,
                options={"verify_exp": False},
            )
        except jwt.PyJWTError:
            return refusal(400)
        self._grants.end(str(said["sub"]))
        back = request.query_params.get("post_logout_redirect_uri", "")
        if back != f"{self._client.origin}/signed-out":
            return refusal(400)
        return RedirectResponse(back, 303)

    def _asked(self, sent: dict[str, str]) -> Asked | None:
        """What a client asks for, where all of it is as it must be."""
        is_right = (
            sent.get("client_id") == self._client.id
            and self._client.may_return_to(sent.get("redirect_uri", ""))
            and sent.get("response_type") == "code"
            and sent.get("code_challenge_method") == "S256"
            and bool(sent.get("code_challenge"))
            and "openid" in sent.get("scope", "").split()
        )
        if not is_right:
            return None
        return Asked(
            sent["client_id"],
            sent["redirect_uri"],
            sent.get("state", ""),
            sent.get("nonce", ""),
            sent["code_challenge"],
        )

    def _is_client(self, authorization: str) -> bool:
        try:
            plain = b64decode(authorization.removeprefix("Basic ")).decode()
        except ValueError:
            return False
        id, _, secret = plain.partition(":")
        return unquote(id) == self._client.id and secrets.compare_digest(
            unquote(secret).encode(), self._client.secret.encode()
        )

    def _tokens(self, account: Account, nonce: str | None) -> Response:
        signed: dict[str, Any] = {
            "access_token": issuer.signed(
                self._home,
                {"aud": issuer.AUDIENCE, "sub": account.id, **account.claims},
                _ACCESS,
            ),
            "id_token": issuer.signed(
                self._home,
                {"aud": self._client.id, "sub": account.id, **({"nonce": nonce} if nonce else {})},
                _ACCESS,
            ),
            "refresh_token": self._grants.refresh_token(account, self._client.id),
            "token_type": "Bearer",
            "expires_in": int(_ACCESS.total_seconds()),
            "scope": "openid",
        }
        return JSONResponse(signed, headers=_KEPT_NOWHERE)


def _refused(error: str, status: int) -> Response:
    return JSONResponse({"error": error}, status, headers=_KEPT_NOWHERE)


def create_app(provider: LocalProvider) -> Starlette:
    """The application, below `/issuer`."""
    app = Starlette(
        routes=[
            Route("/issuer/.well-known/openid-configuration", provider.discovery),
            Route("/issuer/jwks", provider.jwks),
            Route("/issuer/authorize", provider.authorize, methods=["GET", "POST"]),
            Route("/issuer/token", provider.token, methods=["POST"]),
            Route("/issuer/end-session", provider.end_session),
        ]
    )
    app.router.redirect_slashes = False  # it would send on to whatever name stands in Host
    return app
