"""The trace that a piece of work belongs to (W3C Trace Context): continued from a request or an
event, told to the events that follow.

Only `traceparent` is read and told: what a stranger wrote into `tracestate` goes no further.
Nothing is recorded here; a tracer that runs beside finds the same context.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from random import SystemRandom

import structlog
from opentelemetry.context import Context, attach, detach
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    TraceFlags,
    format_span_id,
    format_trace_id,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

HEADER = "traceparent"

_W3C = TraceContextTextMapPropagator()
_TRACE_ID = slice(3, 35)  # version, a hyphen, 32 digits
_random = SystemRandom()


@contextmanager
def continued(headers: Mapping[str, str]) -> Iterator[None]:
    """Continues the trace of these headers as a step of its own.

    Where the headers hold no well-formed trace, a new one begins.
    """
    step = _next_step(headers.get(HEADER, ""))
    token = attach(set_span_in_context(NonRecordingSpan(step), Context()))
    try:
        with structlog.contextvars.bound_contextvars(trace_id=format_trace_id(step.trace_id)):
            yield
    finally:
        detach(token)


def told() -> dict[str, str]:
    """The header that tells of the present step; outside of any trace, of a new one."""
    step = get_current_span().get_span_context()
    if not step.is_valid:
        step = _next_step("")
    return {
        HEADER: (
            f"00-{format_trace_id(step.trace_id)}-{format_span_id(step.span_id)}-{step.trace_flags:02x}"
        )
    }


def several(headers: Iterable[Mapping[str, str]]) -> bool:
    """Whether these tell of more than one trace."""
    return len({one.get(HEADER, "")[_TRACE_ID] for one in headers}) > 1


def _next_step(traceparent: str) -> SpanContext:
    before = get_current_span(_W3C.extract({HEADER: traceparent}, Context())).get_span_context()
    trace_id = before.trace_id if before.is_valid else _random.getrandbits(128) or 1
    return SpanContext(
        trace_id,
        _random.getrandbits(64) or 1,
        False,
        TraceFlags(before.trace_flags & TraceFlags.SAMPLED),
    )
