"""How much one caller may be shown, as a process of a service counts it."""

from typing import Any

from contracts.access import shown_as
from services.chassis.telemetry import Metrics
from services.chassis.volume import Volumes, VolumeSettings


def volumes(metrics: Metrics | None = None, **limits: Any) -> Volumes:
    """Counters of their own, with other limits where some are given."""
    return Volumes(VolumeSettings(**limits), metrics or Metrics(), shown_as)
