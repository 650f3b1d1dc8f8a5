"""A list that is sent again in any other form changes nothing: encodings, headers, order, dates,
kinds of file, drawn at once.
"""

from collections.abc import Sequence
from random import Random

import pytest

from contracts.access import Role
from services.records.domain.dose import Raw
from tests.integration.records.conftest import Records
from tests.support.any_form import TELLING, sample, written
from tests.support.files import csv_file


def drawn(rng: Random, count: int) -> list[Raw]:
    """Rows of the sample, of which the first tells the encoding."""
    raws = rng.sample(sample(), count)
    raws[0] = raws[0]._replace(full_name=TELLING)
    return raws


@pytest.mark.parametrize("seed", range(4))
async def test_a_list_that_is_sent_again_in_any_form_is_unchanged(
    records: Records, seed: int
) -> None:
    rng = Random(seed)
    raws = drawn(rng, 60)
    caller = records.caller(Role.SERVICE)
    first = await caller.upload(csv_file(raws))
    assert (first["accepted"], first["rejected"]) == (60, 0)
    versions = await versions_of(records)
    for _ in range(12):
        form = written(rng, rng.sample(raws[1:], 20) + raws[:1])
        again = await caller.upload(form.body, form.media_type)
        assert (again["received"], again["unchanged"], again["rejected"]) == (21, 21, 0), form.made
    assert await versions_of(records) == versions


async def test_a_correction_in_any_form_is_one(records: Records) -> None:
    rng = Random(5)
    raws = drawn(rng, 20)
    caller = records.caller(Role.SERVICE)
    await caller.upload(csv_file(raws))
    for number in range(12):
        raws[3] = raws[3]._replace(lot=f"NEW{number}")
        form = written(rng, raws)
        again = await caller.upload(form.body, form.media_type)
        assert (again["corrected"], again["unchanged"]) == (1, 19), form.made


async def versions_of(records: Records) -> Sequence[object]:
    """Ids and versions of all doses."""
    async with records.context.db.begin() as tx:
        return [
            tuple(row)
            for row in await tx.raw.fetch("SELECT id, version, digest FROM dose ORDER BY id")
        ]
