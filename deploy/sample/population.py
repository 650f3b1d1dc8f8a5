"""A made-up population from a seed: households with parents, children and twins, numbers that agree
with birth and sex, old cards.

Columns, not objects, so that four million people are made in seconds; a person is put together when
asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache, cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from deploy.sample import numbers, places
from deploy.sample.names import FORMS, Indexes, names

# per 1,000 households: father F, mother M, children C, twins T and U, a grandparent E, somebody
# alone S
_HOUSEHOLDS = {
    "S": 200,
    "FM": 160,
    "FMC": 190,
    "FMCC": 250,
    "MC": 45,
    "FMCCE": 80,
    "FMCCC": 35,
    "FMTU": 9,
    "E": 31,
}

SAME_NUMBER = 0.002  # share of old cards whose number somebody else's card has too
_ONE_DIGIT_APART = (
    0.004  # of those who live alone: share whose personal number is one digit off another's
)
_TWINS_APART = 0.4  # share of twins of whom one has moved to another commune of the district
_SUPERSEDED = 0.01
_DIED = 0.004
_MOVED = (
    0.12  # share of people who live in another province than the one that registered their birth
)
_CARD_LINKED = 0.78
_YEAR_ONLY_BEFORE, _YEAR_ONLY = 1975, 0.09
_LAST_BIRTH = np.datetime64("2021-11-30")
_CARD_UNTIL = 2004  # who was born later got a personal number at once


class Registered(NamedTuple):
    """A person as the registry has them; the names are those of `people.csv`."""

    personal_id: str
    old_ids: tuple[str, ...]
    full_name: str
    date_of_birth: str
    sex: str
    nationality: str
    province_code: str
    district_code: str
    commune_code: str
    status: str


@dataclass(frozen=True, slots=True)
class _Homes:
    """Who lives with whom: per person the household, the role in it, and the position of the
    household's first person.
    """

    number: NDArray[np.int64]
    role: NDArray[np.uint8]
    first: NDArray[np.int64]


@dataclass(frozen=True)
class Population:
    """Everyone, in columns. `twin` and `near` are rows (-1: none); `near` is a stranger whose
    number was planned to be one digit off.
    """

    number: NDArray[np.int64]
    card: NDArray[np.int64]
    superseded: NDArray[np.int64]
    name: Indexes
    birth: NDArray[np.datetime64]
    year_only: NDArray[np.bool_]
    female: NDArray[np.bool_]
    province: NDArray[np.uint8]
    district: NDArray[np.uint8]
    commune: NDArray[np.uint8]
    died: NDArray[np.bool_]
    household: NDArray[np.int64]
    twin: NDArray[np.int64]
    near: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.number)

    @cached_property
    def taken(self) -> set[int]:
        """Every personal and superseded number."""
        return {*self.number.tolist(), *self.superseded[self.superseded > 0].tolist()}

    @cached_property
    def shares_card(self) -> NDArray[np.bool_]:
        """Whose card's number is on another card too."""
        _, back, counts = np.unique(self.card, return_inverse=True, return_counts=True)
        return (self.card > 0) & (counts[back] > 1)

    def relatives(self, row: int) -> list[int]:
        """The others of one household."""
        first, last = np.searchsorted(
            self.household, [self.household[row], self.household[row] + 1]
        )
        return [other for other in range(int(first), int(last)) if other != row]

    def part(self, start: int, stop: int) -> "Population":
        """Some rows as a population of their own, small enough to be sent to another process; they
        still point at rows of the whole.
        """
        return Population(
            **{field.name: getattr(self, field.name)[start:stop] for field in fields(self)}
        )

    def person(self, row: int) -> Registered:
        """One person."""
        return next(self.people(row, row + 1))

    def people(self, start: int = 0, stop: int | None = None) -> Iterator[Registered]:
        """The people of some rows, in order."""
        part = slice(start, len(self) if stop is None else stop)
        pieces = names().pieces
        columns: tuple[list[Any], ...] = (
            self.number[part].tolist(),
            self.card[part].tolist(),
            self.superseded[part].tolist(),
            self.name[part].tolist(),
            np.datetime_as_string(self.birth[part]).tolist(),
            self.year_only[part].tolist(),
            self.female[part].tolist(),
            self.province[part].tolist(),
            self.district[part].tolist(),
            self.commune[part].tolist(),
            self.died[part].tolist(),
        )
        districts, communes = _codes()
        for number, card, superseded, (
            one,
            two,
            three,
        ), birth, year_only, female, province, district, commune, died in zip(
            *columns, strict=True
        ):
            old = (f"{card:09}",) if card else ()
            yield Registered(
                f"{number:012}",
                (*old, f"{superseded:012}") if superseded else old,
                (pieces[one] + pieces[two] + pieces[three]).rstrip(),
                birth[:4] if year_only else birth,
                "female" if female else "male",
                "VN",
                f"{province:02}",
                districts[province * places.DISTRICTS + district],
                communes[(province * places.DISTRICTS + district) * places.COMMUNES + commune],
                "died" if died else "alive",
            )


@cache
def _codes() -> tuple[list[str], list[str]]:
    """District and commune codes by their position in a flat table of 100 provinces."""
    pairs = [
        (province, district) for province in range(100) for district in range(places.DISTRICTS)
    ]
    districts = [places.district_code(*pair) for pair in pairs]
    return districts, [
        places.commune_code(*pair, commune) for pair in pairs for commune in range(places.COMMUNES)
    ]


def synthesise(count: int, seed: int) -> Population:
    """`count` people; the same seed gives the same people."""
    rng = np.random.default_rng(seed)
    homes = _homes(rng, count)
    province, district, commune = _residence(rng, homes)
    female = np.where(
        homes.role == ord("M"),
        True,
        np.where(homes.role == ord("F"), False, rng.random(count) < 0.5),
    )
    twin = np.full(count, -1, np.int64)
    second = np.flatnonzero(homes.role == ord("U"))
    twin[second], twin[second - 1] = second - 1, second
    alike = second[rng.random(len(second)) < 0.8]
    female[alike] = female[alike - 1]
    birth = _births(rng, homes)
    birth[second] = birth[second - 1]
    # by numbers of its own, so that all else stays what the seed made before
    moved = second[np.random.default_rng([seed, 2]).random(len(second)) < _TWINS_APART]
    commune[moved] = (commune[moved] + 1) % places.COMMUNES
    apart = _one_digit_apart(rng, homes, female, birth)
    year = birth.astype("datetime64[Y]").astype(np.int64) + 1970
    name = _names(rng, homes, province, female, year, second)
    from_province = np.where(
        (rng.random(count) < _MOVED) & (year < 2005), places.draw(rng, count), province
    )
    from_province[second], from_province[apart[1]] = (
        from_province[second - 1],
        from_province[apart[0]],
    )
    number = numbers.draw(rng, from_province, female, year)
    number = numbers.put_apart(
        rng, number, [(second[female[second] == female[second - 1]], -1), apart]
    )
    card = np.where(
        (year <= _CARD_UNTIL) & (rng.random(count) < _CARD_LINKED), numbers.cards(rng, count), 0
    )
    return Population(
        number=number,
        card=numbers.issue_twice(rng, card, SAME_NUMBER),
        superseded=numbers.superseded(rng, number, np.flatnonzero(rng.random(count) < _SUPERSEDED)),
        name=name,
        birth=birth,
        year_only=(year < _YEAR_ONLY_BEFORE) & (rng.random(count) < _YEAR_ONLY),
        female=female,
        province=province,
        district=district,
        commune=commune,
        died=(rng.random(count) < _DIED) & (year < 1990),
        household=homes.number,
        twin=twin,
        near=_pointing(count, apart),
    )


def _pointing(count: int, pairs: tuple[NDArray[np.int64], NDArray[np.int64]]) -> NDArray[np.int64]:
    one, other = pairs
    pointer = np.full(count, -1, np.int64)
    pointer[one], pointer[other] = other, one
    return pointer


def _homes(rng: np.random.Generator, count: int) -> _Homes:
    kinds = list(_HOUSEHOLDS)
    sizes = np.array([len(kind) for kind in kinds])
    shares = np.array(list(_HOUSEHOLDS.values())) / sum(_HOUSEHOLDS.values())
    enough = int(count / (sizes @ shares) * 1.05) + 50
    kind = rng.choice(len(kinds), enough, p=shares)
    size = sizes[kind]
    number = np.repeat(np.arange(enough), size)[:count]
    start = np.cumsum(size) - size
    first = start[number]
    flat = np.frombuffer("".join(kinds).encode(), np.uint8)
    where = np.cumsum(sizes) - sizes
    role = flat[where[kind[number]] + np.arange(count) - first]
    # the last household may be cut off in the middle of its twins
    role[-1:][role[-1:] == ord("T")] = ord("C")
    return _Homes(number, role, first)


def _residence(
    rng: np.random.Generator, homes: _Homes
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    count = int(homes.number[-1]) + 1
    province = places.draw(rng, count)
    district = rng.integers(0, places.DISTRICTS, count, np.uint8)
    commune = rng.integers(0, places.COMMUNES, count, np.uint8)
    return province[homes.number], district[homes.number], commune[homes.number]


def _births(rng: np.random.Generator, homes: _Homes) -> NDArray[np.datetime64]:
    """Birth dates: a household's by its mother's, somebody alone by the country's ages."""
    count = len(homes.number)
    mother = rng.triangular(1948, 1985, 1997, int(homes.number[-1]) + 1)[homes.number]
    year = mother.copy()
    for role, low, high in (
        ("F", -8.0, 2.0),
        ("C", 19.0, 36.0),
        ("T", 19.0, 36.0),
        ("E", -35.0, -20.0),
    ):
        here = homes.role == ord(role)
        year[here] += rng.uniform(low, high, int(here.sum()))
    lone = homes.role == ord("S")
    year[lone] = rng.triangular(1930, 1992, 2004, int(lone.sum()))
    birth = np.datetime64("1970-01-01") + ((year - 1970) * 365.2425).astype("timedelta64[D]")
    late = birth > _LAST_BIRTH
    birth[late] = _LAST_BIRTH - rng.integers(0, 365 * 14, count)[late].astype("timedelta64[D]")
    return np.maximum(birth, np.datetime64("1922-01-01"))


def _one_digit_apart(
    rng: np.random.Generator,
    homes: _Homes,
    female: NDArray[np.bool_],
    birth: NDArray[np.datetime64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of strangers whose numbers will differ by one digit: the second gets the first's sex
    and birth year.
    """
    lone = rng.permutation(np.flatnonzero(homes.role == ord("S")))
    pairs = max(1, int(len(lone) * _ONE_DIGIT_APART / 2)) if len(lone) > 1 else 0
    one, other = lone[:pairs], lone[pairs : 2 * pairs]
    female[other] = female[one]
    within = rng.integers(0, 365, pairs).astype("timedelta64[D]")
    birth[other] = birth[one].astype("datetime64[Y]").astype("datetime64[D]") + within
    return one, other


def _names(
    rng: np.random.Generator,
    homes: _Homes,
    province: NDArray[np.uint8],
    female: NDArray[np.bool_],
    year: NDArray[np.int64],
    second: NDArray[np.int64],
) -> Indexes:
    """Names: children have the family name of the household's first person, or its mother's clan;
    twins differ by a word or an accent.
    """
    order = list(FORMS)
    people = places.peoples(rng, province, order)[homes.first]
    drawn = names().draw(rng, people, female, year)
    young = np.isin(homes.role, np.frombuffer(b"CTU", np.uint8))
    mother = homes.first + (homes.role[homes.first] == ord("F"))
    for code, form in enumerate(FORMS.values()):
        here = young & (people == code)
        if form.family is not None:
            parent = homes.first if form.family == 0 else mother
            drawn[here, form.family] = drawn[parent[here], form.family]
    kinh = second[people[second] < 2]
    for sex, is_female in (("female", True), ("male", False)):
        both = kinh[(female[kinh] == is_female) & (female[kinh - 1] == is_female)]
        pair = names().twins[sex][rng.integers(0, len(names().twins[sex]), len(both))]
        drawn[both - 1, 2], drawn[both, 2] = pair[:, 0], pair[:, 1]
        drawn[both, 1] = drawn[both - 1, 1]
    return drawn
