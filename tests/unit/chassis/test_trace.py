"""A trace goes on from one step to the next; what is no trace begins a new one."""

import re

import pytest
import structlog

from services.chassis import trace

SENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
WELL_FORMED = re.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[01]")


def test_a_step_keeps_the_trace_and_its_flag_and_is_a_parent_of_its_own() -> None:
    with trace.continued({"traceparent": SENT}):
        told = trace.told()["traceparent"]
        assert structlog.contextvars.get_contextvars()["trace_id"] == SENT[3:35]
        with trace.continued(trace.told()):
            next_told = trace.told()["traceparent"]
        assert trace.told()["traceparent"] == told
    assert len({SENT, told, next_told}) == 3
    for one in (told, next_told):
        assert WELL_FORMED.fullmatch(one)
        assert (one[:36], one[-3:]) == (SENT[:36], "-01")
    assert "trace_id" not in structlog.contextvars.get_contextvars()


@pytest.mark.parametrize(
    "sent",
    [
        "", "00-aa", "ff" + SENT[2:], SENT + "-more", SENT.upper(), "x" * 4000,
        "00-" + "0" * 32 + "-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-Nguyễn Thị Hoà 068190000001-00f067aa0ba902b7-01",
    ],
)  # fmt: skip
def test_what_is_no_trace_begins_a_new_one(sent: str) -> None:
    with trace.continued({"traceparent": sent}):
        told = trace.told()["traceparent"]
    assert WELL_FORMED.fullmatch(told)
    assert told[3:35] not in sent.lower()


def test_of_a_later_version_what_is_known_is_kept_and_told_as_version_00() -> None:
    with trace.continued({"traceparent": "cc" + SENT[2:-2] + "ff-what-the-future-brings"}):
        told = trace.told()["traceparent"]
    assert WELL_FORMED.fullmatch(told)
    assert told[3:35] == SENT[3:35]


def test_outside_of_any_trace_each_event_has_one_of_its_own() -> None:
    first, second = trace.told(), trace.told()
    assert trace.several([first, second])
    assert not trace.several([first, first])
