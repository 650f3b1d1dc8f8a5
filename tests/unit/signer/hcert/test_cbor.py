"""CBOR from strangers: what a library writes is read as it was meant, and what could be read in two
ways is refused.
"""

from datetime import UTC, date, datetime
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.signer.hcert.cbor import CborTagged, decode

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(),
    lambda parts: (
        st.lists(parts, max_size=4)
        | st.dictionaries(st.integers(-300, 300) | st.text(max_size=5), parts, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES, st.booleans())
def test_what_a_library_writes_is_read_the_same(value: Any, canonical: bool) -> None:
    assert decode(cbor2.dumps(value, canonical=canonical)) == value


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise_anything_but_a_value_error(data: bytes) -> None:
    try:
        decode(data)
    except ValueError:
        return


@pytest.mark.parametrize(
    "data",
    [
        "",
        "a201010102",  # {1: 1, 1: 2}
        "bf01010102ff",
        "a26261610162616102",
        "a20101180102",  # 1, and 1 in two bytes
        "a1f501",  # True is the key 1
        "a1f93c0001",  # 1.0 is
        "a1f601",
        "a18001",
        "0101",
        "ff",
        "81ff",
        "9f01",
        "bf01ff",
        "5f01ff",
        "5f5f4101ffff",
        "7f4161ff",
        "61ff",
        "1c",
        "1f",
        "f8ff",
        "9bffffffffffffffff",
        "5bffffffffffffffff",
        "bbffffffffffffffff",
        "81" * 40 + "01",
        "d81c" * 40 + "01",
    ],
)
def test_what_is_broken_or_ambiguous_is_refused(data: str) -> None:
    with pytest.raises(ValueError, match=r"CBOR|utf-8"):
        decode(bytes.fromhex(data))


def test_pieces_without_a_length_are_put_together() -> None:
    assert decode(bytes.fromhex("bf0102039f0405ff065f4101420203ff077f61616162ffff")) == {
        1: 2,
        3: [4, 5],
        6: b"\1\2\3",
        7: "ab",
    }


def test_dates_and_times_are_read_and_what_is_none_keeps_its_tag() -> None:
    moment = datetime(2021, 6, 4, 8, 13, 51, tzinfo=UTC)
    tags = {
        (0, "2021-06-04T08:13:51Z"): moment,
        (0, "2021-06-04T10:13:51+02:00"): moment,
        (1, 1622794431): moment,
        (1, 1622794431.5): moment.replace(microsecond=500_000),
        (100, 18782): date(2021, 6, 4),
        (1004, "2021-06-04"): date(2021, 6, 4),
        (0, "yesterday"): CborTagged(0, "yesterday"),
        (1, 1e300): CborTagged(1, 1e300),
        (1, "1"): CborTagged(1, "1"),
        (100, 10**9): CborTagged(100, 10**9),
        (35, "("): CborTagged(35, "("),
    }
    for (tag, content), value in tags.items():
        assert decode(cbor2.dumps(cbor2.CBORTag(tag, content))) == value
