from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.bus import Event
from services.chassis.bus.codec import (
    MAX_VALUE_BYTES,
    compress,
    decompress,
    from_headers,
    number,
    to_headers,
)

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
PRINTABLE = st.text(max_size=40)
NAMES = st.from_regex(r"\A[a-z]{3,12}\Z").filter(lambda name: not name.startswith("ce_"))


@given(st.binary(max_size=5000))
def test_a_value_comes_back_from_its_frame(value: bytes) -> None:
    assert decompress(compress(value)) == value


def test_a_frame_that_claims_a_huge_content_is_refused() -> None:
    with pytest.raises(ValueError, match="too large"):
        decompress(compress(bytes(MAX_VALUE_BYTES + 1)))


@given(
    PRINTABLE,
    PRINTABLE,
    PRINTABLE,
    st.dictionaries(NAMES, PRINTABLE, max_size=3),
    st.binary(max_size=100),
)
def test_an_event_comes_back_from_its_binary_mode_headers(
    id: str, type: str, key: str, headers: dict[str, str], value: bytes
) -> None:
    event = Event(id, "t.v1", type, "/records", key, NOON, value, headers)
    assert from_headers("t.v1", key.encode(), to_headers(event), value, NOON) == event


def test_the_headers_are_those_of_cloudevents_in_binary_mode() -> None:
    event = Event(
        "1", "t.v1", "vn.hochieu.t", "/records", "k", NOON, b"{}", {"traceparent": "00-aa-bb-01"}
    )
    assert dict(to_headers(event)) == {
        "ce_specversion": b"1.0",
        "ce_id": b"1",
        "ce_type": b"vn.hochieu.t",
        "ce_source": b"/records",
        "ce_time": b"2026-11-24T12:00:00Z",
        "content-type": b"application/json",
        "traceparent": b"00-aa-bb-01",
    }


def test_a_record_of_a_foreign_producer_can_be_read() -> None:
    event = from_headers("t.v1", None, [("ce_time", b"yesterday")], None, NOON)
    assert (event.id, event.key, event.time, event.value) == ("", "", NOON, b"")


def test_numbers_fit_an_advisory_lock_and_tell_where_a_word_ends() -> None:
    assert number("a", "bc") != number("ab", "c")
    assert all(-(2**63) <= number(str(n)) < 2**63 for n in range(1000))
