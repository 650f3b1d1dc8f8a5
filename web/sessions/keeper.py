"""Keeps sessions: begins and finds them, renews their tokens, ends them in time."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from services.chassis.db import Database
from services.chassis.encryption import Sealer
from services.chassis.errors import TransientError
from web.sessions import store
from web.sessions.store import SessionRow
from web.sessions.tokens import Tokens
from web.settings import SessionSettings
from web.signing_in.provider import Provider

_TOUCH = timedelta(seconds=60)
_RENEW_S = 60.0
_KEEP_ENDED = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Kept:
    """What stands behind a cookie; `tokens`: None where the session has ended."""

    id: bytes
    subject: int
    tokens: Tokens | None


@dataclass(frozen=True, slots=True)
class LateForm:
    """A form that was sent after its session had ended."""

    path: str
    fields: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class SessionKeeper:
    """All sessions of all browsers, in the pages' own database."""

    db: Database
    sealer: Sealer
    provider: Provider
    cfg: SessionSettings
    clock: Callable[[], datetime]

    async def begin(self, tokens: Tokens, before: str | None) -> tuple[str, bool]:
        """A new session; answers its cookie, and whether it took over what was typed before.

        `before`: the browser's earlier cookie, whose session ends; what was typed in it is kept
        where it is the same person who signs in.
        """
        cookie = secrets.token_urlsafe(32)
        id, subject = _id_of(cookie), self.sealer.blind(str(tokens.claims["sub"]))
        async with self.db.begin() as tx:
            draft = None
            if before and (row := await store.find(tx, _id_of(before), lock=True)):
                if row.subject == subject:
                    draft = self._moved(row, id)
                await store.delete(tx, row.id)
            sealed = self.sealer.seal(tokens.dumped(), b"tokens:" + id)
            await store.insert(tx, id, subject, sealed, draft, self.clock())
        return cookie, draft is not None

    async def find(self, cookie: str) -> Kept | None:
        """The session of a cookie, its tokens good for a minute at least; None where there is
        none.

        TransientError where they must be renewed, and the provider does not answer.
        """
        async with self.db.begin() as tx:
            row = await store.find(tx, _id_of(cookie))
            if row is None:
                return None
            now = self.clock()
            if (tokens := self._living(row, now)) and now - row.seen_at > _TOUCH:
                await store.touch(tx, row.id, now)
        if tokens is not None and tokens.until - now.timestamp() < _RENEW_S:
            tokens = await self._renewed(row.id, tokens)
        return Kept(row.id, row.subject, tokens)

    async def end(self, cookie: str) -> Tokens | None:
        """Ends one session; answers the tokens that it had."""
        async with self.db.begin() as tx:
            row = await store.find(tx, _id_of(cookie))
            if row is None:
                return None
            await store.delete(tx, row.id)
        return self._living(row, self.clock())

    async def end_everywhere(self, subject: int) -> int:
        """Ends a person's sessions at all browsers; answers how many."""
        async with self.db.begin() as tx:
            return await store.delete_of(tx, subject)

    async def keep_draft(self, id: bytes, draft: LateForm) -> None:
        """Keeps a form that came too late, for the person whose session it was."""
        plain = json.dumps([draft.path, draft.fields]).encode()
        async with self.db.begin() as tx:
            await store.set_draft(tx, id, self.sealer.seal(plain, b"draft:" + id))

    async def draft_of(self, id: bytes) -> LateForm | None:
        """The form that waits to be sent again."""
        async with self.db.begin() as tx:
            row = await store.find(tx, id)
        if row is None or row.draft is None:
            return None
        path, fields = json.loads(self.sealer.unseal(row.draft, b"draft:" + id))
        return LateForm(path, [(name, value) for name, value in fields])

    async def forget_draft(self, id: bytes) -> None:
        """Forgets it."""
        async with self.db.begin() as tx:
            await store.set_draft(tx, id, None)

    async def purge(self, now: datetime) -> None:
        """Takes the tokens from sessions that are idle, and forgets those that are over."""
        idle = now - timedelta(minutes=self.cfg.idle_minutes)
        begun = now - timedelta(hours=self.cfg.absolute_hours) - _KEEP_ENDED
        async with self.db.begin() as tx:
            await store.purge(tx, idle, begun)

    def _living(self, row: SessionRow, now: datetime) -> Tokens | None:
        if (
            row.tokens is None
            or now - row.seen_at > timedelta(minutes=self.cfg.idle_minutes)
            or now - row.signed_in_at > timedelta(hours=self.cfg.absolute_hours)
        ):
            return None
        return Tokens.loaded(self.sealer.unseal(row.tokens, b"tokens:" + row.id))

    async def _renewed(self, id: bytes, tokens: Tokens) -> Tokens | None:
        """New tokens, asked for once: a provider takes back what is asked for twice."""
        async with self.db.begin() as tx:
            row = await store.find(tx, id, lock=True)
            if row is None or row.tokens is None:
                return None
            now = Tokens.loaded(self.sealer.unseal(row.tokens, b"tokens:" + id))
            if now.access != tokens.access:
                return now
            try:
                fresh = await self.provider.refresh(now)
            except TransientError:
                if now.until > self.clock().timestamp():
                    return now
                raise
            sealed = self.sealer.seal(fresh.dumped(), b"tokens:" + id) if fresh else None
            await store.set_tokens(tx, id, sealed)
            return fresh

    def _moved(self, row: SessionRow, id: bytes) -> bytes | None:
        if row.draft is None:
            return None
        plain: Any = self.sealer.unseal(row.draft, b"draft:" + row.id)
        return self.sealer.seal(plain, b"draft:" + id)


def _id_of(cookie: str) -> bytes:
    return sha256(cookie.encode()).digest()
