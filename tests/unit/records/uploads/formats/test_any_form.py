"""Whatever form a list is sent in, it is the same doses: every form at once, each drawn beside the
others.
"""

from datetime import date
from random import Random

from hypothesis import given, note, settings
from hypothesis import strategies as st

from services.records.domain.dose import Raw, ValidDose
from services.records.domain.equivalence import encodings_of, says_the_same
from services.records.domain.parse_row import parse_row
from tests.support.any_form import TELLING, sample, written
from tests.support.files import CSV, csv_file, read

TODAY = date(2026, 1, 1)


async def doses(body: bytes, media_type: str) -> dict[str, tuple[ValidDose, Raw]]:
    """The doses of a file by record code, and their rows; each row is one."""
    raws = [row.raw for row in await read(body, media_type) if row.raw]
    found = [parse_row(raw, today=TODAY, facilities=None).dose for raw in raws]
    assert None not in found
    return {
        dose.source_id: (dose, raw)
        for dose, raw in zip(found, raws, strict=True)
        if dose is not None
    }


@given(
    st.lists(st.integers(0, len(sample()) - 1), min_size=1, max_size=12, unique=True),
    st.randoms(use_true_random=False),
)
@settings(max_examples=300, deadline=None)
async def test_a_list_in_any_form_is_the_same_doses(places: list[int], rng: Random) -> None:
    raws = [sample()[at] for at in places]
    raws[0] = raws[0]._replace(full_name=TELLING)
    right = await doses(csv_file(raws), CSV)
    form = written(rng, raws)
    note(form.made)
    found = await doses(form.body, form.media_type)
    assert found.keys() == right.keys()
    for code, (dose, _) in right.items():
        again, raw = found[code]
        assert again == dose or (
            not form.keeps_names and says_the_same(again, dose, encodings_of(raw))
        )
