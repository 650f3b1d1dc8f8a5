"""The dose file of a population as facilities typed it, row by row with the truth: who is meant,
what went wrong, what is expected.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import accumulate
from random import Random
from typing import NamedTuple

import numpy as np

from deploy.sample.courses import Dose, course, lengths
from deploy.sample.mix import CASES, CLASSES, REGISTERED_AS_DECEASED, Case
from deploy.sample.population import Population, Registered
from deploy.sample.typing_errors import Typed

COLUMNS = (
    "Mã bản ghi", "Họ và tên", "Ngày sinh", "Giới tính", "Số CMND/CCCD/HC", "Số điện thoại",
    "Quốc tịch", "Mã tỉnh", "Mã huyện", "Mã xã",
    "Mũi tiêm thứ", "Loại liều", "Tên vắc xin", "Số lô", "Ngày tiêm", "Mã cơ sở tiêm",
)  # fmt: skip

_PORTION = 20_000
_FACILITIES = 30
_SEX = {"male": "Nam", "female": "Nữ"}
_FOREIGN = "foreign"
_DECEASED = "id_right_other_wrong"
_FOREIGNERS = {
    "Hàn Quốc": ("Kim", "Lee", "Park", "Choi"), "Nhật Bản": ("Tanaka", "Sato", "Suzuki", "Ito"),
    "Trung Quốc": ("Wang", "Li", "Zhang", "Chen"), "Hoa Kỳ": ("Smith", "Johnson", "Brown",
    "Miller"),
    "Pháp": ("Martin", "Bernard", "Dubois", "Moreau"), "Ấn Độ": ("Sharma", "Patel", "Singh", "Rao"),
}  # fmt: skip
_FOREIGN_GIVEN = {
    "Hàn Quốc": ("Min-jun", "Ji-woo", "Seo-yeon"), "Nhật Bản": ("Yuki", "Haruto", "Aoi"),
    "Trung Quốc": ("Wei", "Jing", "Hao"),
    "Hoa Kỳ": ("John", "Emily", "Daniel"), "Pháp": ("Camille", "Hugo", "Chloé"), "Ấn Độ": ("Arjun",
    "Priya", "Anil"),
}  # fmt: skip
_FAMILY_LAST = frozenset({"Hoa Kỳ", "Pháp", "Ấn Độ"})


class Truth(NamedTuple):
    """One row of truth.csv; `true_personal_id` is empty where the person is in no registry."""

    source_id: str
    error_class: str
    error: str
    true_personal_id: str
    expect: str


class Draw:
    """Classes and cases in their shares."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        domestic = {name: share for name, share in CLASSES.items() if name != _FOREIGN}
        self._classes, self._shares = list(domestic), list(accumulate(domestic.values()))
        self._weights = {
            name: list(accumulate(case.weight for case in cases)) for name, cases in CASES.items()
        }

    def happen(self, right: Typed) -> tuple[str, Case, Typed]:
        """What is typed of one dose: class, case and the person as typed; a case that cannot happen
        to this person gives way to another.
        """
        name = self._rng.choices(self._classes, cum_weights=self._shares)[0]
        while True:
            case = self._rng.choices(CASES[name], cum_weights=self._weights[name])[0]
            typed = replace(right)
            if case.happen(typed):
                return name, case, typed


def typed_doses(
    everyone: Population, seed: int, wanted: int
) -> Iterator[tuple[tuple[str, ...], Truth]]:
    """Rows of the dose file with their truth, in the order of the people; fewer than `wanted` where
    the people cannot have so many.
    """
    rng = Random(seed)
    draw = Draw(rng)
    count = lengths(np.random.default_rng([seed, 1]), everyone.birth, wanted)
    foreign = CLASSES[_FOREIGN] / sum(CLASSES.values())
    number = 0
    for start in range(0, len(everyone), _PORTION):
        part = slice(start, start + _PORTION)
        rows = zip(
            everyone.people(*part.indices(len(everyone))[:2]),
            everyone.birth[part].tolist(),
            count[part].tolist(),
            strict=True,
        )
        for row, (person, birth, given) in enumerate(rows, start):
            if not given:
                continue
            doses = course(rng, birth, given)
            right = (
                _foreigner(rng, everyone, row, person, birth)
                if rng.random() < foreign
                else _resident(rng, everyone, row, person)
            )
            for dose in doses:
                number += 1
                facility = f"{person.province_code}{1 + int(rng.random() * _FACILITIES):03}"
                name, case, typed = _outcome(draw, right)
                source_id = f"{facility}-{number:07}"
                yield (
                    _row(source_id, facility, typed, dose),
                    Truth(source_id, name, case.error, typed.true_id, case.expect),
                )


def _outcome(draw: Draw, right: Typed) -> tuple[str, Case, Typed]:
    if not right.true_id:
        return _FOREIGN, CASES[_FOREIGN][0], right
    # typed faultlessly, so that the death is the one thing that speaks against it
    if right.person.status == "died":
        return _DECEASED, REGISTERED_AS_DECEASED, right
    return draw.happen(right)


def _resident(rng: Random, everyone: Population, row: int, person: Registered) -> Typed:
    born = person.date_of_birth
    birth = f"{born[8:]}/{born[5:7]}/{born[:4]}" if len(born) == 10 else born
    name, number = person.full_name, person.personal_id
    return Typed(
        rng,
        everyone,
        row,
        person,
        _phone(rng),
        name,
        birth,
        _SEX[person.sex],
        number,
        true_id=number,
    )


def _foreigner(
    rng: Random, everyone: Population, row: int, neighbour: Registered, birth: date
) -> Typed:
    """Somebody of the neighbour's commune, sex and age, under a passport number."""
    nationality = rng.choice(list(_FOREIGNERS))
    family, given = rng.choice(_FOREIGNERS[nationality]), rng.choice(_FOREIGN_GIVEN[nationality])
    name = f"{given} {family}" if nationality in _FAMILY_LAST else f"{family} {given}"
    passport = f"{rng.choice('CEMPX')}{rng.randrange(10**7, 10**8)}"
    born = birth.strftime("%d/%m/%Y")
    return Typed(
        rng,
        everyone,
        row,
        neighbour,
        _phone(rng),
        name,
        born,
        _SEX[neighbour.sex],
        passport,
        true_id="",
        nationality=nationality,
    )


def _phone(rng: Random) -> str:
    return f"09{int(rng.random() * 10**8):08}"


def _row(source_id: str, facility: str, typed: Typed, dose: Dose) -> tuple[str, ...]:
    person = typed.person
    return (
        source_id, typed.name, typed.birth, typed.sex, typed.number, typed.phone, typed.nationality,
        person.province_code, person.district_code, person.commune_code,
        str(dose.number), dose.kind, dose.product, dose.lot, dose.day, facility,
    )  # fmt: skip
