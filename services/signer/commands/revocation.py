"""Revokes what was signed: one certificate, or all of a signing key (`services.signer.revoke`)."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from contracts.uvci import Uvci, is_well_formed
from services.chassis.bus import open_bus
from services.chassis.bus.signatures import EventSigner
from services.chassis.db import Database
from services.chassis.errors import TransientError
from services.chassis.outbox import Outbox
from services.chassis.telemetry import Metrics, configure_logging
from services.chassis.transient import is_transient
from services.signer.app import context_of, profile_of
from services.signer.commands.key_compromise import reissue_key, revoke_key
from services.signer.hcert.cose import Kid
from services.signer.keys.backends import key_store
from services.signer.keys.port import KeyUnavailableError
from services.signer.settings import Settings
from services.signer.store import revocations as store
from vietnamese.calendar_days import months_after

_USAGE = """\
`python -m services.signer.revoke certificate UVCI REASON | key KID`: takes back what was signed.

certificate UVCI REASON   one certificate in all its editions, also one that is not known here:
                          signed elsewhere in our name, or lost with a database
key KID                   every certificate of a signing key that leaked or was lost, and is out of
                          use; their doses are issued anew with the key that signs now. It may be
                          stopped and begun again
What is revoked is in `/signer/v1/revocations` and refused by `/signer/v1/verify` at once. UVCI with
its `#` and check character, in quotes; KID in hexadecimal. Settings: those of the signer.
"""


class RefusedError(Exception):
    """The command is not done; the text says why."""


async def run(
    arguments: Sequence[str], cfg: Settings, db: Database, outbox: Outbox, now: datetime
) -> str:
    """Does one command and answers what to print; RefusedError says why not, ValueError that it was
    misspelt.
    """
    match arguments:
        case ["certificate", uvci, reason]:
            if not is_well_formed(uvci):
                raise RefusedError(
                    f"{uvci} is no certificate's identifier: URN:UVCI:01:…, in quotes because of"
                    " its #"
                )
            async with db.begin() as tx:
                dose_id, new = await store.revoke(
                    tx, Uvci(uvci), reason, months_after(now, cfg.certificate.validity_months)
                )
            return ("revoked" if new else "was revoked before") + (
                "; it was not signed here"
                if dose_id is None
                else (
                    f"; a later version of its dose {dose_id} may get a certificate again: if it"
                    " was never given, withdraw it in records"
                )
            )
        case ["key", text]:
            kid = _kid(text)
            ring = key_store(
                cfg.keys, profile_of(cfg.certificate).country, cfg.environment, lambda: now
            )()
            if kid == ring.active.envelope.kid:
                raise RefusedError(
                    f"{text} signs new certificates at this moment: take it out of use first"
                    " (runbook, a DSC that leaked)"
                )
            revoked = await revoke_key(db, kid, _show("revoked"))
            tried = await reissue_key(
                context_of(cfg, db, outbox, ring, Metrics()), kid, _show("issued anew")
            )
            return f"{revoked:,} certificates revoked, {tried:,} doses issued anew or refused"
    raise ValueError("no such command")


def _show(done: str) -> Callable[[int], None]:
    def show(number: int) -> None:
        sys.stderr.write(f"{number:,} {done}\n")

    return show


def _kid(text: str) -> Kid:
    try:
        return Kid(bytes.fromhex(text))
    except ValueError as error:
        raise RefusedError(f"{text} is no key identifier in hexadecimal") from error


async def _main(arguments: Sequence[str]) -> str:
    cfg = Settings()
    configure_logging("signer", cfg.log_level)
    async with Database.open(cfg.database) as db, open_bus(cfg.bus) as bus:
        outbox = Outbox(db, bus, "signer", EventSigner.of(cfg.bus, "signer"))
        return await run(arguments, cfg, db, outbox, datetime.now(UTC))


def main() -> None:
    """SystemExit 2 with the usage where the command is none, 1 with a line where it fails."""
    arguments = sys.argv[1:]
    if len(arguments) != {"certificate": 3, "key": 2}.get(arguments[0] if arguments else ""):
        sys.stderr.write(f"{_USAGE}\n")
        raise SystemExit(2)
    try:
        sys.stdout.write(asyncio.run(_main(arguments)) + "\n")
    except (RefusedError, KeyUnavailableError, TransientError) as error:
        raise SystemExit(f"revoke: {error}") from error
    except Exception as error:
        if not is_transient(error):
            raise
        raise SystemExit(
            f"revoke: database or bus does not answer ({type(error).__name__})"
        ) from error


if __name__ == "__main__":
    main()
