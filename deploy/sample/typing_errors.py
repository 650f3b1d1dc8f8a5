"""What typing does to the other fields of a person: number, birth date, sex. False: this cannot
happen to this person.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from deploy.sample import encodings, spelling
from deploy.sample.numbers import UNREGISTERED_CARDS
from deploy.sample.population import Population, Registered
from deploy.sample.spelling import Slip

_FILLERS = (
    "000000000000",
    "123456789",
    "111111111111",
    "không có",
    "khong co",
    "-",
    "0",
    "chưa có",
    "x",
)
_INSURANCE = ("DN", "HS", "GD", "TE", "HT", "CH")
_ADULT = 18 * 366


@dataclass(slots=True)
class Typed:
    """What the facility types of one person, on the way to being wrong; `true_id` is empty where
    the person is in no registry.
    """

    rng: Random
    everyone: Population
    row: int
    person: Registered
    phone: str
    name: str
    birth: str
    sex: str
    number: str
    true_id: str
    nationality: str = "Việt Nam"

    def is_free(self, number: str) -> bool:
        """Whether nobody has this personal number."""
        return int(number) not in self.everyone.taken

    def of(self, row: int) -> bool:
        """Types another person's number."""
        self.number = self.everyone.person(row).personal_id
        return row != self.row


Error = Callable[[Typed], bool]


def name_is(slip: Slip, *, of_twins: bool = False) -> Error:
    """An error of the name; a twin's misspelt name may be the other twin's, so that twins have none
    unless it changes no sign of it.
    """

    def happen(typed: Typed) -> bool:
        if not of_twins and typed.everyone.twin[typed.row] >= 0:
            return False
        new = slip(typed.rng, typed.name)
        typed.name = new or typed.name
        return new is not None

    return happen


def encoded(encode: Callable[[str], str]) -> Error:
    """The name as an old system wrote it."""
    return name_is(lambda _, name: new if (new := encode(name)) != name else None, of_twins=True)


tcvn3, vni, viqr, mojibake = map(
    encoded, (encodings.tcvn3, encodings.vni, encodings.viqr, encodings.utf8_as_cp1252)
)


def nothing(_: Typed) -> bool:
    return True


# the birth date


def day_month_swapped(typed: Typed) -> bool:
    day, month, year = typed.birth[:2], typed.birth[3:5], typed.birth[6:]
    typed.birth = f"{month}/{day}/{year}"
    return bool(year) and day <= "12" and day != month


def accents_and_swapped_date(typed: Typed) -> bool:
    return day_month_swapped(typed) and name_is(spelling.no_accents)(typed)


def year_only_as_first_of_january(typed: Typed) -> bool:
    typed.birth = f"01/01/{typed.birth}"
    return len(typed.birth) == 10


def birth_year_typo(typed: Typed) -> bool:
    year = int(typed.birth[-4:])
    wrong = (
        year + typed.rng.choice((-1, 1))
        if typed.rng.random() < 0.6
        else year + typed.rng.choice((-10, 10, -2, 3))
    )
    typed.birth = f"{typed.birth[:-4]}{wrong}"
    return 1900 < wrong < 2018


def date_digit_wrong(typed: Typed) -> bool:
    if len(typed.birth) != 10:
        return False
    day = (int(typed.birth[:2]) + typed.rng.choice((1, 2, 9, 10, 18))) % 28 + 1
    typed.birth = f"{day:02}{typed.birth[2:]}"
    return day != int(typed.person.date_of_birth[8:])


def date_impossible(typed: Typed) -> bool:
    typed.birth = (
        typed.rng.choice(("30/02", "31/04", "31/06", "29/02"))
        + f"/{int(typed.birth[-4:]) // 4 * 4 + 1}"
    )
    return len(typed.person.date_of_birth) == 10


def year_only_typed(typed: Typed) -> bool:
    typed.birth = typed.birth[6:]
    return bool(typed.birth)


def wrong_sex(typed: Typed) -> bool:
    typed.sex = "Nam" if typed.sex == "Nữ" else "Nữ"
    return True


# the number is right, but somebody else's


def strangers_number(typed: Typed) -> bool:
    row = typed.rng.randrange(len(typed.everyone))
    return typed.everyone.household[row] != typed.everyone.household[typed.row] and typed.of(row)


def relatives_number(typed: Typed) -> bool:
    """A parent's number for a child."""
    birth = typed.everyone.birth
    grown = [
        row
        for row in typed.everyone.relatives(typed.row)
        if (birth[typed.row] - birth[row]).astype(int) > _ADULT
    ]
    return bool(grown) and typed.of(typed.rng.choice(grown))


def twins_number(typed: Typed) -> bool:
    """The twin's number; not of twins who have one name, birth date and sex: the row would be the
    twin's own.
    """
    twin = int(typed.everyone.twin[typed.row])
    if twin < 0:
        return False
    own, other = typed.person, typed.everyone.person(twin)
    alike = (own.full_name, own.date_of_birth, own.sex) == (
        other.full_name,
        other.date_of_birth,
        other.sex,
    )
    return not alike and typed.of(twin)


def twins_number_and_commune(typed: Typed) -> bool:
    """The twin's number, at the twin's clinic, which types its own commune."""
    if not twins_number(typed):
        return False
    twin = typed.everyone.person(int(typed.everyone.twin[typed.row]))
    alike = twin.commune_code == typed.person.commune_code
    typed.person = typed.person._replace(
        district_code=twin.district_code, commune_code=twin.commune_code
    )
    return not alike


def neighbours_number(typed: Typed) -> bool:
    """One digit wrong, and the number is registered for a stranger of the same sex and birth
    year.
    """
    near = int(typed.everyone.near[typed.row])
    return near >= 0 and typed.of(near)


# the number is wrong


def missing(typed: Typed) -> bool:
    typed.number = ""
    return True


def leading_zero_lost(typed: Typed) -> bool:
    typed.number = typed.number.lstrip("0")
    return True


def old_number(typed: Typed) -> bool:
    row = typed.row
    if not typed.everyone.card[row] or typed.everyone.shares_card[row]:
        return False
    typed.number = f"{typed.everyone.card[row]:09}"
    return True


def old_number_issued_twice(typed: Typed) -> bool:
    if not typed.everyone.shares_card[typed.row]:
        return False
    typed.number = f"{typed.everyone.card[typed.row]:09}"
    return True


def old_number_unknown(typed: Typed) -> bool:
    typed.number = str(typed.rng.randrange(*UNREGISTERED_CARDS))
    return typed.person.date_of_birth < "2005" and not typed.everyone.card[typed.row]


def superseded_number(typed: Typed) -> bool:
    old = int(typed.everyone.superseded[typed.row])
    typed.number = f"{old:012}"
    return old > 0


def digit_wrong(typed: Typed) -> bool:
    at = typed.rng.randrange(6, 12) if typed.rng.random() < 0.8 else typed.rng.randrange(3, 6)
    digit = (int(typed.number[at]) + typed.rng.randrange(1, 10)) % 10
    typed.number = f"{typed.number[:at]}{digit}{typed.number[at + 1 :]}"
    return typed.is_free(typed.number)


def digits_transposed(typed: Typed) -> bool:
    at, number = typed.rng.randrange(3, 11), typed.number
    typed.number = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    return typed.number != number and typed.is_free(typed.number)


def digit_missing(typed: Typed) -> bool:
    at = typed.rng.randrange(1, 12)
    typed.number = typed.number[:at] + typed.number[at + 1 :]
    return True


def digit_extra(typed: Typed) -> bool:
    at = typed.rng.randrange(3, 13)
    typed.number = f"{typed.number[:at]}{typed.rng.randrange(10)}{typed.number[at:]}"
    return True


def not_in_registry(typed: Typed) -> bool:
    """Somebody whom no registry knows, under a number that is well formed and nobody's."""
    rng, everyone = typed.rng, typed.everyone
    same_sex = [
        row
        for row in (rng.randrange(len(everyone)) for _ in range(12))
        if everyone.female[row] == everyone.female[typed.row]
    ]
    if len(same_sex) < 3:
        return False
    typed.name = (
        f"{everyone.person(same_sex[0]).full_name.split(' ')[0]}"
        f" {everyone.person(same_sex[1]).full_name.split(' ', 1)[-1]}"
    )
    typed.name += f" {everyone.person(same_sex[2]).full_name.split(' ')[-1]}"
    typed.birth = f"{rng.randrange(1, 29):02}/{rng.randrange(1, 13):02}/{typed.birth[-4:]}"
    typed.number = f"{typed.number[:6]}{rng.randrange(1_000_000):06}"
    typed.true_id = ""
    return typed.is_free(typed.number)


def phone_in_field(typed: Typed) -> bool:
    typed.number = typed.phone
    return True


def insurance_number(typed: Typed) -> bool:
    typed.number = f"{typed.rng.choice(_INSURANCE)}{typed.rng.randrange(4 * 10**12, 5 * 10**12)}"
    return True


def scientific(typed: Typed) -> bool:
    typed.number = f"{int(typed.number):.5E}".replace(".", typed.rng.choice(".,"))
    return True


def punctuated(typed: Typed) -> bool:
    number, form = typed.number, typed.rng.randrange(4)
    groups = [number[:3], number[3:6], number[6:9], number[9:]]
    typed.number = (
        " ".join(groups),
        ".".join(groups),
        f"{groups[0]} {groups[1]} {groups[2]}.{groups[3]}",
        f"'{number}",
    )[form]
    return True


def filler(typed: Typed) -> bool:
    typed.number = typed.rng.choice(_FILLERS)
    return True
