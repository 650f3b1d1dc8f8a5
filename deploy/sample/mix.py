"""How often what goes wrong: the shares of the classes as published for 1 April 2022, of the errors
within them as assumed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from deploy.sample import spelling, typing_errors
from deploy.sample.typing_errors import Error, name_is

Expect = Literal["accept", "repair", "either", "suggest", "people", "exempt"]

CLASSES = {
    "verified_ok": 57.36,
    "id_right_other_wrong": 20.81,
    "id_wrong_or_illformed": 12.03 + 4.06 / 2,
    "id_missing": 4.21 + 4.06 / 2,
    "foreign": 1.52,
}
"""Per cent of the doses recorded. The 4.06 per cent whose missing number was supplemented and is to
be checked are split in halves.
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One error: its share of its class in per cent, and the share of people it can happen to,
    where that is not nearly everyone.
    """

    error: str
    expect: Expect
    share: float
    happen: Error
    possible: float = 1.0

    @property
    def weight(self) -> float:
        """How often it is tried: the rarer its people, the more, within limits."""
        return self.share / max(self.possible, 0.1)


def _same(slip: spelling.Slip) -> Error:
    return name_is(slip, of_twins=True)


CASES: dict[str, Sequence[Case]] = {
    "verified_ok": (
        Case("", "accept", 66.5, typing_errors.nothing),
        Case("upper case", "accept", 25.0, _same(spelling.upper_case)),
        Case("spaces", "accept", 4.0, _same(spelling.spaces)),
        Case("decomposed", "accept", 2.0, _same(spelling.decomposed)),
        Case("tone before modifier", "accept", 0.5, _same(spelling.tone_before_modifier), 0.5),
        Case("eth for d-stroke", "accept", 0.3, _same(spelling.eth), 0.08),
        Case("tone placement", "accept", 0.5, _same(spelling.tone_placement), 0.06),
        Case("zero-width", "accept", 0.2, _same(spelling.zero_width)),
        Case("apostrophe", "accept", 0.1, _same(spelling.apostrophe), 0.005),
    ),
    "id_right_other_wrong": (
        Case("no accents", "repair", 18.0, name_is(spelling.no_accents)),
        Case("wrong tone", "repair", 12.0, name_is(spelling.wrong_tone)),
        Case("middle dropped", "either", 6.0, name_is(spelling.middle_dropped), 0.95),
        Case("abbreviated", "either", 2.0, name_is(spelling.abbreviated), 0.95),
        Case("spelling", "either", 5.0, name_is(spelling.spelling), 0.4),
        Case("order swapped", "repair", 3.0, name_is(spelling.order_swapped)),
        Case("TCVN3", "repair", 0.8, typing_errors.tcvn3),
        Case("VNI", "repair", 0.4, typing_errors.vni),
        Case("VIQR", "repair", 0.3, typing_errors.viqr),
        Case("UTF-8 read as cp1252", "repair", 1.0, typing_errors.mojibake),
        Case("minority form", "repair", 0.5, name_is(spelling.minority_form), 0.01),
        Case("day/month swapped", "repair", 12.0, typing_errors.day_month_swapped, 0.36),
        Case(
            "year-only as 01/01", "repair", 10.0, typing_errors.year_only_as_first_of_january, 0.03
        ),
        Case("year only typed", "either", 0.7, typing_errors.year_only_typed, 0.97),
        Case("birth year typo", "either", 8.0, typing_errors.birth_year_typo),
        Case("date digit wrong", "either", 1.5, typing_errors.date_digit_wrong, 0.97),
        Case("date impossible", "either", 0.5, typing_errors.date_impossible, 0.97),
        Case("wrong sex", "either", 5.0, typing_errors.wrong_sex),
        Case(
            "accents and swapped date", "either", 2.0, typing_errors.accents_and_swapped_date, 0.36
        ),
        Case("stranger's number", "people", 8.0, typing_errors.strangers_number),
        Case("relative's number", "people", 3.0, typing_errors.relatives_number, 0.37),
        Case("twin's number", "people", 0.3, typing_errors.twins_number, 0.006),
        Case(
            "twin's number and commune",
            "people",
            0.5,
            typing_errors.twins_number_and_commune,
            0.002,
        ),
        Case("neighbour's number", "people", 0.2, typing_errors.neighbours_number, 0.001),
    ),
    "id_wrong_or_illformed": (
        Case("leading zero lost", "repair", 25.0, typing_errors.leading_zero_lost),
        Case("old number", "repair", 17.0, typing_errors.old_number, 0.65),
        Case("old number unknown", "suggest", 7.0, typing_errors.old_number_unknown, 0.18),
        Case(
            "old number issued twice", "either", 0.5, typing_errors.old_number_issued_twice, 0.001
        ),
        Case("superseded number", "repair", 0.5, typing_errors.superseded_number, 0.01),
        Case("digit wrong", "suggest", 8.0, typing_errors.digit_wrong),
        Case("digits transposed", "suggest", 4.0, typing_errors.digits_transposed),
        Case("digit missing", "suggest", 2.0, typing_errors.digit_missing),
        Case("digit extra", "suggest", 1.0, typing_errors.digit_extra),
        Case("not in registry", "people", 15.0, typing_errors.not_in_registry),
        Case("phone in field", "suggest", 8.0, typing_errors.phone_in_field),
        Case("insurance number", "suggest", 5.0, typing_errors.insurance_number),
        Case("scientific", "suggest", 2.0, typing_errors.scientific),
        Case("punctuated", "repair", 3.0, typing_errors.punctuated),
        Case("filler", "suggest", 2.0, typing_errors.filler),
    ),
    "id_missing": (Case("missing", "suggest", 100.0, typing_errors.missing),),
    "foreign": (Case("foreign passport", "exempt", 100.0, typing_errors.nothing),),
}

REGISTERED_AS_DECEASED = Case("registered as deceased", "people", 0.0, typing_errors.nothing)
"""Of class id_right_other_wrong: everything agrees, but the registry says that the person has died.
"""
