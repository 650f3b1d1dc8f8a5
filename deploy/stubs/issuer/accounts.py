"""The accounts of the local provider: one a role and area, where the people of this run have work
for them.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from contracts.access import Role

_LOOKED_AT: Final = 200_000
"""Rows of a file; whoever gives a country waits for no census of it."""
_CITIZENS: Final = 2
_NEEDS_PEOPLE: Final = frozenset({"suggest", "people", "either"})
_PLACE: Final = ("79", "79792", "7979224784")
_FACILITY: Final = "79002"


@dataclass(frozen=True, slots=True)
class Account:
    """Who may be chosen: an id that is its subject too, words for whom it is, and its claims."""

    id: str
    group_vi: str
    group_en: str
    vi: str
    en: str
    claims: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the people of this run have most to do; citizens: numbers of made-up people who have a
    passport.
    """

    province: str
    district: str
    commune: str
    facility: str
    citizens: tuple[tuple[str, str], ...] = ()


def places_of(people: Path | None) -> Places:
    """The places of a file of people, by the made-up doses beside it where there are some."""
    if people is None or not people.exists():
        return Places(*_PLACE, _FACILITY)
    truth = people.with_name("truth.csv")
    if truth.exists():
        return _of_sample(people.parent)
    return _most(
        (row.get("province_code", ""), row.get("district_code", ""), row.get("commune_code", ""))
        for row in _rows(people)
    )


def accounts(places: Places) -> list[Account]:
    """Everybody who may sign in."""

    def one(
        id: str, group: tuple[str, str], vi: str, en: str, role: Role, **claims: Any
    ) -> Account:
        return Account(id, *group, vi, en, {"roles": [role.value], **claims})

    health = ("Y tế", "Health")
    police = ("Công an", "Police")
    above = ("Quản lý", "Government")
    district, commune = places.district, places.commune
    short = commune.removeprefix(district)
    found = [
        one(
            "facility", health,
            f"Cơ sở tiêm {places.facility}: nạp tệp, theo dõi mũi tiêm của mình",
            f"Facility {places.facility}: uploads files, follows its own doses",
            Role.FACILITY, facility=places.facility,
        ),
        one(
            "station", health,
            f"Trạm Y tế, huyện {district[2:]}: sửa các dòng sai của người dân trong huyện",
            f"Health station, district {district[2:]}: corrects its residents' wrong rows",
            Role.STATION, areas=[district],
        ),
        one(
            "station-commune", health,
            f"Trạm Y tế xã {short}: chỉ người dân của một xã",
            f"Commune station {short}: the residents of one commune alone",
            Role.STATION, areas=[commune],
        ),
        one(
            "police", police,
            f"Công an, huyện {district[2:]}: cán bộ thứ nhất",
            f"Police, district {district[2:]}: the first officer",
            Role.POLICE, areas=[district],
        ),
        one(
            "police-second", police,
            f"Công an, huyện {district[2:]}: cán bộ thứ hai, xác nhận việc của người thứ nhất",
            f"Police, district {district[2:]}: the second officer, who confirms",
            Role.POLICE, areas=[district],
        ),
        one(
            "province", above,
            f"Sở Y tế, tỉnh {places.province}: tiến độ của tỉnh",
            f"Province {places.province}: its progress",
            Role.PROVINCE, areas=[places.province],
        ),
        one(
            "ministry", above, "Bộ Y tế: cả nước", "Ministry of Health: the country",
            Role.MINISTRY,
        ),
    ]  # fmt: skip
    citizens = ("Người dân", "Citizens")
    for number, (personal_id, name) in enumerate(places.citizens, 1):
        vi, en = f"{name} (người được tạo ra)", f"{name} (a made-up person)"
        found.append(
            one(f"citizen-{number}", citizens, vi, en, Role.CITIZEN, personal_id=personal_id)
        )
    return found


def _of_sample(folder: Path) -> Places:
    """Where most rows of a made-up sample wait for people, and who has a passport there."""
    typed = {row["Mã bản ghi"]: row for row in _rows(folder / "doses.csv")}
    waiting, right = [], []
    for truth in _rows(folder / "truth.csv"):
        row = typed.get(truth["source_id"])
        if row is not None and truth["expect"] in _NEEDS_PEOPLE:
            waiting.append(row)
        elif row is not None and truth["class"] == "verified_ok":
            right.append((truth["true_personal_id"], row["Mã cơ sở tiêm"]))
    places = _most((row["Mã tỉnh"], row["Mã huyện"], row["Mã xã"]) for row in waiting)
    facilities = Counter(
        row["Mã cơ sở tiêm"] for row in waiting if row["Mã cơ sở tiêm"].startswith(places.province)
    )
    facility = facilities.most_common(1)[0][0] if facilities else places.facility
    chosen = list(
        dict.fromkeys(number for number, where in right if where.startswith(places.province))
    )
    names = {row["personal_id"]: row["full_name"] for row in _rows(folder / "people.csv")}
    citizens = ((number, names[number]) for number in chosen if number in names)
    return Places(
        places.province,
        places.district,
        places.commune,
        facility,
        tuple(islice(citizens, _CITIZENS)),
    )


def _most(homes: Iterable[tuple[str, str, str]]) -> Places:
    """The district with most of these homes, and the commune with most of them in it."""
    counted = Counter("".join(home) for home in homes if len("".join(home)) == 10)
    districts: Counter[str] = Counter()
    for commune, many in counted.items():
        districts[commune[:5]] += many
    if not districts:
        return Places(*_PLACE, _FACILITY)
    district = districts.most_common(1)[0][0]
    commune = next(code for code, _ in counted.most_common() if code.startswith(district))
    return Places(district[:2], district, commune, f"{district[:2]}002")


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        yield from islice(csv.DictReader(lines), _LOOKED_AT)
