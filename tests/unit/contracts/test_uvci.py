import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.uvci import (
    RANDOM_BYTES,
    SERIAL_BYTES,
    check_character,
    has_right_check,
    is_well_formed,
    mint,
    serials,
)

SERIALS = st.binary(min_size=SERIAL_BYTES, max_size=SERIAL_BYTES)


def test_the_published_vector_has_its_check_character() -> None:
    assert check_character("URN:UVCI:01:NL:187/37512422923") == "Z"


@given(SERIALS)
def test_what_is_minted_is_well_formed_and_checks(serial: bytes) -> None:
    uvci = mint(serial)
    assert uvci.startswith("URN:UVCI:01:VN:")
    assert is_well_formed(uvci)
    assert has_right_check(uvci)


@given(
    st.binary(min_size=SERIAL_BYTES, max_size=SERIAL_BYTES),
    st.integers(15, 40),
    st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/:"),
)
def test_one_wrong_character_is_noticed(serial: bytes, place: int, other: str) -> None:
    uvci = mint(serial)
    wrong = uvci[:place] + other + uvci[place + 1 :]
    assert has_right_check(wrong) == (wrong == uvci)


@given(
    st.lists(st.integers(0, 31), min_size=SERIAL_BYTES, max_size=SERIAL_BYTES),
    st.integers(0, SERIAL_BYTES - 1),
    st.integers(1, 31),
)
def test_each_byte_of_a_serial_gives_five_bits_to_the_identifier(
    serial: list[int], place: int, change: int
) -> None:
    other = [*serial[:place], serial[place] ^ change, *serial[place + 1 :]]
    assert mint(bytes(serial)) != mint(bytes(other))
    assert mint(bytes(serial)) == mint(bytes(value | 0xE0 for value in serial))


@pytest.mark.parametrize("serial", [b"", bytes(25), bytes(27)])
def test_a_serial_of_another_length_is_refused(serial: bytes) -> None:
    with pytest.raises(ValueError, match="26 bytes"):
        mint(serial)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "URN:UVCI:01:VN:",
        "URN:UVCI:01:vn:A",
        "urn:uvci:01:VN:A",
        "URN:UVCI:01:VN:A#",
        "URN:UVCI:01:VN:A\0",
        "URN:UVCI:01:VN:" + "A" * 70,
    ],
)
def test_what_is_no_identifier_is_not_well_formed(text: str) -> None:
    assert not is_well_formed(text)


@given(
    st.integers(0, (1 << 35) - 1),
    st.integers(0, (1 << 35) - 1),
    st.binary(min_size=3 * RANDOM_BYTES, max_size=3 * RANDOM_BYTES),
)
def test_serials_of_one_moment_begin_alike_and_differ_by_their_random_part(
    now: int, later: int, random: bytes
) -> None:
    made = serials(now, random)
    assert [len(one) for one in made] == [SERIAL_BYTES] * 3
    assert len({mint(one)[:22] for one in made}) == 1
    assert b"".join(one[-RANDOM_BYTES:] for one in made) == random
    assert (mint(made[0])[:22] == mint(serials(later, random)[0])[:22]) is (now == later)
