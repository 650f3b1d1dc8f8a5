"""How many people's data one caller is shown within a time.

A single look is as much a property of the data read as a page of a list: both are counted. Whoever
passes half of a limit is told to operations by a metric, and whoever passes the whole is refused.
"""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Annotated, Any, Final

from fastapi import Depends
from pydantic import BaseModel

from services.chassis.auth import Allow, Principal
from services.chassis.context import held_context
from services.chassis.errors import ServiceError
from services.chassis.limits import AmountLimits, LimitRefusal
from services.chassis.telemetry import Metrics

TOO_MUCH_SEEN: Final = LimitRefusal(
    "TOO_MUCH_SEEN",
    "Bạn đã xem quá nhiều hồ sơ trong một thời gian ngắn; hãy chờ rồi thử lại. Nếu công việc cần"
    " nhiều hơn, hãy đề nghị đơn vị vận hành.",
    "You looked at too many records in a short time; wait and try again. If your work needs more,"
    " ask those who run the system.",
)


class Look(StrEnum):
    """The ways in which records are shown."""

    SINGLE = "single"
    LISTED = "listed"
    EXPORTED = "exported"


class VolumeSettings(BaseModel):
    """How many records one caller may be shown, in the notation of the `limits` library.

    `single`: looked at one by one. `listed`: in pages. `exported`: in files. `office_single`: one
    by one, of who corrects and decides all day. `program_…`: of a program. `counters`: where they
    are counted (`async+redis://…` where several processes answer).
    """

    single: str = "300 per hour"
    office_single: str = "5000 per hour"
    listed: str = "50000 per hour"
    exported: str = "5000000 per day"
    program_single: str = "100000 per hour"
    program_listed: str = "10000000 per hour"
    program_exported: str = "1000000000 per day"
    counters: str = "async+memory://"


class Volumes:
    """Counts what is shown to each caller.

    `shown_as`: who a caller is counted as, and the name of its limits, empty for the usual ones.
    The windows are fixed, from the first look on: of a caller one number a kind is kept.
    """

    def __init__(
        self,
        cfg: VolumeSettings,
        metrics: Metrics,
        shown_as: Callable[[Principal], tuple[str, str]],
    ) -> None:
        limits = cfg.model_dump(exclude={"counters"})
        self._kinds = frozenset(limits)
        self._amounts = AmountLimits(cfg.counters, limits, TOO_MUCH_SEEN)
        self._metrics = metrics
        self._shown_as = shown_as

    async def admit(self, caller: Principal, look: Look, records: int = 1) -> None:
        """Counts records before they are shown; ServiceError 429 with Retry-After where they are
        too many.
        """
        if not records:
            return
        who, name = self._shown_as(caller)
        own = f"{name}_{look}"
        kind = own if own in self._kinds else look.value
        try:
            left, most = await self._amounts.take(kind, who, records)
        except ServiceError:
            self._metrics.count("volume", "refused")
            raise
        if left < most / 2 <= left + records:
            self._metrics.count("volume", "unusual")


def counted(guard: Allow) -> Callable[..., Awaitable[Principal]]:
    """The dependency of a route that shows one record a request: its caller, let in by `guard`.

    The look is counted before the record is searched for, so that trying ids counts too. The
    service's context holds its `Volumes` as `volumes`.
    """

    async def admitted(
        context: Annotated[Any, Depends(held_context)], caller: Annotated[Principal, Depends(guard)]
    ) -> Principal:
        await context.volumes.admit(caller, Look.SINGLE)
        return caller

    return admitted
