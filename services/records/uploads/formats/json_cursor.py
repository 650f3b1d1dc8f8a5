"""JSON taken apart while it comes: a cursor over text of which only the value in hand is held."""

import json
import re
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

from services.chassis.errors import ServiceError
from services.records.uploads.formats import file_errors
from services.records.uploads.formats.row import MAX_RECORD

# numbers stay the text they are: an ID keeps its digits, and a number of a million digits costs
# nothing; control characters may stand in a text: it is that text's row that is told so, not the
# file
DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str, strict=False)

_BLANK = re.compile(r"[ \t\n\r]*")
_BEFORE_MARK = re.compile(r'[^"\[\]{}]*')
_BEFORE_END_OF_TEXT = re.compile(r'[^"\\]*')
_NOTHING = re.compile("")


class UnreadableJson:
    """Stands for a list or object that was passed over: no JSON, too long, or nested too deeply."""


UNREADABLE: Final = UnreadableJson()


class JsonText:
    """The text and a place in it; what is no JSON is a ServiceError 422, and so is JSON of another
    `shape`.
    """

    def __init__(self, parts: AsyncIterator[str], shape: Callable[[], ServiceError]) -> None:
        self._parts = parts
        self._shape = shape
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
            raise self._shape() if found in set('{}[]":,') else file_errors.json_broken()
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
        """The value that begins here, numbers as their text."""
        value = await self.value_or_unreadable()
        if value is UNREADABLE:
            raise file_errors.json_broken()
        return value

    async def value_or_unreadable(self) -> Any:
        """The same, but a list or object that cannot be read is passed over where it has an end;
        `UNREADABLE` stands for it.
        """
        mark = await self.peek()
        while True:
            try:
                value, end = DECODER.raw_decode(self._held, self._at)
            except ValueError:
                if len(self._held) - self._at > MAX_RECORD or not await self._more():
                    return await self._passed_over(mark)
            except RecursionError:
                return await self._passed_over(mark)
            else:
                # a number at the end of what is held may go on
                if end < len(self._held) or not await self._more():
                    self._at = end
                    self._first = False
                    return value

    async def _passed_over(self, mark: str) -> UnreadableJson:
        """Goes to the end of a list or object by its brackets alone, holding none of it."""
        if mark not in ("[", "{"):
            raise file_errors.json_broken()
        depth = 0
        while True:
            found = await self._next(_BEFORE_MARK)
            if found == '"':
                while await self._next(_BEFORE_END_OF_TEXT) == "\\":
                    await self._next(_NOTHING)
                continue
            depth += 1 if found in "[{" else -1
            if not depth:
                self._first = False
                return UNREADABLE

    async def _next(self, before: re.Pattern[str]) -> str:
        """Goes past what `before` matches and the character after it, which is the answer."""
        while True:
            self._at = before.match(self._held, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._held):
                self._at += 1
                return self._held[self._at - 1]
            if not await self._more():
                raise file_errors.json_broken()

    async def _more(self) -> bool:
        part = await anext(self._parts, "")
        self._held, self._at = self._held[self._at :] + part, 0
        return bool(part)
