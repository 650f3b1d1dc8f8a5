"""Searches histories for doses that contradict each other, a few seconds behind the events.

Persons with news are queued beside each status, and searched many at a time.
"""

import asyncio
import time
from itertools import groupby

from contracts.ids import DoseId
from services.chassis.db import Database, Transaction
from services.chassis.encryption import Sealer
from services.chassis.periodic import UnknownError, periodic
from services.chassis.telemetry import Metrics
from services.records.doses.versions import person_of
from services.records.histories.rules import (
    MANY_NAMES,
    Code,
    Spacing,
    contradictions,
    different_names,
)
from services.records.histories.store import search as store
from services.records.histories.store.search import (
    CrowdedDose,
    DosePair,
    FindingRow,
    PairedDose,
    TypedNumber,
)
from services.records.schema import PERSON_INDEX
from vietnamese.id_numbers import number_key

_REST_S = 2.0
_RESTS_PER_WORK = 19


async def search_forever(
    db: Database, sealer: Sealer, metrics: Metrics, spacing: Spacing, stop: asyncio.Event
) -> None:
    """Works the queue off until `stop` is set; a database that is away is waited for."""

    async def work() -> float | None:
        began = time.monotonic()
        if await search_queued(db, sealer, metrics, spacing):
            # nobody waits for a finding: doses on their way come first
            return _RESTS_PER_WORK * (time.monotonic() - began)
        return None

    await periodic("histories", work, stop, _REST_S, UnknownError.ENDS_THE_SERVICE)


async def search_queued(db: Database, sealer: Sealer, metrics: Metrics, spacing: Spacing) -> bool:
    """Searches the histories that were queued first, in one transaction; False where none was."""
    async with db.begin() as tx:
        news = await store.take_news(tx)
        if news is None:
            return False
        numbers = await _store_numbers(tx, sealer, news.unconfirmed) if news.unconfirmed else set()
        findings = _contradictions(await store.neighbours(tx, news.persons, spacing), spacing)
        findings += _crowds(sealer, await store.crowded(tx, numbers | news.persons))
        await store.add_findings(tx, sorted(findings))
    for finding in findings:
        metrics.count("findings", finding.kind)
    return True


async def _store_numbers(tx: Transaction, sealer: Sealer, dose_ids: set[DoseId]) -> set[int]:
    """Stores the typed numbers of doses whose person was not confirmed; answers their indexes."""
    rows = [
        TypedNumber(dose.id, dose.version, PERSON_INDEX.of(sealer, number))
        for dose in await store.typed_persons(tx, dose_ids)
        if (number := number_key(person_of(sealer, dose)["personal_id"]))
    ]
    await store.store_numbers(tx, sorted(rows))
    return {row.number for row in rows}


def _contradictions(pairs: list[DosePair], spacing: Spacing) -> list[FindingRow]:
    return [
        FindingRow(code, *_side(pair.later), *_side(pair.earlier))
        for pair in pairs
        for code in contradictions(pair.later.dose, pair.earlier.dose, spacing)
    ]


def _side(paired: PairedDose) -> tuple[DoseId, int, str, str]:
    dose = paired.dose
    return dose.dose_id, paired.version, dose.facility_code, paired.residence


def _crowds(sealer: Sealer, doses: list[CrowdedDose]) -> list[FindingRow]:
    """Each dose of a number that was typed for many names, beside the number's first dose."""
    findings: list[FindingRow] = []
    for _, group in groupby(doses, key=lambda dose: dose.number):
        first, *others = group
        names = (person_of(sealer, dose)["full_name"] for dose in (first, *others))
        if different_names(names) >= MANY_NAMES:
            findings += [_on_many_names(dose, first) for dose in others]
    return findings


def _on_many_names(dose: CrowdedDose, first: CrowdedDose) -> FindingRow:
    return FindingRow(
        Code.ONE_ID_MANY_NAMES,
        *(dose.id, dose.version, dose.facility_code, dose.residence),
        *(first.id, first.version, first.facility_code, first.residence),
    )
