import pytest

from services.chassis.encryption import Sealer, SealSettings

OLD, NEW, INDEX = b"o" * 32, b"n" * 32, b"i" * 32


def test_a_sealed_value_opens_only_in_the_row_it_belongs_to() -> None:
    sealer = Sealer([NEW], INDEX)
    sealed = sealer.seal("Nguyễn Thị Ví Dụ".encode(), b"dose:1")
    assert sealer.unseal(sealed, b"dose:1").decode() == "Nguyễn Thị Ví Dụ"
    with pytest.raises(ValueError, match="does not open"):
        sealer.unseal(sealed, b"dose:2")


def test_a_changed_byte_is_noticed() -> None:
    sealer = Sealer([NEW], INDEX)
    sealed = bytearray(sealer.seal(b"x" * 20, b"dose:1"))
    sealed[-1] ^= 1
    with pytest.raises(ValueError, match="does not open"):
        sealer.unseal(bytes(sealed), b"dose:1")


def test_values_sealed_before_a_rotation_still_open_after_it() -> None:
    sealed = Sealer([OLD], INDEX).seal(b"value", b"row")
    rotated = Sealer([OLD, NEW], INDEX)
    assert rotated.unseal(sealed, b"row") == b"value"
    assert rotated.seal(b"value", b"row")[0] == 1


def test_sealing_twice_gives_different_bytes_and_blinding_twice_the_same_number() -> None:
    sealer = Sealer([NEW], INDEX)
    assert sealer.seal(b"value", b"row") != sealer.seal(b"value", b"row")
    assert (
        sealer.blind("001079671395") == sealer.blind("001079671395") != sealer.blind("001079671396")
    )
    assert Sealer([NEW], b"j" * 32).blind("001079671395") != sealer.blind("001079671395")


def test_a_missing_key_is_named() -> None:
    with pytest.raises(ValueError, match="SEAL_KEYS"):
        Sealer.of(SealSettings())
