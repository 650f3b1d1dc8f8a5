"""Days as Vietnamese readers write them, whole, masked or as a text."""

import pytest

from web.formats import day


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2022-04-05", "05/04/2022"),
        ("2022-04-04T18:00:00+00:00", "05/04/2022"),
        ("1945-**-**", "**/**/1945"),
        ("1945", "1945"),
        ("a-b-c", "a-b-c"),
        (None, "–"),
    ],
)
def test_a_day_is_shown_day_first_even_where_most_of_it_is_masked(
    value: str | None, shown: str
) -> None:
    assert day(value) == shown
