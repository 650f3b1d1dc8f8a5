"""Whose dose it is as far as the typed row says: equal for the doses of one person that were typed
alike.
"""

from vietnamese.dates import Precision


def typed_identity(full_name: str, number: str, date_of_birth: str, commune_code: str) -> str:
    """The number (an ID's or a passport's) and the name; without a number the birth date and the
    commune stand for it.
    """
    name = "".join(full_name.casefold().split())
    return f"{number}|{name}" if number else f"{date_of_birth}|{commune_code}|{name}"


def birth_year(date_of_birth: str, precision: Precision) -> int | None:
    """The year of birth, where one could be read."""
    return int(date_of_birth[:4]) if precision in ("day", "month", "year") else None
