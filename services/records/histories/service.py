"""Looks for impossible histories, a few seconds behind the events: who has news is queued beside
each status, and looked at in bulk.
"""

import asyncio
import time
from itertools import groupby
from typing import Any

import structlog

from contracts.passports import read_passport
from services.chassis.db import Database, Transaction
from services.chassis.encryption import Sealer
from services.chassis.pause import rest
from services.chassis.telemetry import Metrics
from services.chassis.transient import is_transient
from services.records.doses.versions import person_of
from services.records.histories import store
from services.records.histories.rules import (
    MANY_NAMES,
    Code,
    HistoryDose,
    Spacing,
    contradictions,
    different_names,
)
from services.records.histories.store import Found
from vietnamese.id_numbers import number_key

_REST_S = 2.0
_RESTS_PER_WORK = 19
_log = structlog.get_logger()


def person_key(
    sealer: Sealer, personal_id: str, passport_number: str = "", nationality: str = ""
) -> int:
    """The blind index of a person: of the registry's number, or of a foreigner's passport."""
    return sealer.blind(personal_id or f"passport:{nationality}:{read_passport(passport_number)}")


async def look_forever(
    db: Database, sealer: Sealer, metrics: Metrics, spacing: Spacing, stop: asyncio.Event
) -> None:
    """Works news off until `stop` is set; a database that is away is waited for."""
    while not stop.is_set():
        pause, began = _REST_S, time.monotonic()
        try:
            if await look(db, sealer, metrics, spacing):
                # nobody waits for a finding: doses on their way come first
                pause = _RESTS_PER_WORK * (time.monotonic() - began)
        except Exception as error:
            if not is_transient(error):
                raise
            _log.warning("histories_wait", error=type(error).__name__)
        await rest(stop, pause)


async def look(db: Database, sealer: Sealer, metrics: Metrics, spacing: Spacing) -> bool:
    """Looks at the oldest news, in one transaction; False where there was none."""
    async with db.begin() as tx:
        news = await store.take_news(tx)
        if news is None:
            return False
        numbers = await _typed_numbers(tx, sealer, news.unconfirmed) if news.unconfirmed else set()
        found = _contradictions(await store.neighbours(tx, news.persons, spacing), spacing)
        found += _crowds(sealer, await store.crowded(tx, numbers | news.persons))
        await store.add_findings(tx, sorted(found))
    for code, *_ in found:
        metrics.count("findings", code)
    return True


async def _typed_numbers(tx: Transaction, sealer: Sealer, dose_ids: set[int]) -> set[int]:
    """Keeps the typed numbers of doses whose person was not confirmed."""
    typed = [
        (row.id, row.version, number_key(person_of(sealer, row)["personal_id"]))
        for row in await store.typed_persons(tx, dose_ids)
    ]
    rows = [
        (dose_id, version, person_key(sealer, number))
        for dose_id, version, number in typed
        if number
    ]
    await store.note_numbers(tx, sorted(rows))
    return {number for *_, number in rows}


def _contradictions(pairs: list[Any], spacing: Spacing) -> list[Found]:
    return [
        (code, *_side(pair), *_side(pair,
        "b_")) for pair in pairs for code in contradictions(_given(pair), _given(pair, "b_"),
        spacing)
    ]  # fmt: skip


def _given(row: Any, prefix: str = "") -> HistoryDose:
    return HistoryDose(
        *(
            getattr(row, prefix + name)
            for name in ("id", "facility_code", "product", "dose_number", "dose_kind", "date_given")
        )
    )


def _side(row: Any, prefix: str = "") -> tuple[int, int, str, str]:
    dose_id, version, facility, residence = (
        getattr(row, prefix + name) for name in ("id", "version", "facility_code", "residence")
    )
    return dose_id, version, facility, residence


def _crowds(sealer: Sealer, rows: list[Any]) -> list[Found]:
    """Each dose of a number on too many names, beside the number's first dose."""
    found: list[Found] = []
    for _, group in groupby(rows, key=lambda row: row.number):
        first, *others = group
        if (
            different_names(person_of(sealer, row)["full_name"] for row in (first, *others))
            >= MANY_NAMES
        ):
            found += [(Code.ONE_ID_MANY_NAMES, *_side(row), *_side(first)) for row in others]
    return found
