"""What a process tells of itself: JSON log lines through a redactor, and Prometheus metrics of its
HTTP routes and event handlers.
"""

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

# keys whose values never reach a log, and numbers long enough to be somebody's ID, phone or
# insurance number
_PRIVATE = re.compile(
    r"name|birth|dob|personal|passport|phone|email|token|authorization|password|secret|person|qr",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![0-9a-fA-F-])\+?\d{9,15}(?![0-9a-fA-F])")
_HC1 = re.compile(r"HC1:[0-9A-Z $%*+./:-]{20,}")


def redact(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor that keeps personal data out of every line."""
    for key, value in entry.items():
        if _PRIVATE.search(key):
            entry[key] = "[redacted]"
        elif isinstance(value, str):
            entry[key] = redact_text(value)
    return entry


def redact_text(value: str) -> str:
    """`value` with everything that may be a person's number or a certificate taken out."""
    return _HC1.sub("[hc1]", _NUMBER.sub("[number]", value))


def where_only(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor that renders an exception as its types and places; its text may quote
    somebody's data.
    """
    error = entry.pop("exc_info", None)
    error = error[1] if isinstance(error, tuple) else sys.exception() if error is True else error
    places: list[dict[str, Any]] = []
    while isinstance(error, BaseException) and len(places) < 8:
        frames = [
            f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)[-6:]
        ]
        places.append({"type": type(error).__qualname__, "at": frames})
        error = error.__cause__ or error.__context__
    if places:
        entry["exception"] = places
    return entry


def configure_logging(service: str, level: str) -> None:
    """Sends this process's log lines, its libraries' too, to standard error as redacted JSON."""
    chain: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        where_only,
        lambda _, __, entry: {"service": service, **entry},
        redact,
    ]
    number = getattr(logging, level.upper())
    structlog.configure(
        processors=[*chain, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(number),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=chain,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                redact,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=number, force=True)
    for noisy in ("httpx", "httpcore", "uvicorn.access", "aiokafka", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class Metrics:
    """The metrics of one process, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Histogram(
            "http_request_seconds", "Time to answer", ["method", "route", "status"],
            registry=self.registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
        )  # fmt: skip
        self.handled = Histogram(
            "events_handled_seconds", "Time to handle a batch of events", ["topic", "outcome"],
            registry=self.registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
        )  # fmt: skip
        self.events = Counter(
            "events_total", "Events handled", ["topic", "outcome"], registry=self.registry
        )
        self.items = Counter(
            "items_total",
            "Items of the pipeline, by stage and outcome",
            ["stage", "outcome"],
            registry=self.registry,
        )
        self.outbox_depth = Gauge(
            "outbox_depth", "Events stored and not yet published", registry=self.registry
        )
        self.signatures_required = Gauge(
            "event_signatures_required",
            "Whether events that are not signed by their writer are refused",
            registry=self.registry,
        )
        self.lag = Gauge(
            "consumer_lag_events", "Events not yet handled", ["topic"], registry=self.registry
        )

    def observe(self, topic: str, outcome: str, events: int, seconds: float) -> None:
        """Counts one handled batch of events (`outcome`: done, repeated, retried, dead_lettered,
        untrusted, passed_over).
        """
        self.handled.labels(topic, outcome).observe(seconds)
        self.events.labels(topic, outcome).inc(events)

    def count(self, stage: str, outcome: str, items: int = 1) -> None:
        """Counts items of a stage by outcome; labels come from closed vocabularies only."""
        if items:
            self.items.labels(stage, outcome).inc(items)
