"""Doses as JSON: `{"doses": [...]}` taken apart while it comes, or one object a line."""

from collections.abc import AsyncIterator, Iterator

from services.records.domain.dose import FIELDS, Raw
from services.records.uploads.formats import file_errors
from services.records.uploads.formats.charset import decoded
from services.records.uploads.formats.json_cursor import DECODER, UNREADABLE, JsonText
from services.records.uploads.formats.row import (
    CHUNK,
    MAX_RECORD,
    NOT_AN_OBJECT,
    NOT_JSON,
    NOT_READABLE,
    InputRow,
    wrong_shape,
)

_DOSE = frozenset(
    {"source_id", "facility_code", "product", "lot", "dose_number", "dose_kind", "date_given"}
)


async def document(body: AsyncIterator[bytes]) -> AsyncIterator[Iterator[InputRow]]:
    """The rows of `{"doses": [...]}`; other members are ignored."""
    text = JsonText(decoded(body), file_errors.json_shape)
    row, doses, found = 0, [], False
    await text.expect("{")
    while await text.another("}"):
        name = await text.value()
        await text.expect(":")
        if name != "doses":
            await text.value()
            continue
        found = True
        await text.expect("[")
        while await text.another("]"):
            row += 1
            doses.append(typed(row, await text.value_or_unreadable()))
            if len(doses) == CHUNK:
                yield iter(doses)
                doses = []
    if not found or await text.peek():
        raise file_errors.json_shape()
    yield iter(doses)


async def lines(body: AsyncIterator[bytes]) -> AsyncIterator[Iterator[InputRow]]:
    """The rows of NDJSON; a line that is no JSON costs itself only."""
    held, row = "", 0

    def rows(texts: list[str]) -> Iterator[InputRow]:
        nonlocal row
        for text in texts:
            if text := text.strip():
                row += 1
                yield _line(row, text)

    async for part in decoded(body):
        *whole, held = (held + part).split("\n")
        if len(held) > MAX_RECORD:
            raise file_errors.line_too_long()
        yield rows(whole)
    yield rows([held])


def _line(row: int, text: str) -> InputRow:
    try:
        return typed(row, DECODER.decode(text))
    except (ValueError, RecursionError):
        return InputRow(row, None, (NOT_JSON,))


def typed(row: int, dose: object) -> InputRow:
    """One dose with the JSON names; what is neither text, number nor null has the wrong shape, of
    which all is told.
    """
    if not isinstance(dose, dict):
        return InputRow(row, None, (NOT_READABLE if dose is UNREADABLE else NOT_AN_OBJECT,))
    person = dose.get("person")
    wrong = []
    if person is None:
        person = {}
    elif not isinstance(person, dict):
        person, wrong = {}, ["person"]
    texts = [_text((dose if field in _DOSE else person).get(field)) for field in FIELDS]
    version, dose_id = _text(dose.get("version")), _text(dose.get("dose_id"))
    if None not in texts and version is not None and dose_id is not None and not wrong:
        return InputRow(row, Raw._make(texts), version=version, dose_id=dose_id)
    names, values = (*FIELDS, "version", "dose_id"), (*texts, version, dose_id)
    wrong += [field for field, text in zip(names, values, strict=True) if text is None]
    raw = Raw._make(text or "" for text in texts)
    return InputRow(
        row, raw, tuple(map(wrong_shape, wrong)), version=version or "", dose_id=dose_id or ""
    )


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return value.strip()
    return "" if value is None else None
