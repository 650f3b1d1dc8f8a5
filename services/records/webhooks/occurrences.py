"""What other rooms say has happened, in the transaction in which it does.

Where no webhook wants to hear of a kind, nothing is stored.
"""

from collections.abc import Sequence

from contracts.events import IssuedDose
from contracts.ids import BatchId, DoseId
from services.chassis.db import Transaction
from services.records.webhooks.rules import WebhookEvent
from services.records.webhooks.store import news

_OF_CERTIFICATES = (WebhookEvent.CERTIFICATE_ISSUED, WebhookEvent.CERTIFICATE_RENEWED)
_REVOKED = WebhookEvent.CERTIFICATE_REVOKED


async def batch_closed(tx: Transaction, batch_id: BatchId) -> None:
    """A batch was taken in: it is told once every dose has come to its place."""
    await news.note(tx, WebhookEvent.BATCH_FINISHED, [batch_id])


async def certificates_come(tx: Transaction, issued: Sequence[IssuedDose]) -> None:
    """Certificates come, and are not yet stored: another one of the same version is a renewal, and
    the same one a repetition.
    """
    if not issued or not await news.is_wanted(tx, (*_OF_CERTIFICATES, _REVOKED)):
        return
    columns = zip(*((dose.dose_id, dose.version, dose.uvci) for dose in issued), strict=True)
    before = await news.certified_before(tx, *map(list, columns))
    await _ended(tx, [(dose.dose_id, dose.version) for dose in issued])
    first = [dose.dose_id for dose in issued if dose.dose_id not in before]
    renewed = [dose_id for dose_id, is_news in before.items() if is_news]
    for kind, ids in zip(_OF_CERTIFICATES, (first, renewed), strict=True):
        if ids:
            await news.note(tx, kind, ids)


async def versions_judged(tx: Transaction, judged: Sequence[tuple[int, int]]) -> None:
    """Newer versions of doses were judged, and their states are not yet stored.

    `judged`: doses and versions, those left out for which people must decide whose the dose is.
    The signer revokes what it issued for older versions, whatever comes of the newer one.
    """
    if judged and await news.is_wanted(tx, (_REVOKED,)):
        await _ended(tx, judged)


async def _ended(tx: Transaction, newer: Sequence[tuple[int, int]]) -> None:
    ids, versions = zip(*newer, strict=True)
    if ended := await news.certified_older(tx, ids, versions):
        await news.note(tx, _REVOKED, ended)


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
