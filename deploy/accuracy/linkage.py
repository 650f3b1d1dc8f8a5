"""The same rows by other means: equality of the four fields, as in 2022, and a general
record-linkage library (Splink, on DuckDB).
"""

import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple

from contracts.events import Person as Typed
from contracts.registry import Person
from contracts.words import ELIGIBLE_GRADES
from deploy.accuracy.measure import settle
from deploy.accuracy.registry import Registry
from deploy.accuracy.sample import Truth

INSTALL = (
    "The comparison with Splink is left out: `pip install 'hochieu[bench]'` (splink, DuckDB,"
    " pyarrow: MIT and Apache-2.0) brings it."
)
PROBABILITIES = (0.99, 0.9999, 0.999999)
"""From here on Splink's best match is taken as the person: the usual bound, and two that are more
careful.
"""
_FIELDS = ("personal_id", "full_name", "date_of_birth", "sex", "commune_code")
Doses = Sequence[tuple[Typed, Truth]]


class Linked(NamedTuple):
    """What one way of matching made of all residents' rows; `unheld`: of those made eligible, rows
    that were to be left to people.
    """

    way: str
    right: int
    wrong_person: int
    unheld: int
    left: int
    seconds: float


def compare(doses: Doses, people: Sequence[Person], registry: Registry) -> list[Linked]:
    """All ways, on the residents' rows; foreigners are in no registry. Without Splink installed,
    the ways without it.
    """
    residents = [(typed, truth) for typed, truth in doses if truth.expect != "exempt"]
    ways = [
        _counted(
            "the four fields equal (2022)", residents, *_four_fields(residents, registry.by_number)
        ),
        _counted("this project", residents, *_project(residents, registry)),
    ]
    try:
        best, seconds = _splink(residents, people)
    except ImportError:
        return ways
    for bound in PROBABILITIES:
        matched = [
            likeliest[1] if likeliest and likeliest[0] >= bound else None for likeliest in best
        ]
        ways.append(_counted(f"Splink from {bound:.10g}", residents, matched, seconds))
    return ways


def _counted(way: str, doses: Doses, matched: Sequence[str | None], seconds: float) -> Linked:
    """`matched`: for each row the number of the person it was taken for, None where it was left."""
    right = wrong = unheld = 0
    for (_, truth), number in zip(doses, matched, strict=True):
        right += number is not None and number == truth.true_id
        wrong += number is not None and number != truth.true_id
        unheld += number is not None and truth.expect == "people"
    return Linked(way, right, wrong, unheld, len(doses) - right - wrong, seconds)


def _four_fields(
    doses: Doses, known: Mapping[str, Sequence[Person]]
) -> tuple[list[str | None], float]:
    before = time.thread_time()
    matched: list[str | None] = []
    for typed, _ in doses:
        same = [
            one
            for one in known.get(typed.personal_id, ())
            if (typed.personal_id, typed.full_name, typed.date_of_birth, typed.sex)
            == (one.personal_id, one.full_name, one.date_of_birth, one.sex)
        ]
        matched.append(same[0].personal_id if same else None)
    return matched, time.thread_time() - before


def _project(doses: Doses, registry: Registry) -> tuple[list[str | None], float]:
    before = time.thread_time()
    decisions = [settle(typed, registry)[0] for typed, _ in doses]
    seconds = time.thread_time() - before
    return [
        one.person.personal_id if one.grade in ELIGIBLE_GRADES and one.person else None
        for one in decisions
    ], seconds


def _splink(doses: Doses, people: Sequence[Person]) -> tuple[list[tuple[float, str] | None], float]:
    """For each row the likeliest person with the probability. Untaught: Splink learns its weights
    from the data themselves.

    Seconds of all cores' work, learning and finding candidates included.
    """
    splink, levels, arrow = (
        import_module(name) for name in ("splink", "splink.comparison_library", "pyarrow")
    )
    block_on = splink.block_on
    before = time.process_time()
    db = splink.DuckDBAPI()

    def table(rows: Sequence[Typed] | Sequence[Person], keys: Sequence[str]) -> Any:
        columns = {field: [getattr(row, field) or None for row in rows] for field in _FIELDS}
        return arrow.table({"unique_id": keys, **columns})

    settings = splink.SettingsCreator(
        link_type="link_only",
        comparisons=[
            levels.DamerauLevenshteinAtThresholds("personal_id", [1, 2]),
            levels.NameComparison("full_name"),
            levels.DamerauLevenshteinAtThresholds("date_of_birth", [1, 2]),
            levels.ExactMatch("sex"),
            levels.ExactMatch("commune_code"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("personal_id"),
            block_on("full_name", "date_of_birth"),
            block_on("date_of_birth", "commune_code"),
            block_on("full_name", "commune_code"),
        ],
        probability_two_random_records_match=1 / len(people),
    )
    typed = db.register(
        table([one for one, _ in doses], list(map(str, range(len(doses))))),
        dataset_display_name="a_typed",
    )
    registered = db.register(
        table(people, [one.personal_id for one in people]), dataset_display_name="b_registered"
    )
    linker = splink.Linker([typed, registered], settings, log_level="ERROR")
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("personal_id"))
    linker.training.estimate_parameters_using_expectation_maximisation(
        block_on("date_of_birth", "commune_code")
    )
    pairs = linker.inference.predict(threshold_match_probability=PROBABILITIES[0]).as_record_list()
    best: dict[int, tuple[float, str]] = {}
    for pair in pairs:
        row, likely = int(pair["unique_id_l"]), (pair["match_probability"], pair["unique_id_r"])
        best[row] = max(best.get(row, likely), likely)
    return [best.get(row) for row in range(len(doses))], time.process_time() - before
