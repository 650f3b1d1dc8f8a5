"""Two spellings are compared letter by letter, tones too."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.design.difference import Pair, Piece, compare_letters, kind_of

VIETNAMESE = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèéêếiíoòóôồốơớuúưứyỳý "


@pytest.mark.parametrize(
    ("left", "right", "kind"),
    [
        ("ó", "ò", "tone"),
        ("o", "ó", "tone"),
        ("ă", "â", "mark"),
        ("d", "đ", "mark"),
        ("ớ", "ố", "mark"),
        ("ắ", "ẳ", "tone"),
        ("H", "h", "case"),
        ("Đ", "đ", "case"),
        ("n", "m", "letter"),
        ("1", "7", "letter"),
    ],
)
def test_letters_differ_by_tone_mark_case_or_wholly(left: str, right: str, kind: str) -> None:
    assert kind_of(left, right) == kind_of(right, left) == kind


def test_only_what_differs_is_marked_on_both_sides() -> None:
    both = compare_letters("Nguyễn Thị Hoà", "Nguyễn Thị Hòa")
    assert both.left == (Piece("Nguyễn Thị H", "same"), Piece("oà", "tone"))
    assert both.right == (Piece("Nguyễn Thị H", "same"), Piece("òa", "tone"))
    assert both.pairs == (Pair("oà", "òa", "tone"),)


def test_a_word_that_is_missing_leaves_the_rest_alike() -> None:
    both = compare_letters("Phạm Thị Thu Hà", "Phạm Thu Hà")
    assert [piece.kind for piece in both.left] == ["same", "letter", "same"]
    assert [piece.kind for piece in both.right] == ["same", "missing", "same"]
    assert len(both.pairs) == 1


def test_a_digit_too_many_is_found_where_it_stands() -> None:
    assert compare_letters("0123456789", "012345678").pairs == (Pair("9", "", "letter"),)


def test_composed_and_decomposed_letters_are_the_same() -> None:
    name = "Trần Đức Nghĩa"
    assert compare_letters(unicodedata.normalize("NFD", name), name).pairs == ()


@given(st.text(VIETNAMESE, max_size=40), st.text(VIETNAMESE, max_size=40))
def test_the_pieces_are_the_values_and_nothing_else(left: str, right: str) -> None:
    both = compare_letters(left, right)
    assert "".join(piece.text for piece in both.left) == left
    assert "".join(piece.text for piece in both.right) == right
    assert bool(both.pairs) == (left != right)


def test_a_very_long_value_costs_no_more_than_a_long_one() -> None:
    both = compare_letters("a" * 100_000, "b" * 100_000)
    assert "".join(piece.text for piece in both.left) == "a" * 100_000
