"""A file on its way, as its page shows it: four stages, the pace, the end, and what is left."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

Words = tuple[str, str]
STAGES: Final[tuple[Words, ...]] = (
    ("Nhận tệp", "File taken"),
    ("Xác thực dân cư", "People verified"),
    ("Ký số", "Signed"),
    ("Xong", "Done"),
)
_LEAST_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class JobView:
    """One upload. `stage`: how many of the four stages lie behind; `done` of `total` rows have
    come to where they stay. `left`: how long it takes yet, in words.
    """

    id: int
    created_at: datetime
    received: int
    accepted: int
    rejected: int
    unchanged: int
    corrected: int
    issued: int
    to_correct: int
    in_review: int
    waiting: int
    not_due: int
    withdrawn: int
    stage: int
    done: int
    total: int
    is_over: bool
    is_broken: bool
    left: Words | None
    has_workbook: bool
    notices: tuple[Words, ...]
    unused: tuple[str, ...]


def job_view(batch: Mapping[str, Any], now: datetime) -> JobView:
    """An upload, of a batch as JSON."""
    states = batch.get("states") or {}
    pending, eligible = states.get("pending", 0), states.get("eligible", 0)
    signing = max(eligible - (batch.get("not_due") or 0), 0)
    is_open = batch.get("status") == "open"
    waiting, received = pending + signing, batch["received"]
    created = datetime.fromisoformat(str(batch["created_at"]))
    is_over = not is_open and not waiting
    stage = 4 if is_over else 0 if is_open else 1 if pending else 2
    done = received - waiting
    return JobView(
        id=batch["batch_id"],
        created_at=created,
        received=received,
        accepted=batch["accepted"],
        rejected=batch["rejected"],
        unchanged=batch["unchanged"],
        corrected=batch["corrected"],
        issued=states.get("issued", 0),
        to_correct=states.get("needs_correction", 0),
        in_review=states.get("in_review", 0),
        waiting=waiting,
        not_due=batch.get("not_due") or 0,
        withdrawn=states.get("withdrawn", 0),
        stage=stage,
        done=done,
        total=received,
        is_over=is_over,
        is_broken=batch.get("status") == "broken",
        left=None if is_over else _left(done, waiting, now - created),
        has_workbook=bool((batch.get("links") or {}).get("rows_xlsx")),
        notices=tuple(
            (one["message"], one.get("message_en") or one["message"])
            for one in batch.get("notices") or ()
        ),
        unused=tuple(batch.get("unused_columns") or ()),
    )


def _left(done: int, waiting: int, since: timedelta) -> Words | None:
    """How long it takes yet at the pace so far; None where that is not known."""
    seconds = since.total_seconds()
    if not done or seconds < _LEAST_S or seconds > 24 * 3600:
        return None
    left = waiting * seconds / done
    if left < 60:
        return "còn chưa đến một phút", "less than a minute left"
    minutes = round(left / 60)
    return f"còn khoảng {minutes} phút", f"about {minutes} minutes left"
