import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import Response

from services.chassis.errors import ServiceError
from services.chassis.paging import link_next, make_cursor, read_cursor


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


@pytest.mark.parametrize("host", [b"evil.example", b"[", b"x/y?z", b""])
def test_the_link_to_the_next_page_is_a_path_whatever_host_the_caller_names(host: bytes) -> None:
    scope = {
        "type": "http", "method": "GET", "path": "/t/v1/đi", "raw_path": b"/t/v1/%C4%91i",
        "query_string": b"reason=a+b&cursor=old&reason=c", "headers": [(b"host", host)],
        "scheme": "http", "server": ("127.0.0.1", 80),
    }  # fmt: skip
    response = Response()
    link_next(Request(scope), response, "new=")
    assert response.headers["link"] == (
        '</t/v1/%C4%91i?reason=a+b&reason=c&cursor=new%3D>; rel="next"'
    )
