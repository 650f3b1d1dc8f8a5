"""How much one sender may send a day: bytes, and rows that are rejected.

Rejected rows are kept as typed, to be given back. Without a limit anybody who may send anything
could fill the database with them.
"""

from typing import NamedTuple

from services.chassis.limits import AmountLimits, LimitRefusal
from services.records.settings import UploadSettings

TOO_MUCH_SENT = LimitRefusal(
    "TOO_MUCH_SENT",
    "Hôm nay bạn đã gửi quá nhiều dòng sai hoặc quá nhiều dữ liệu; hãy sửa các dòng đã bị từ chối,"
    " hoặc chờ rồi gửi lại. Nếu cần gửi nhiều hơn, hãy đề nghị đơn vị vận hành.",
    "You sent too many wrong rows or too much data today; correct the rows that were rejected, or"
    " wait and send again. If you need to send more, ask those who run the system.",
)


class Sender(NamedTuple):
    """Who sends: a facility or a subject, and whether that is a program."""

    who: str
    program: bool = False


class UploadQuotas:
    """Counts what each sender sent."""

    def __init__(self, cfg: UploadSettings) -> None:
        limits = {
            "bytes": cfg.bytes_per_sender,
            "rejected": cfg.rejected_per_sender,
            "program_bytes": cfg.bytes_per_program,
            "program_rejected": cfg.rejected_per_program,
        }
        self._amounts = AmountLimits(cfg.counters, limits, TOO_MUCH_SENT)

    async def require_room(self, sender: Sender) -> None:
        """ServiceError 429 with Retry-After where the sender has nothing left, before its file is
        taken.
        """
        for kind in ("bytes", "rejected"):
            await self._amounts.require_left(_kind(sender, kind), sender.who)

    async def count_bytes(self, sender: Sender, size: int) -> None:
        """Counts a file, as large as it is unpacked; ServiceError 429 where it is too much."""
        await self._amounts.take(_kind(sender, "bytes"), sender.who, size)

    async def count_rejected(self, sender: Sender, rows: int) -> None:
        """Counts rows that were rejected; ServiceError 429 where they are too many."""
        if rows:
            await self._amounts.take(_kind(sender, "rejected"), sender.who, rows)


def _kind(sender: Sender, kind: str) -> str:
    return f"program_{kind}" if sender.program else kind
