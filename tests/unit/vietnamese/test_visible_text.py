"""People see of a text what is in it, and ordinary names as they are."""

import unicodedata
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.sample.population import synthesise
from vietnamese.visible_text import visible

NAMES = sorted({person.full_name for person in synthesise(2_000, 2022).people()})
# of Unicode's bidirectional algorithm (UAX 9): embeddings, overrides, isolates and marks
DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_vietnamese_names_are_shown_as_they_are(form: Literal["NFC", "NFD"]) -> None:
    names = [unicodedata.normalize(form, name) for name in NAMES]
    assert [name for name in names if visible(name) != name] == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Trần\u202eAn", "Trần⟦U+202E⟧An"),
        ("An\u200b", "An⟦U+200B⟧"),
        ("Ng\u200dọc", "Ng⟦U+200D⟧ọc"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("می\u202e\u200c", "می⟦U+202E⟧⟦U+200C⟧"),
        ("\u3164", "⟦U+3164⟧"),
        ("a\ufe0f\U000e0041", "a⟦U+FE0F⟧⟦U+E0041⟧"),
        ("a\r\nb\x00", "a⟦U+000D⟧⟦U+000A⟧b⟦U+0000⟧"),
        ("\ud800", "⟦U+D800⟧"),
        ("Lê\u00a0Văn\u3000An", "Lê\u00a0Văn\u3000An"),
        ("Guðrún 李 Ъ ß", "Guðrún 李 Ъ ß"),
        ("", ""),
    ],
)
def test_what_nobody_sees_is_marked(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(st.sampled_from("aÁữ \u0301\u200b\u3164" + DIRECTIONS) | st.characters()))
def test_no_sign_of_direction_or_control_is_ever_shown(text: str) -> None:
    shown = visible(text)
    assert not set(shown) & set(DIRECTIONS)
    assert {unicodedata.category(sign) for sign in shown} & {"Cc", "Cs", "Co", "Zl", "Zp"} == set()
    assert visible(shown) == shown
    assert shown == text or "⟦U+" in shown
