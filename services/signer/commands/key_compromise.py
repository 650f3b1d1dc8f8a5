"""A signing key that leaked or was lost: what it signed is revoked, and its doses are issued anew.

Both can be stopped at any point and begun again. The key has to be out of use before: what is
signed with it afterwards is missed.
"""

from collections.abc import Callable

from contracts.events import MAX_CHUNK
from services.chassis.db import Database
from services.signer.context import Context
from services.signer.hcert.cose import Kid
from services.signer.issuance.renew import renew_certificates
from services.signer.store import revocations as store

_SLICE = 5_000  # certificates; more than one dose ever has, so that each slice gets further

Progress = Callable[[int], None]
"""Is called again and again with how many it were until now."""


async def revoke_key(db: Database, kid: Kid, progress: Progress) -> int:
    """Revokes every certificate signed with `kid`, and gives how many were valid until now.

    What was to be signed with it and never was is forgotten: its event, retried or replayed, is
    signed with another key.
    """
    begin: int | None = 0
    revoked = 0
    while begin is not None:
        async with db.begin() as tx:
            begin, added = await store.revoke_signed_by(tx, kid, begin, _SLICE)
        revoked += added
        progress(revoked)
    return revoked


async def reissue_key(context: Context, kid: Kid, progress: Progress) -> int:
    """Makes the next edition, with the key that signs now, of each dose's certificate that was
    revoked because of `kid`.

    Gives how many it tried. What is refused is tried again each day, like a renewal.
    """
    after, tried = 0, 0
    while True:
        async with context.db.begin() as tx:
            keys = await store.to_reissue(tx, kid, after, MAX_CHUNK)
        if not keys:
            return tried
        await renew_certificates(context, keys)
        after, tried = keys[-1].dose_id, tried + len(keys)
        progress(tried)
