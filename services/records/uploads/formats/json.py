"""Doses as JSON: `{"doses": [...]}`, taken apart while it comes, or one object a line."""

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Final

from services.chassis.errors import ServiceError
from services.records.domain.dose import FIELDS, Raw
from services.records.uploads.formats import file_errors
from services.records.uploads.formats.dose_columns import OF_DOSE
from services.records.uploads.formats.row import CHUNK, MAX_RECORD, InputRow
from services.records.uploads.formats.row_errors import (
    NOT_AN_OBJECT,
    NOT_JSON,
    NOT_READABLE,
    wrong_shape,
)
from vietnamese.charset import decoded

# Numbers stay text: an ID keeps its digits, and a number of a million digits costs nothing.
# Control characters may stand in a text: its row is told so, not the file.
DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str, strict=False)

_BLANK = re.compile(r"[ \t\n\r]*")
_BEFORE_MARK = re.compile(r'[^"\[\]{}]*')
_BEFORE_END_OF_TEXT = re.compile(r'[^"\\]*')
_NOTHING = re.compile("")


async def document(body: AsyncIterator[bytes]) -> AsyncIterator[Iterator[InputRow]]:
    """Reads the rows of `{"doses": [...]}`; other members are ignored."""
    text = JsonText(decoded(body), file_errors.json_shape)
    row, doses, has_doses = 0, [], False
    await text.expect("{")
    while await text.another("}"):
        name = await text.value()
        await text.expect(":")
        if name != "doses":
            await text.value()
            continue
        has_doses = True
        await text.expect("[")
        while await text.another("]"):
            row += 1
            doses.append(input_row(row, await text.value_or_unreadable()))
            if len(doses) == CHUNK:
                yield iter(doses)
                doses = []
    if not has_doses or await text.peek():
        raise file_errors.json_shape()
    yield iter(doses)


async def lines(body: AsyncIterator[bytes]) -> AsyncIterator[Iterator[InputRow]]:
    """Reads the rows of NDJSON; a line that is no JSON costs only its own row."""
    buffer, row = "", 0

    def rows(texts: list[str]) -> Iterator[InputRow]:
        nonlocal row
        for text in texts:
            if text := text.strip():
                row += 1
                yield _line(row, text)

    async for part in decoded(body):
        *whole, buffer = (buffer + part).split("\n")
        if len(buffer) > MAX_RECORD:
            raise file_errors.line_too_long()
        yield rows(whole)
    yield rows([buffer])


def _line(row: int, text: str) -> InputRow:
    try:
        return input_row(row, DECODER.decode(text))
    except (ValueError, RecursionError):
        return InputRow(row, None, (NOT_JSON,))


def input_row(row: int, dose: object) -> InputRow:
    """One dose with the JSON names; each value that is no text, number or null gets an error."""
    if not isinstance(dose, dict):
        return InputRow(row, None, (NOT_READABLE if dose is UNREADABLE else NOT_AN_OBJECT,))
    person = dose.get("person")
    wrong = []
    if person is None:
        person = {}
    elif not isinstance(person, dict):
        person, wrong = {}, ["person"]
    texts = [_text((dose if field in OF_DOSE else person).get(field)) for field in FIELDS]
    version, dose_id = _text(dose.get("version")), _text(dose.get("dose_id"))
    accept = _text(dose.get("accept_suggestion"))
    if None not in (*texts, version, dose_id, accept) and not wrong:
        return InputRow(
            row,
            Raw._make(texts),
            version=version or "",
            dose_id=dose_id or "",
            accept=accept or "",
        )
    names = (*FIELDS, "version", "dose_id", "accept_suggestion")
    values = (*texts, version, dose_id, accept)
    wrong += [field for field, text in zip(names, values, strict=True) if text is None]
    raw = Raw._make(text or "" for text in texts)
    return InputRow(
        row, raw, tuple(map(wrong_shape, wrong)), version=version or "", dose_id=dose_id or ""
    )


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return value.strip()
    return "" if value is None else None


class UnreadableJson:
    """Stands for a list or object that was passed over: no JSON, too long, or nested too deeply."""


UNREADABLE: Final = UnreadableJson()


class JsonText:
    """A cursor over JSON text, which keeps only the value at hand.

    ServiceError 422 for what is no JSON, and `shape` for JSON of another shape.
    """

    def __init__(self, parts: AsyncIterator[str], shape: Callable[[], ServiceError]) -> None:
        self._parts = parts
        self._shape = shape
        self._buffer = ""
        self._at = 0
        self._first = True

    async def peek(self) -> str:
        """The next character that is no blank; empty at the end."""
        while True:
            self._at = _BLANK.match(self._buffer, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not await self._more():
                return ""

    async def expect(self, mark: str) -> None:
        """Goes past a mark; ServiceError 422 where another stands."""
        mark_read = await self.peek()
        if mark_read != mark:
            raise self._shape() if mark_read in set('{}[]":,') else file_errors.json_broken()
        self._at += 1
        self._first = True

    async def another(self, close: str) -> bool:
        """Whether a list or object goes on; goes past the comma, or past its end."""
        if await self.peek() == close:
            self._at += 1
            self._first = False
            return False
        if not self._first:
            await self.expect(",")
        self._first = False
        return True

    async def value(self) -> Any:
        """Reads the value that begins here, numbers as their text."""
        value = await self.value_or_unreadable()
        if value is UNREADABLE:
            raise file_errors.json_broken()
        return value

    async def value_or_unreadable(self) -> Any:
        """Reads the value that begins here; `UNREADABLE` where it cannot be read but has an end.

        Only a list or object can be passed over so.
        """
        mark = await self.peek()
        while True:
            try:
                value, end = DECODER.raw_decode(self._buffer, self._at)
            except ValueError:
                if len(self._buffer) - self._at > MAX_RECORD or not await self._more():
                    return await self._passed_over(mark)
            except RecursionError:
                return await self._passed_over(mark)
            else:
                # a number at the end of the buffer may go on
                if end < len(self._buffer) or not await self._more():
                    self._at = end
                    self._first = False
                    return value

    async def _passed_over(self, mark: str) -> UnreadableJson:
        """Goes to the end of a list or object by its brackets alone."""
        if mark not in ("[", "{"):
            raise file_errors.json_broken()
        depth = 0
        while True:
            sign = await self._next(_BEFORE_MARK)
            if sign == '"':
                while await self._next(_BEFORE_END_OF_TEXT) == "\\":
                    await self._next(_NOTHING)
                continue
            depth += 1 if sign in "[{" else -1
            if not depth:
                self._first = False
                return UNREADABLE

    async def _next(self, before: re.Pattern[str]) -> str:
        """Goes past what `before` matches, and answers the character after it."""
        while True:
            self._at = before.match(self._buffer, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._buffer):
                self._at += 1
                return self._buffer[self._at - 1]
            if not await self._more():
                raise file_errors.json_broken()

    async def _more(self) -> bool:
        part = await anext(self._parts, "")
        self._buffer, self._at = self._buffer[self._at :] + part, 0
        return bool(part)
