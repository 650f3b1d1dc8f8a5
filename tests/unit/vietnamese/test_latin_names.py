import re
import unicodedata
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vietnamese.latin_names import composed, split_name, transliterate

VOWELS, TONES = "aăâeêioôơuưy", "\u0300\u0301\u0303\u0309\u0323"
LETTERS = [
    unicodedata.normalize("NFC", case(vowel + tone))
    for vowel in VOWELS
    for tone in ("", *TONES)
    for case in (str.lower, str.upper)
]
# the 134 letters that are not ASCII: 12 vowels in 6 tones less the 6 plain ones, and đ, in both
# cases
VIETNAMESE = [letter for letter in LETTERS if not letter.isascii()] + ["đ", "Đ"]
BASIC = re.compile("[A-Z<]*")
TYPED_FIRST = [
    (
        unicodedata.normalize("NFC", base + tone) + modifier,
        unicodedata.normalize("NFC", base + modifier + tone),
    )
    for base, modifier in (
        ("a", "\u0306"),
        ("a", "\u0302"),
        ("e", "\u0302"),
        ("o", "\u0302"),
        ("o", "\u031b"),
        ("u", "\u031b"),
    )
    for tone in TONES
]


def test_there_are_134_letters() -> None:
    assert len(set(VIETNAMESE)) == 134


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_every_vietnamese_letter_has_one_letter_in_basic_latin(
    form: Literal["NFC", "NFD", "NFKC", "NFKD"],
) -> None:
    for letter in VIETNAMESE:
        latin = transliterate(unicodedata.normalize(form, letter))
        assert re.fullmatch("[A-Z]", latin), letter
        assert latin == {"đ": "D", "Đ": "D"}.get(
            letter, unicodedata.normalize("NFD", letter)[0].upper()
        )


@pytest.mark.parametrize(("typed", "meant"), TYPED_FIRST)
def test_a_tone_typed_before_its_modifier_is_the_same_letter(typed: str, meant: str) -> None:
    assert composed(typed) == meant
    assert transliterate(typed) == transliterate(meant)


@pytest.mark.parametrize(
    ("name", "latin"),
    [
        ("Nguyễn Thị Hòa", "NGUYEN<THI<HOA"),
        ("Đặng Văn Đạt", "DANG<VAN<DAT"),
        ("Ðặng", "DANG"),
        ("H'Hen Niê", "HHEN<NIE"),
        ("K’Brối", "KBROI"),
        ("Trần-Lê  Anh", "TRAN<LE<ANH"),
        ("Müller Straße", "MUELLER<STRASSE"),
        ("Søren Åberg", "SOEREN<AABERG"),
        ("Ặ", "A"),
        ("", ""),
    ],
)
def test_names_are_transliterated_as_machine_readable_documents_want(name: str, latin: str) -> None:
    assert transliterate(name) == latin


@given(st.text())
def test_whatever_is_transliterated_is_basic_latin_and_stays_so(name: str) -> None:
    latin = transliterate(name)
    assert BASIC.fullmatch(latin)
    assert transliterate(latin.replace("<", " ")) == latin


def test_a_name_is_split_after_the_family_name_and_one_word_is_a_family_name() -> None:
    assert split_name(" Nguyễn  Thị Hòa ") == ("Nguyễn", "Thị Hòa")
    assert split_name("Siu") == ("Siu", "")
