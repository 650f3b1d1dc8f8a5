"""A signing key that leaked or was lost: what it signed is revoked, a slice after another, and its doses are issued anew.

Both can be stopped at any point and begun again. The key has to be out of use before: what is signed with it afterwards is missed.
"""

from collections.abc import Awaitable, Callable, Sequence

from contracts.events import MAX_CHUNK
from services.chassis.db import Database
from services.signer import store

_SLICE = 5_000  # certificates; more than one dose ever has, so that each slice gets further

Reissue = Callable[[Sequence[tuple[int, int]]], Awaitable[None]]
"""Issues the (dose id, version) of a chunk anew, with the key that signs now."""


async def revoke_key(db: Database, kid: bytes, told: Callable[[int], None] = lambda _: None) -> int:
    """Revokes every certificate signed with `kid`, and gives how many were valid until now; `told`: so many, again and again.

    What was to be signed with it and never was is forgotten: its event, retried or replayed, is signed with another key.
    """
    begin: int | None = 0
    revoked = 0
    while begin is not None:
        async with db.begin() as tx:
            begin, added = await store.revoke_signed_by(tx, kid, begin, _SLICE)
        revoked += added
        told(revoked)
    return revoked


async def reissue_key(db: Database, kid: bytes, reissue: Reissue) -> int:
    """Has every dose issued anew whose newest certificate was revoked because of `kid`; gives how many were handed on.

    `reissue` skips a dose that it dealt with before: after a crash it is given some of them again.
    """
    after, handed_on = 0, 0
    while True:
        async with db.begin() as tx:
            doses = await store.to_reissue(tx, kid, after, MAX_CHUNK)
        if not doses:
            return handed_on
        await reissue(doses)
        after, handed_on = doses[-1][0], handed_on + len(doses)
