import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.errors import ServiceError
from services.chassis.paging import make_cursor, read_cursor


@given(
    st.integers(min_value=-(1 << 62), max_value=1 << 62),
    st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
)
def test_a_cursor_reads_back_what_it_was_made_of(number: int, text: str) -> None:
    assert read_cursor(make_cursor(number, text), int, str) == [number, text]


@given(st.text(max_size=60))
def test_any_other_text_is_refused_or_harmless(text: str) -> None:
    try:
        values = read_cursor(text, int)
    except ServiceError as error:
        assert error.status == 422
    else:
        assert values is not None
        assert isinstance(values[0], int)


@pytest.mark.parametrize("values", [(True,), ("1",), (1, 2), (1 << 63,)])
def test_a_cursor_of_other_values_is_refused(values: tuple[object, ...]) -> None:
    with pytest.raises(ServiceError):
        read_cursor(make_cursor(*values), int)


@pytest.mark.parametrize("text", ["\0", "a\ud800", "\udfff"])
def test_a_cursor_of_a_text_that_no_database_holds_is_refused(text: str) -> None:
    with pytest.raises(ServiceError):
        read_cursor(make_cursor(text), str)
