"""How much one sender may send a day: bytes, and rows that are rejected.

Rejected rows are kept as typed, to be given back. Without a limit anybody who may send anything
could fill the database with them.
"""

from services.chassis.limits import AmountLimits, LimitRefusal
from services.records.settings import UploadSettings

TOO_MUCH_SENT = LimitRefusal(
    "TOO_MUCH_SENT",
    "Hôm nay bạn đã gửi quá nhiều dòng sai hoặc quá nhiều dữ liệu; hãy sửa các dòng đã bị từ chối,"
    " hoặc chờ rồi gửi lại. Nếu cần gửi nhiều hơn, hãy đề nghị đơn vị vận hành.",
    "You sent too many wrong rows or too much data today; correct the rows that were rejected, or"
    " wait and send again. If you need to send more, ask those who run the system.",
)


def upload_quotas(cfg: UploadSettings) -> AmountLimits:
    """What each sender has left, by the kinds that `Sender.kind` names."""
    limits = {
        "bytes": cfg.bytes_per_sender,
        "rejected": cfg.rejected_per_sender,
        "program_bytes": cfg.bytes_per_program,
        "program_rejected": cfg.rejected_per_program,
    }
    return AmountLimits(cfg.counters, limits, TOO_MUCH_SENT)
