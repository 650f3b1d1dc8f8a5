"""Whatever a file was saved in, its rows are the same doses; what is right is never changed."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from itertools import chain
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.sample.doses import COLUMNS, typed_doses
from deploy.sample.population import synthesise
from services.records.domain.derived_code import injection
from services.records.domain.dose import Raw, ValidDose
from services.records.domain.equivalence import says_the_same
from services.records.domain.parse_row import parse_row
from services.records.uploads.formats.columns import HEADERS
from tests.support.encodings import FORMS, MISREAD, OLD, cp1258, tone_first
from tests.support.files import JSON, csv_file, json_file, parts, read, typed
from vietnamese.charset import decoded
from vietnamese.encoded_names import decoded_name
from vietnamese.syllables import implausible
from vietnamese.unicode_forms import composed

TODAY = date(2022, 6, 1)
UNICODE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")
NAME = "Họ và tên"


@cache
def sample() -> tuple[tuple[str, ...], ...]:
    """Rows of the made-up sample that code page 1258 has all letters of."""
    rows = [row for row, truth in typed_doses(synthesise(600, 11), 11, 900)]
    return tuple(
        row
        for row in rows
        if all(unicodedata.normalize("NFC", cell).isprintable() for cell in row) and _is_1258(row)
    )


def _is_1258(row: Sequence[str]) -> bool:
    try:
        return cp1258("".join(row)).decode("cp1258") is not None
    except UnicodeEncodeError:
        return False


def table(rows: Iterable[Sequence[str]], newline: str = "\r\n") -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=newline).writerows([COLUMNS, *rows])
    return text.getvalue()


async def doses(body: bytes, *, size: int = 1 << 16) -> list[ValidDose | None]:
    return [
        parse_row(row.raw, today=TODAY, facilities=None).dose
        for row in await read(body, size=size)
        if row.raw
    ]


rows = st.lists(st.integers(0, 700), min_size=1, max_size=12).map(
    lambda places: [sample()[at % len(sample())] for at in places]
)
newlines = st.sampled_from(["\n", "\r\n", "\r"])


@given(rows, st.sampled_from(sorted(FORMS)), st.sampled_from([*UNICODE, "cp1258"]), newlines)
async def test_rows_in_every_form_encoding_and_line_end_are_the_same_doses(
    chosen: list[tuple[str, ...]], form: str, encoding: str, newline: str
) -> None:
    right = await doses(table(chosen).encode())
    text = table(chosen, newline)
    body = cp1258(text) if encoding == "cp1258" else FORMS[form](text).encode(encoding)
    assert await doses(body) == right
    assert len(right) == len(chosen)


@given(
    rows,
    st.sampled_from(sorted(MISREAD)),
    st.sampled_from(["NFC", "NFD"]),
    st.sampled_from(UNICODE),
    newlines,
)
async def test_a_file_whose_utf_8_was_misread_is_the_same_doses(
    chosen: list[tuple[str, ...]], codec: str, form: str, encoding: str, newline: str
) -> None:
    # with no letter of Viet Nam alone a file may be right as it stands
    chosen = [sample_row("Nguyễn Thị Ngà"), *chosen]
    right = await doses(table(chosen).encode())
    assert (
        await doses(MISREAD[codec](FORMS[form](table(chosen, newline))).encode(encoding)) == right
    )


def sample_row(name: str) -> tuple[str, ...]:
    fields = {
        **dict(zip(HEADERS.values(), (getattr(typed(), field) for field in HEADERS), strict=True)),
        NAME: name,
    }
    return tuple(fields[column] for column in COLUMNS)


@given(rows, st.sampled_from(sorted(OLD)), newlines)
async def test_a_file_in_an_old_encoding_is_the_same_doses_but_for_names_as_typed(
    chosen: list[tuple[str, ...]], encoding: str, newline: str
) -> None:
    # the number's column stays as typed too, and some names are in an old encoding already
    chosen = [
        tuple(map(composed, row)) for row in chosen if row[4].isascii() and not implausible(row[1])
    ]
    chosen = [sample_row("Nguyễn Thị Ngà"), *chosen]
    right = await doses(table(chosen).encode())
    text = OLD[encoding](table(chosen, newline))
    rows_read = await doses(text.encode())
    assert [dose and dose._replace(full_name="", content=0) for dose in rows_read] == [
        dose and dose._replace(full_name="", content=0) for dose in right
    ]
    for dose, before in zip(rows_read, right, strict=True):
        if dose is not None and before is not None:
            assert dose.full_name == OLD[encoding](before.full_name)
            name = decoded_name(dose.full_name)
            # capitals are lost in TCVN3
            assert name is None or name.casefold() == before.full_name.casefold()
            assert name is None or says_the_same(dose, before)
    if encoding != "VIQR":
        # the codes themselves, as fonts of TCVN3 and VNI have them
        assert (
            await doses(text.encode("latin-1")) == await doses(text.encode("cp1252")) == rows_read
        )


@pytest.mark.parametrize("before", [0, 400, 3_000])
@pytest.mark.parametrize("encoding", ["cp1258", *sorted(OLD), *sorted(MISREAD), "utf-8"])
async def test_a_file_is_read_alike_however_late_its_first_letter_beyond_ascii_comes(
    before: int, encoding: str
) -> None:
    plain = typed(full_name="An", sex="F", nationality="VN", dose_kind="primary")
    late = [
        plain._replace(full_name=name, sex="Nữ")
        for name in ("Nguyễn Thị Hoà", "Trần Mỹ Ái", "Đỗ Tường Vy")
    ]
    text = csv_file([plain] * before + late, headers=tuple(HEADERS)).decode()
    coded = (
        cp1258(text)
        if encoding == "cp1258"
        else {**OLD, **MISREAD}.get(encoding, str)(text).encode(late_codec(encoding))
    )
    rows_read = [row.raw for row in await read(coded, size=4_096)]
    assert rows_read[:before] == [plain] * before
    read_late = [
        parse_row(raw, today=TODAY, facilities=None).dose for raw in rows_read[before:] if raw
    ]
    assert [dose and dose.sex for dose in read_late] == ["female"] * 3
    names = [dose.full_name for dose in read_late if dose]
    assert names == [
        OLD[encoding](raw.full_name) if encoding in OLD else raw.full_name for raw in late
    ]


def late_codec(encoding: str) -> str:
    return "latin-1" if encoding in ("TCVN3", "VNI") else "utf-8"


@pytest.mark.parametrize("size", [5, 1 << 16])
@pytest.mark.parametrize("first", ["Lê Văn An", "Hà", "José Peña", "Zoë Müller"])
async def test_of_a_file_that_is_no_utf_8_all_that_came_decides(first: str, size: int) -> None:
    # what stands first is the same in code pages 1252 and 1258
    names = [first, *[f"Nguyễn Thị {given}" for given in ("Hòa", "Mỹ", "Đào", "Ơn")] * 250]
    text = csv_file([typed(full_name=name) for name in names]).decode()
    assert [
        row.raw and unicodedata.normalize("NFC", row.raw.full_name)
        for row in await read(cp1258(text), size=1 << 12)
    ] == names
    coded = [OLD["TCVN3"](name) for name in names]
    assert [
        row.raw and row.raw.full_name
        for row in await read(OLD["TCVN3"](text).encode("latin-1"), size=1 << 12)
    ] == coded


@given(
    st.lists(st.sampled_from(sorted({row[1] for row in sample()})), max_size=30),
    st.integers(1, 300),
)
async def test_right_text_is_never_changed(names: list[str], size: int) -> None:
    text = "\n".join(["Zoë Müller", "José Peña", "Côte d'Ivoire", "Nguyễn\u00a0An", *names])
    for right in (text, text.upper(), unicodedata.normalize("NFD", text), tone_first(text)):
        assert await text_of(right.encode(), size) == right
        assert (
            await text_of(right.encode("utf-16-le"), 1 << 16)
            == await text_of(right.encode("utf-16-be"), 1 << 16)
            == right
        )


@pytest.mark.parametrize(
    "right",
    [
        "TRẦN THỊ HÀ\u00a0",
        "LÃ\u00a0THỊ",
        "À\u00a0Á",
        "«Hà»",
        "Hà…",
        "é",
        "“Lê”",
        "Ph\u00ad¬ng",
        "Nguyªn \u00ad\u00ad",
        "Ð",
        "Ã",
    ],
)
async def test_signs_that_misread_text_has_too_are_left_alone(right: str) -> None:
    assert await text_of(right.encode(), 3) == right


async def text_of(body: bytes, size: int) -> str:
    return "".join([part async for part in decoded(parts(body, size), at_least=size)])


@given(st.binary(max_size=200), st.integers(1, 60))
async def test_every_file_is_text_whatever_its_parts(body: bytes, size: int) -> None:
    texts = [part async for part in decoded(parts(body, size), at_least=1 << 16)]
    assert all(texts)
    assert "".join(texts) == await text_of(body, 1 << 16)


async def test_json_in_every_form_is_the_same_doses() -> None:
    raws = [
        typed(number, full_name=name)
        for number, name in enumerate(("Nguyễn Thị Ngà", "Đỗ Ấn Độ"), 1)
    ]
    right = [parse_row(raw, today=TODAY, facilities=None).dose for raw in raws]
    written = [json_file([Raw._make(map(form, raw)) for raw in raws]) for form in FORMS.values()]
    written += [form(json_file(raws).decode()).encode() for form in MISREAD.values()]
    for body in written:
        rows_read = await read(body, JSON)
        assert [
            parse_row(row.raw, today=TODAY, facilities=None).dose for row in rows_read if row.raw
        ] == right
    assert None not in right


@given(
    st.sampled_from(sorted(FORMS)),
    st.sampled_from(["Nguyễn Thị Ấn", "Đỗ Văn Đức", "H'Hen Niê"]),
    st.sampled_from(["Ấp-Đá-1", "B-1"]),
)
def test_a_row_on_record_in_another_form_is_the_same_dose_and_has_the_same_code(
    form: str, name: str, code: str
) -> None:
    raw = typed(full_name=name, source_id=code)
    other = Raw._make(FORMS[form](cell) for cell in raw)
    dose = parse_row(raw, today=TODAY, facilities=None).dose
    assert dose is not None
    assert parse_row(other, today=TODAY, facilities=None).dose == dose
    assert (dose.full_name, dose.source_id) == (name, code)
    assert injection(other) == injection(raw)


@pytest.mark.parametrize("codec", ["latin-1", "cp1252"])
async def test_names_of_foreigners_in_western_bytes_are_read_where_vietnamese_ones_tell(
    codec: str,
) -> None:
    names = ["João Muñoz", "Nguyªn V¨n An", "TrÇn ThÞ Hßa", "Lª V¨n T¸m"]
    rows_read = await read(csv_file([typed(full_name=name, sex="F", nationality="VN",
    dose_kind="primary") for name in names],
                                headers=tuple(HEADERS)).decode().encode(codec))  # fmt: skip
    assert [row.raw and row.raw.full_name for row in rows_read] == names


async def test_a_legacy_file_is_decided_within_bounds() -> None:
    rng = Random(1)
    noise = bytes(rng.choice(b"\xe3\xcc\xd2\xb5 a") for _ in range(1 << 20))
    assert len(await text_of(noise, 1 << 16)) == len(noise)
    assert len(await text_of(b"\xb5" * (1 << 20), 1 << 16)) == 1 << 20
    joined = "".join(chain.from_iterable(("Ã", "\u00a1") for _ in range(1 << 18)))
    assert set(await text_of(joined.encode(), 1 << 16)) <= set("áÃ\u00a1")
