"""ID numbers as they are typed."""

import pytest

from vietnamese.id_numbers import number_key


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("068190000001", "068190000001"),
        ("68190000001", "068190000001"),
        ("068.190.000.001", "068190000001"),
        ("123456789", "123456789"),
        ("0912345678", ""),
        ("000000000000", ""),
        ("không có", ""),
        ("", ""),
    ],
)
def test_a_typed_number_has_a_key_only_where_it_can_be_an_id(typed: str, key: str) -> None:
    assert number_key(typed) == key
