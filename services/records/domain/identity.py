"""Whose dose it is as far as the typed row says: equal for the doses of one person that were typed alike."""

from contracts.events import Person


def typed_identity(person: Person) -> str:
    """The number and the name; without a number the birth date and the commune stand for it."""
    name = "".join(person.full_name.casefold().split())
    number = person.personal_id or person.passport_number
    return f"{number}|{name}" if number else f"{person.date_of_birth}|{person.commune_code}|{name}"


def birth_year(person: Person) -> int | None:
    """The year of birth, where one could be read."""
    return int(person.date_of_birth[:4]) if person.date_precision in ("day", "month", "year") else None
