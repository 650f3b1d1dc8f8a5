"""Headers and vocabularies are read in every old encoding, and never as something else."""

import time
from collections.abc import Callable, Iterator, Mapping

import pytest

from services.records.domain.dose import FIELDS
from services.records.domain.field_parsers import (
    read_kind,
    read_nationality,
    read_number,
    read_product,
    read_sex,
)
from services.records.domain.row_error import Unread
from services.records.uploads.formats.dose_columns import HEADERS
from services.records.uploads.formats.header_search import find_heading
from services.records.uploads.formats.headers import field_of
from tests.support.encodings import FORMS, MISREAD, OLD, Form
from vietnamese.countries import COUNTRIES
from vietnamese.old_encodings import looked_up, readings_of

WRITTEN = {
    **FORMS,
    **OLD,
    **MISREAD,
    "TCVN3 misread": lambda text: MISREAD["1252"](OLD["TCVN3"](text)),
}
CASES = (str, str.upper, str.lower)

VOCABULARIES: list[tuple[Callable[[str], object], Mapping[str, object]]] = [
    (read_sex, {"Nam": "male", "Nữ": "female", "Gái": "female"}),
    (
        read_kind,
        {
            "Cơ bản": "primary", "Liều cơ bản": "primary", "Mũi cơ bản": "primary",
            "Bổ sung": "additional", "Mũi bổ sung": "additional",
            "Nhắc lại": "booster", "Liều nhắc lại": "booster", "Nhắc lại lần 1": "booster",
            "Tăng cường": "booster",
        },
    ),
    (read_number, {"Mũi 2": 2, "Mũi thứ 2": 2, "Lần 2": 2, "Liều 2": 2, "Mũi số 2": 2}),
    (
        read_product,
        {"Vắc xin Pfizer": "comirnaty", "Vắc xin phòng Covid-19 AstraZeneca": "vaxzevria",
        "Vắc-xin Moderna của Mỹ": "spikevax",
         "phòng bệnh Vero Cell": "bbibp-corv"},
    ),
    (read_nationality,
    {country.name_vi: country.code for country in COUNTRIES.values()} | {"Mỹ": "US", "Nhật": "JP",
    "Lào": "LA"}),
]  # fmt: skip


def encoded(form: Form, text: str) -> Iterator[str]:
    for case in CASES:
        # what an encoding has no sign for, nobody can have typed in it
        if not ("Å" in text or "ç" in text or "é" in text):
            yield form(case(text)).strip()


@pytest.mark.parametrize("form", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize(
    ("read", "words"), VOCABULARIES, ids=lambda value: getattr(value, "__name__", "")
)
def test_a_word_in_every_encoding_is_the_word(
    form: Form, read: Callable[[str], object], words: dict[str, object]
) -> None:
    assert [
        (text, read(text))
        for word, value in words.items()
        for text in encoded(form, word)
        if read(text) != value
    ] == []


@pytest.mark.parametrize("form", WRITTEN.values(), ids=WRITTEN)
def test_a_header_in_every_encoding_is_the_header(form: Form) -> None:
    for case in CASES:
        assert {field_of(form(case(header))) for header in HEADERS.values()} == set(FIELDS)
        assert {field_of(form(case(f"{header} (*)"))) for header in HEADERS.values()} == set(FIELDS)


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("Áo", "AT"),
        ("Bỉ", "BE"),
        ("AO", "AO"),
        ("bi", "BI"),
        ("Mü", "US"),
        ("§¶o Man", "IM"),
        ("Oman", "OM"),
    ],
)
def test_the_name_of_a_country_is_no_code_of_another(text: str, country: str) -> None:
    assert read_nationality(text) == country


@pytest.mark.parametrize("read", [read_sex, read_kind, read_number, read_product, read_nationality])
@pytest.mark.parametrize("text", ["Ã¡", "N÷÷", "¨¨¨", "x~^", "§", "a(b", "é", "\u00ad"])
def test_what_is_no_word_in_any_encoding_is_not_read(
    read: Callable[[str], object], text: str
) -> None:
    assert isinstance(read(text), Unread)


def test_of_two_readings_that_differ_none_counts() -> None:
    # in TCVN3 and in VNI
    assert {"laựo", "láo"} <= {*readings_of("laùo")}
    assert looked_up("laùo", {"láo": 1}.get) == 1
    assert looked_up("laùo", {"láo": 1, "laựo": 2}.get) is None
    assert looked_up("laùo", {"láo": 1, "laựo": 2, "laùo": 3}.get) == 3


@pytest.mark.parametrize(
    "text",
    [
        "Ã " * 100,
        "Ã " * 500_000,
        "a^" * 100,
        "é" * 200,
        "\u0301\u0323" * 500_000,
        "Ã\u00a0ƒÂ " * 40,
    ],
)
def test_no_text_takes_long(text: str) -> None:
    began = time.process_time()
    read_sex(text)
    read_nationality(text)
    read_product(text)
    assert time.process_time() - began < 0.1


def test_a_header_of_very_many_columns_does_not_take_long() -> None:
    header = [f"é{chr(0xC0 + at % 64)}{at}" for at in range(100_000)]
    began = time.process_time()
    assert find_heading([header]) is None
    assert time.process_time() - began < 1
