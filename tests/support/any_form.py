"""One list of doses written in any of the forms in which clinics send it: kind of file, encoding,
headers, order, dates, sheets.
"""

import csv
import io
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Literal

from deploy.sample.doses import COLUMNS, typed_doses
from deploy.sample.population import synthesise
from services.records.domain.dose import Raw
from services.records.uploads.formats.columns import HEADERS
from services.records.uploads.formats.header_spellings import SPELLINGS
from tests.support.encodings import FORMS, MISREAD, OLD, cp1258
from tests.support.files import CSV, JSON, XLSX, json_file, ndjson_file
from tests.support.workbooks import Page, ods_book, ods_table, xls_book, xlsx_book

NDJSON, XLS, ODS = (
    "application/x-ndjson",
    "application/vnd.ms-excel",
    "application/vnd.oasis.opendocument.spreadsheet",
)
DATES = ("date_of_birth", "date_given")
# in the first row, so that an encoding can be told: with no letter of Viet Nam alone a file may be
# right as it stands
TELLING = "Nguyễn Thị Ngà"

DAY_FORMS: dict[str, Callable[[datetime], str]] = {
    "padded": lambda day: f"{day:%d/%m/%Y}",
    "bare": lambda day: f"{day.day}/{day.month}/{day.year}",
    "dashes": lambda day: f"{day:%d-%m-%Y}",
    "dots": lambda day: f"{day:%d.%m.%Y}",
    "iso": lambda day: f"{day:%Y-%m-%d}",
    "midnight": lambda day: f"{day:%d/%m/%Y} 00:00:00",
    "afternoon": lambda day: f"{day:%d/%m/%Y} 2:30 CH",
    "offset": lambda day: f"{day:%Y-%m-%d}T00:00:00+07:00",
    "UTC": lambda day: f"{day - timedelta(hours=7):%Y-%m-%dT%H:%M:%S}Z",
}
WORDS = {
    field: [
        HEADERS[field],
        field,
        HEADERS[field].upper(),
        HEADERS[field].replace(" ", "\n") + " (*)",
    ]
    for field in HEADERS
}
for meaning, names in SPELLINGS.items():
    if meaning.field in HEADERS:
        WORDS[meaning.field] += names
TITLES: tuple[list[str], ...] = (
    ["SỞ Y TẾ LÂM ĐỒNG"],
    ["", "DANH SÁCH TIÊM CHỦNG", "", "Tháng 8/2021"],
    [],
    ["Đợt 3; mũi 1, 2"],
)


@dataclass(frozen=True, slots=True)
class Form:
    """A file as it is sent, what it is declared as, and how it was made, for whoever reads a
    failure.
    """

    body: bytes
    media_type: str
    made: str
    keeps_names: bool
    """Whether names come through to the letter; an old encoding leaves them as typed."""


@cache
def sample() -> tuple[Raw, ...]:
    """Rows of the made-up sample with every error of identity, each of an injection of its own,
    that all encodings hold.
    """
    rows = (row for row, _ in typed_doses(synthesise(600, 11), 11, 900))
    fields = {header: field for field, header in HEADERS.items()}
    raws = (
        Raw(**{fields[column]: cell for column, cell in zip(COLUMNS, row, strict=True)})
        for row in rows
    )
    return tuple(raw for raw in raws if _holds(raw))


def _holds(raw: Raw) -> bool:
    try:
        cp1258("".join(raw))
        OLD["VIQR"]("".join(raw))
    except (UnicodeError, KeyError):
        return False
    # some names are in an old encoding already, and some numbers hold signs that one would change
    return raw.personal_id.isascii() and all(unicodedata.is_normalized("NFC", cell) for cell in raw)


def written(rng: Random, raws: Sequence[Raw]) -> Form:
    """The doses, at least one, in a form drawn by `rng`."""
    kind = rng.choice(["csv", "csv", "csv", "xlsx", "xls", "ods", "json", "ndjson"])
    day = rng.choice(sorted(DAY_FORMS))
    raws = [
        raw._replace(**{field: _day_as(day, getattr(raw, field)) for field in DATES})
        for raw in raws
    ]
    form = rng.choice(sorted(FORMS))
    if kind in ("json", "ndjson"):
        raws = [Raw._make(map(FORMS[form], raw)) for raw in raws]
        body, media_type = (
            (json_file(raws), JSON) if kind == "json" else (ndjson_file(raws), NDJSON)
        )
        return Form(body, media_type, f"{kind} {form} {day}", keeps_names=True)
    header, fields = _header(rng)
    if kind == "csv":
        return _csv(rng, header, fields, raws, f"{form} {day}", FORMS[form])
    raws = [Raw._make(map(FORMS[form], raw)) for raw in raws]
    pages = _pages(rng, header, fields, raws)
    if kind == "xlsx":
        return Form(
            xlsx_book(*pages), XLSX, f"xlsx {form} {day} {len(pages)} sheets", keeps_names=True
        )
    body, media_type = (
        (xls_book(*pages), XLS) if kind == "xls" else (ods_book(*map(ods_table, pages)), ODS)
    )
    return Form(body, media_type, f"{kind} {form} {day} {len(pages)} sheets", keeps_names=True)


def _day_as(form: str, text: str) -> str:
    """A date as that form has it; what is no whole day stays as typed."""
    try:
        day = datetime.strptime(text, "%d/%m/%Y").replace(tzinfo=UTC)
    except ValueError:
        return text
    return DAY_FORMS[form](day)


def _header(rng: Random) -> tuple[list[str], list[str]]:
    """Column names in an order and in spellings of their own, and their fields."""
    fields = rng.sample(sorted(HEADERS), len(HEADERS))
    return [rng.choice(WORDS[field]) for field in fields], fields


def _csv(
    rng: Random,
    header: list[str],
    fields: list[str],
    raws: Sequence[Raw],
    made: str,
    form: Callable[[str], str],
) -> Form:
    separator, ending = rng.choice(",;\t|"), rng.choice(["\n", "\r\n", "\r"])
    text = io.StringIO(newline="")
    # Python leaves a line feed bare where lines end otherwise
    ways: list[Literal[0, 1]] = [csv.QUOTE_ALL, csv.QUOTE_MINIMAL]
    quoting = csv.QUOTE_ALL if ending == "\r" else rng.choice(ways)
    writer = csv.writer(text, delimiter=separator, lineterminator=ending, quoting=quoting)
    writer.writerows(rng.sample(TITLES, rng.randint(0, 3)))
    writer.writerows([header, *([getattr(raw, field) for field in fields] for raw in raws)])
    whole = (f"sep={separator}{ending}" if rng.random() < 0.3 else "") + text.getvalue()
    encoding = rng.choice(
        ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1258", *OLD, *MISREAD]
    )
    if encoding == "cp1258":
        body = cp1258(whole)
    elif encoding in OLD:
        # the codes themselves, as the fonts of TCVN3 and VNI have them, or what became of them in
        # Unicode
        codec = rng.choice(["utf-8", "latin-1"]) if encoding != "VIQR" else "utf-8"
        body, encoding = OLD[encoding](whole).encode(codec), f"{encoding} as {codec}"
    elif encoding in MISREAD:
        body = MISREAD[encoding](whole).encode()
    else:
        body = form(whole).encode(encoding)
    keeps_names = encoding.split(" as ")[0] not in OLD
    return Form(body, CSV, f"csv {made} {encoding} {separator!r} {ending!r} {header}", keeps_names)


def _pages(rng: Random, header: list[str], fields: list[str], raws: Sequence[Raw]) -> list[Page]:
    """The doses over one to three sheets in any order, below titles, among sheets that are no list
    or hidden.
    """
    parts: list[list[Raw]] = [[] for _ in range(rng.randint(1, 3))]
    for raw in raws:
        rng.choice(parts).append(raw)
    pages = []
    for number, part in enumerate(part for part in parts if part):
        titles = rng.sample(TITLES, rng.randint(0, 3))
        pages.append(
            Page(
                f"Tờ {number}",
                [*titles, header, *([getattr(raw, field) for field in fields] for raw in part)],
            )
        )
    if rng.random() < 0.5:
        pages.append(Page("Hướng dẫn", [["Cách điền"], ["1. Mỗi dòng một mũi tiêm"]]))
    if rng.random() < 0.5:
        pages.append(Page("Nháp", [header, ["nháp"] * len(header)], "hidden"))
    return rng.sample(pages, len(pages))
