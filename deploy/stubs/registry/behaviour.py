"""How the stub misbehaves on demand: slow, limited, away, or wrong; what a client of the real
registry must live with.
"""

from collections.abc import Callable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Wrong = Literal["malformed", "fewer"]


class Behaviour(BaseModel):
    """What the stub does to requests of the contract; the defaults are a healthy registry."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    latency_ms: float = Field(0, ge=0, le=600_000, description="waited before each answer")
    requests_per_s: float | None = Field(
        None, gt=0, description="more are answered 429; half a second's worth may come at once"
    )
    outage: bool = Field(False, description="every request is answered 503")
    wrong: Wrong | None = Field(
        None,
        description="malformed: JSON that breaks off; fewer: answers for half of what was asked",
    )
    wrong_every: int = Field(1, ge=1, description="only every so-many-th answer is wrong")


class Limiter:
    """A bucket of tokens, `rate` a second."""

    def __init__(self, rate: float, clock: Callable[[], float]) -> None:
        self._rate, self._clock = rate, clock
        self._size = max(1.0, rate / 2)
        self._tokens, self._filled = self._size, clock()

    def wait_s(self) -> float:
        """Takes one token and returns 0, or says in how many seconds there will be one."""
        now = self._clock()
        self._tokens = min(self._size, self._tokens + (now - self._filled) * self._rate)
        self._filled = now
        if self._tokens < 1:
            return (1 - self._tokens) / self._rate
        self._tokens -= 1
        return 0.0


class Conduct:
    """The behaviour in force, and the counts that it needs."""

    def __init__(self, behaviour: Behaviour, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.switch(behaviour)

    def switch(self, behaviour: Behaviour) -> None:
        """Behaves so from now on."""
        self.now = behaviour
        self.limiter = (
            Limiter(behaviour.requests_per_s, self._clock) if behaviour.requests_per_s else None
        )
        self._answers = 0

    def wrong(self) -> Wrong | None:
        """How the next answer is to be wrong, if it is."""
        if self.now.wrong is None:
            return None
        self._answers += 1
        return self.now.wrong if self._answers % self.now.wrong_every == 0 else None
