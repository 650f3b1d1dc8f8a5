import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.signer.domain.uvci import check_character, has_right_check, is_well_formed, mint


def test_the_published_vector_has_its_check_character() -> None:
    assert check_character("URN:UVCI:01:NL:187/37512422923") == "Z"


@given(st.binary(min_size=16, max_size=16))
def test_what_is_minted_is_well_formed_and_checks(serial: bytes) -> None:
    uvci = mint(serial)
    assert uvci.startswith("URN:UVCI:01:VN:")
    assert is_well_formed(uvci)
    assert has_right_check(uvci)


@given(st.binary(min_size=16, max_size=16), st.integers(15, 40), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/:"))
def test_one_wrong_character_is_noticed(serial: bytes, place: int, other: str) -> None:
    uvci = mint(serial)
    wrong = uvci[:place] + other + uvci[place + 1 :]
    assert has_right_check(wrong) == (wrong == uvci)


def test_two_serials_never_share_an_identifier() -> None:
    assert len({mint(number.to_bytes(16, "big")) for number in range(5_000)}) == 5_000


@pytest.mark.parametrize("serial", [b"", bytes(15), bytes(17)])
def test_a_serial_of_another_length_is_refused(serial: bytes) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
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
