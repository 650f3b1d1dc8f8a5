"""What the provider has given out and waits for: codes for one use, and refresh tokens."""

import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from deploy.stubs.issuer.accounts import Account

_CODE_S: Final = 60
_REFRESH_S: Final = 12 * 3600


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client asked for when it sent somebody here."""

    client_id: str
    redirect_uri: str
    state: str
    nonce: str
    challenge: str


@dataclass(frozen=True, slots=True)
class _Grant:
    account: Account
    client_id: str
    until: float
    asked: Asked | None = None


class GrantError(Exception):
    """The code or token is not good; the text is OAuth's word for it."""


@dataclass(slots=True)
class Grants:
    """In memory alone: after a restart everybody signs in anew."""

    clock: Callable[[], float] = time.time
    _codes: dict[str, _Grant] = field(default_factory=dict)
    _refresh: dict[str, _Grant] = field(default_factory=dict)

    def code(self, account: Account, asked: Asked) -> str:
        """A code for one use."""
        self._forget_old()
        code = secrets.token_urlsafe(32)
        until = self.clock() + _CODE_S
        self._codes[code] = _Grant(account, asked.client_id, until, asked)
        return code

    def redeem(
        self, code: str, client_id: str, redirect_uri: str, verifier: str
    ) -> tuple[Account, Asked]:
        """Who a code is for; GrantError where it is old, used, another's, or without its
        verifier.
        """
        grant = self._codes.pop(code, None)
        if grant is None or grant.asked is None or grant.until < self.clock():
            raise GrantError("invalid_grant")
        if (grant.client_id, grant.asked.redirect_uri) != (client_id, redirect_uri):
            raise GrantError("invalid_grant")
        if not secrets.compare_digest(challenge_of(verifier), grant.asked.challenge):
            raise GrantError("invalid_grant")
        return grant.account, grant.asked

    def refresh_token(self, account: Account, client_id: str) -> str:
        """A token for the next access token."""
        token = secrets.token_urlsafe(32)
        self._refresh[token] = _Grant(account, client_id, self.clock() + _REFRESH_S)
        return token

    def refresh(self, token: str, client_id: str) -> Account:
        """Who a refresh token is for, once."""
        grant = self._refresh.pop(token, None)
        if grant is None or grant.client_id != client_id or grant.until < self.clock():
            raise GrantError("invalid_grant")
        return grant.account

    def end(self, subject: str) -> None:
        """Takes back everything of one account."""
        for held in (self._codes, self._refresh):
            for key in [key for key, grant in held.items() if grant.account.id == subject]:
                del held[key]

    def _forget_old(self) -> None:
        now = self.clock()
        for held in (self._codes, self._refresh):
            for key in [key for key, grant in held.items() if grant.until < now]:
                del held[key]


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
