"""What other rooms say has happened, in the transaction in which it does.

Where no webhook wants to hear of a kind, nothing is stored. That a batch is finished and that
certificates come is noted by the stores that write it down: every dose goes through them.
"""

from collections.abc import Sequence

from contracts.ids import DoseId
from services.chassis.db import Transaction
from services.records.webhooks.rules import WebhookEvent
from services.records.webhooks.store import news

_REVOKED = WebhookEvent.CERTIFICATE_REVOKED


async def versions_judged(tx: Transaction, judged: Sequence[tuple[int, int]]) -> None:
    """Newer versions of doses were judged, and their states are not yet stored.

    `judged`: doses and versions, those left out for which people must decide whose the dose is.
    The signer revokes what it issued for older versions, whatever comes of the newer one.
    """
    ids, versions = zip(*judged, strict=True)
    await news.note_outrun(tx, _REVOKED, ids, versions)


async def dose_withdrawn(tx: Transaction, dose_id: DoseId) -> None:
    """A dose is withdrawn, and its state is not yet stored: its certificate is revoked."""
    if await news.was_issued(tx, dose_id):
        await news.note(tx, _REVOKED, [dose_id])


async def complaint_answered(tx: Transaction, complaint_id: int) -> None:
    """A complaint was answered."""
    await news.note(tx, WebhookEvent.COMPLAINT_ANSWERED, [complaint_id])


async def supplement_recorded(tx: Transaction, supplement_id: int) -> None:
    """A station recorded a dose in a facility's name, which may contest it for some days."""
    await news.note(tx, WebhookEvent.SUPPLEMENT_RECORDED, [supplement_id])
