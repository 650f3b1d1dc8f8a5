from hypothesis import given
from hypothesis import strategies as st

from services.records.uploads.id_bitmap import IdBitmap

IDS = st.integers(1, 2_000) | st.integers(1, 2**62)


@given(st.sets(IDS), st.sets(IDS))
def test_it_holds_what_was_put_in_and_nothing_else(put: set[int], others: set[int]) -> None:
    answered = IdBitmap()
    answered.add(put)
    answered.add(put)
    assert all(one in answered for one in put)
    assert not any(one in answered for one in others - put)
