"""Reads a bundle while it comes: its entries in turn, and what it says of itself."""

from collections.abc import AsyncIterator, Iterator
from datetime import date
from typing import Final

from services.records.uploads.formats import file_errors, notices
from services.records.uploads.formats.fhir.entries import Entries
from services.records.uploads.formats.file_report import FileReport
from services.records.uploads.formats.json import JsonText
from services.records.uploads.formats.row import InputRow
from vietnamese.charset import decoded

_TYPES: Final = ("collection", "batch", "transaction", "searchset", "document")
"""Types of bundles whose entries are current.

A history holds older states, a message asks for something, and a response holds no doses.
"""


async def bundle(
    body: AsyncIterator[bytes], report: FileReport, today: date
) -> AsyncIterator[Iterator[InputRow]]:
    """The rows of a bundle, each numbered by its entry's place.

    `report` counts the entries of other kinds. `today`: the day in Viet Nam, by which names and
    numbers are current or have ended.
    """
    text = JsonText(decoded(body), file_errors.not_a_bundle)
    entries = Entries(report.ignored, today)
    head: dict[str, object] = {}
    place = 0
    await text.expect("{")
    while await text.another("}"):
        name = await text.value()
        await text.expect(":")
        if name != "entry":
            value = await text.value_or_unreadable()
            if name in ("resourceType", "type"):
                _check(name, value)
                head[name] = value
            elif name == "link" and _goes_on(value):
                report.notices.append(notices.MORE_PAGES)
            continue
        if await text.peek() != "[":
            raise file_errors.not_a_bundle()
        await text.expect("[")
        while await text.another("]"):
            place += 1
            entries.take(place, await text.value_or_unreadable())
            if entries.full:
                yield entries.rows()
    if await text.peek():
        raise file_errors.not_a_bundle()
    for name in ("resourceType", "type"):
        _check(name, head.get(name))
    yield entries.rows()
    yield entries.waiting()
    if not entries.any:
        raise file_errors.no_immunization()


def _check(name: str, value: object) -> None:
    if name == "resourceType" and value != "Bundle":
        raise file_errors.not_a_bundle()
    if name == "type" and value not in _TYPES:
        raise file_errors.bundle_type(_TYPES)


def _goes_on(links: object) -> bool:
    """Whether the answer to a search has a next page."""
    return isinstance(links, list) and any(
        isinstance(link, dict) and link.get("relation") == "next" for link in links
    )
