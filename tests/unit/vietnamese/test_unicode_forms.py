"""The same letters come to one form, however written; what old encodings wrote stays."""

import time
import unicodedata
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from deploy.sample import encodings, spelling
from deploy.sample.population import synthesise
from tests.support.encodings import FORMS, MISREAD, Form, tone_first
from vietnamese.unicode_forms import LONGEST, composed, unusual

NAMES = sorted({person.full_name for person in synthesise(6_000, 2022).people()})
BASES, MODIFIERS, TONES = (
    "AEIOUYaeiouy",
    ("", "\u0302", "\u0306", "\u031b"),
    ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"),
)
LETTERS = [
    letter
    for base in BASES
    for modifier in MODIFIERS
    for tone in TONES
    if len(letter := unicodedata.normalize("NFC", base + modifier + tone)) == 1
]
SIGNS = (
    "aAeo\u01a1\u0300\u0301\u0302\u0306\u031b\u0323ÐðĐ"
    " \u00a0ÃÂº\u1eaf\u200b\u200d\u00ad\uff11\ufb011_é\u034f\u3000µ"
)


def test_a_tone_before_its_modifier_makes_the_same_letter() -> None:
    vietnamese = [letter for letter in LETTERS if not unusual(letter)]
    assert len(vietnamese) == 2 * 12 * 6
    assert [letter for letter in vietnamese if composed(tone_first(letter)) != letter] == []
    # of these NFC makes something else
    assert (
        len(
            [
                letter
                for letter in vietnamese
                if unicodedata.normalize("NFC", tone_first(letter)) != letter
            ]
        )
        == 32
    )


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_right_name_in_every_form_is_the_right_name(form: Form) -> None:
    assert [name for name in NAMES if composed(name) != name] == []
    assert [name for name in NAMES if composed(form(name)) != name] == []


@pytest.mark.parametrize(
    "slip", [spelling.decomposed, spelling.eth, spelling.tone_before_modifier, spelling.zero_width]
)
def test_a_name_that_is_typed_in_other_signs_is_the_same_name(slip: spelling.Slip) -> None:
    rng = Random(3)
    slipped = [(name, new) for name in NAMES if (new := slip(rng, name))]
    assert len(slipped) > 100
    assert [(name, new) for name, new in slipped if composed(new) != name] == []


@pytest.mark.parametrize(
    "encode", [encodings.tcvn3, encodings.vni, encodings.viqr, *MISREAD.values()]
)
def test_what_an_old_encoding_wrote_keeps_its_signs(encode: Form) -> None:
    assert [
        name
        for name in NAMES
        if composed(encode(name)) != unicodedata.normalize("NFC", encode(name))
    ] == []


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Ðặng Văn Ðức", "Đặng Văn Đức"), ("NGUYỄN VĂN ÐỨC", "NGUYỄN VĂN ĐỨC"), ("Trần ðình Ɖông",
        "Trần đình Đông"),
        # é in TCVN3, an eth within an Icelandic word
        ("NguyÔn ThÞ BÐ", "NguyÔn ThÞ BÐ"), ("Ðn", "Ðn"), ("Guðrún Sigurðardóttir",
        "Guðrún Sigurðardóttir"), ("GUÐRÚN", "GUÐRÚN"),
        ("０６８１", "0681"), ("ＦＫ－００５０", "FK-0050"), ("\ufb01ve", "five"),
        ("𝐍𝐠𝐮𝐲𝐞𝐧", "Nguyen"),
        ("\ufeffAn\u200b", "An"), ("Lê\u00a0Văn\u2003An", "Lê Văn An"), ("Lê\u00a0An", "Lê An"),
        ("a\u034f\u0301", "á"),
        # half of an à whose UTF-8 was misread
        ("TrÃ\u00a0 My", "TrÃ\u00a0 My"), ("Ph\u00ad¬ng", "Ph\u00ad¬ng"), ("µ ¹ ª ¼ ½",
        "µ ¹ ª ¼ ½"), ("nhà … ™", "nhà … ™"),
        # Persian joins its letters by it
        ("می\u200cخواهم", "می\u200cخواهم"), ("Ng\u200cọc", "Ngọc"), ("ｱ", "ｱ"), ("", ""),
    ],
)  # fmt: skip
def test_signs_that_stand_for_others_are_written_as_these(text: str, form: str) -> None:
    assert composed(text) == form


@given(st.text(SIGNS, max_size=8) | st.text(max_size=10))
@example("ÐÂ\u00a0")
def test_the_form_of_a_text_is_its_own_and_that_of_its_normal_forms(text: str) -> None:
    form = composed(text)
    assert composed(form) == form
    assert unicodedata.is_normalized("NFC", form)
    assert {composed(unicodedata.normalize(normal, text)) for normal in ("NFC", "NFD")} == {form}


@given(st.text(max_size=30))
def test_a_text_without_unusual_signs_is_printable_and_in_its_form(text: str) -> None:
    if not unusual(text):
        assert text.isprintable()
        assert composed(text) == text == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    "text", ["a" + "\u0301\u0323" * (LONGEST // 2 - 1), "a" + "\u0301\u0323" * 500_000]
)
def test_no_text_takes_long(text: str) -> None:
    began = time.process_time()
    assert composed(text) == text
    assert time.process_time() - began < 0.01
