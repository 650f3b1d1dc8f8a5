"""Which fields of two rows differ."""

from typing import NamedTuple

from services.records.domain.dose import FIELDS, Raw


class FieldChange(NamedTuple):
    """One field of a row, before and after."""

    field: str
    before: str
    after: str


def changes(before: Raw, after: Raw) -> list[FieldChange]:
    """The fields in which the second row differs from the first."""
    return [
        FieldChange(field, old, new)
        for field, old, new in zip(FIELDS, before, after, strict=True)
        if old != new
    ]
