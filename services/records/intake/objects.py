"""Doses as JSON: `{"doses": [...]}` taken apart while it comes, or one object a line."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

from services.records.domain.dose import FIELDS, Raw
from services.records.intake import faults
from services.records.intake.text import decoded
from services.records.intake.typed import CHUNK, MAX_RECORD, NOT_AN_OBJECT, NOT_JSON, Typed, wrong_shape

_DOSE = frozenset({"source_id", "facility_code", "product", "lot", "dose_number", "dose_kind", "date_given"})
_BLANK = re.compile(r"[ \t\n\r]*")
# numbers stay the text they are: an ID keeps its digits, and a number of a million digits costs nothing
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)


async def document(body: AsyncIterator[bytes]) -> AsyncIterator[Iterator[Typed]]:
    """The rows of `{"doses": [...]}`; other members are ignored."""
    text = _Text(decoded(body))
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
            doses.append(typed(row, await text.value()))
            if len(doses) == CHUNK:
                yield iter(doses)
                doses = []
    if not found or await text.peek():
        raise faults.json_shape()
    yield iter(doses)


async def lines(body: AsyncIterator[bytes]) -> AsyncIterator[Iterator[Typed]]:
    """The rows of NDJSON; a line that is no JSON costs itself only."""
    held, row = "", 0

    def rows(texts: list[str]) -> Iterator[Typed]:
        nonlocal row
        for text in texts:
            if text := text.strip():
                row += 1
                yield _line(row, text)

    async for part in decoded(body):
        *whole, held = (held + part).split("\n")
        if len(held) > MAX_RECORD:
            raise faults.line_too_long()
        yield rows(whole)
    yield rows([held])


def _line(row: int, text: str) -> Typed:
    try:
        return typed(row, _DECODER.decode(text))
    except (ValueError, RecursionError):
        return Typed(row, None, NOT_JSON)


def typed(row: int, dose: object) -> Typed:
    """One dose with the JSON names; what is neither text, number nor null has the wrong shape."""
    if not isinstance(dose, dict):
        return Typed(row, None, NOT_AN_OBJECT)
    person = dose.get("person")
    if person is None:
        person = {}
    if not isinstance(person, dict):
        return Typed(row, None, wrong_shape("person"))
    texts = [_text((dose if field in _DOSE else person).get(field)) for field in FIELDS]
    if None in texts:
        return Typed(row, None, wrong_shape(FIELDS[texts.index(None)]))
    return Typed(row, Raw._make(texts), None)


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return value.strip()
    return "" if value is None else None


class _Text:
    """JSON text of which only the value in hand is held."""

    def __init__(self, parts: AsyncIterator[str]) -> None:
        self._parts = parts
        self._held = ""
        self._at = 0
        self._first = True

    async def peek(self) -> str:
        """The next character that is no blank; empty at the end."""
        while True:
            self._at = _BLANK.match(self._held, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._held):
                return self._held[self._at]
            if not await self._more():
                return ""

    async def expect(self, mark: str) -> None:
        """Goes past a mark; ServiceError 422 where another stands."""
        found = await self.peek()
        if found != mark:
            raise faults.json_shape() if found in set('{}[]":,') else faults.json_broken()
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
        """The value that begins here."""
        await self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._held, self._at)
            except ValueError as error:
                if len(self._held) - self._at > MAX_RECORD or not await self._more():
                    raise faults.json_broken() from error
            except RecursionError as error:
                raise faults.json_broken() from error
            else:
                # a number at the end of what is held may go on
                if end < len(self._held) or not await self._more():
                    self._at = end
                    self._first = False
                    return value

    async def _more(self) -> bool:
        part = await anext(self._parts, "")
        self._held, self._at = self._held[self._at :] + part, 0
        return bool(part)
