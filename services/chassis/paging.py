"""Keyset paging: `{"items": […], "next": cursor or null}`, an opaque cursor, and a `Link`
header.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import quote, urlencode

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel

from services.chassis.errors import ServiceError
from services.chassis.storable import is_storable

Item = TypeVar("Item")
Row = TypeVar("Row")

Cursor = Annotated[str | None, Query(max_length=500, description="`next` of the page before")]


class Page(BaseModel, Generic[Item]):
    """One page of a list, and the cursor of the next one."""

    items: list[Item]
    next: str | None = None


class PageRequest:
    """Which page of a list is asked for; makes the answer with the cursor of the next one."""

    def __init__(
        self, request: Request, response: Response, cursor: str | None, limit: int
    ) -> None:
        self._request = request
        self._response = response
        self._cursor = cursor
        self.limit = limit

    def after(self, *kinds: type) -> list[Any] | None:
        """The key of the last item before the page; None for the first page.

        ServiceError 422 where the cursor is none that a list with keys of these `kinds` gave.
        """
        return read_cursor(self._cursor, *kinds)

    def page(
        self, items: Sequence[Item], rows: Sequence[Row], key: Callable[[Row], tuple[Any, ...]]
    ) -> Page[Item]:
        """The page of these items; `rows` are what they were made of, by whose `key` they stand in
        order.
        """
        more = len(rows) == self.limit
        following = make_cursor(*key(rows[-1])) if more and rows else None
        link_next(self._request, self._response, following)
        return Page(items=list(items), next=following)


def page_request(default: int = 100, most: int = 1000) -> Callable[..., Awaitable[PageRequest]]:
    """The dependency of a list that has `default` items a page where nothing else is asked for."""
    limit_range = Query(ge=1, le=most, description="items a page")

    # async: FastAPI runs what is not in a thread
    async def requested(
        request: Request,
        response: Response,
        cursor: Cursor = None,
        limit: Annotated[int, limit_range] = default,
    ) -> PageRequest:
        return PageRequest(request, response, cursor, limit)

    return requested


Pages = Annotated[PageRequest, Depends(page_request())]


def read_cursor(cursor: str | None, *kinds: type) -> list[Any] | None:
    """The key values behind `cursor`, checked against `kinds`; ServiceError 422 if it is not one of
    ours.
    """
    if cursor is None:
        return None
    try:
        values = json.loads(urlsafe_b64decode(cursor.encode()))
        if not isinstance(values, list) or [type(value) for value in values] != list(kinds):
            raise ValueError
        if not all(map(_fits, values)):
            raise ValueError
    except ValueError as error:
        raise ServiceError(
            422,
            "CURSOR_INVALID",
            "Con trỏ trang không hợp lệ.",
            "The cursor is not one that this list gave.",
        ) from error
    return values


def _fits(value: int | str) -> bool:
    """Whether PostgreSQL takes it."""
    return abs(value) < 1 << 63 if isinstance(value, int) else is_storable(value)


def make_cursor(*values: Any) -> str:
    """The opaque cursor of the last item's key values."""
    return urlsafe_b64encode(json.dumps(values, separators=(",", ":")).encode()).decode()


def link_next(request: Request, response: Response, cursor: str | None) -> None:
    """Adds the `Link: <…>; rel="next"` header where there is a next page."""
    if cursor is not None:
        # the path alone: the host is what the caller says it is
        kept = [item for item in request.query_params.multi_items() if item[0] != "cursor"]
        query = urlencode([*kept, ("cursor", cursor)])
        response.headers["Link"] = f'<{quote(request.scope["path"])}?{query}>; rel="next"'
