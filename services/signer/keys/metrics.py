"""How long the signing key lasts, as a metric.

A ring goes on with an old key where none follows, so somebody must hear of it before.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Gauge

from services.signer.keys.certify import DSC_TERM
from services.signer.keys.ring import Ring

_DAY = timedelta(days=1)


def watch(ring: Ring, registry: CollectorRegistry, clock: Callable[[], datetime]) -> None:
    """Shows how many days the key may still sign (`use`), and its certificate is valid (`valid`).

    They are reckoned whenever `registry` is read, and below zero where that is over.
    """
    gauge = Gauge(
        "signing_key_days",
        "Days that the key that signs may still be used, and is valid",
        ["left"],
        registry=registry,
    )
    gauge.labels("use").set_function(
        lambda: (ring.active.certificate.not_valid_before_utc + DSC_TERM.used - clock()) / _DAY
    )
    gauge.labels("valid").set_function(
        lambda: (ring.active.certificate.not_valid_after_utc - clock()) / _DAY
    )
