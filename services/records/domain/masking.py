"""Hides personal data, numbers and the day of birth, from those who only supervise.

What was hidden never comes back as data: a row with masked cells is refused.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

from contracts.masks import MASK, mask_birth, mask_number
from services.records.domain.dose import Raw
from services.records.domain.field_changes import FieldChange
from services.records.domain.row_error import RowError

_HOW = {
    "personal_id": mask_number,
    "passport_number": mask_number,
    "phone": mask_number,
    "date_of_birth": mask_birth,
}
FIELDS = tuple(_HOW)
_LONG_NUMBER = re.compile("[0-9](?:[ .-]?[0-9]){8,}")
_HIDDEN = MASK * 3
"""Stands where a long number was hidden; nobody's name holds it."""


class Disclosure(Enum):
    """How much of a recorded dose somebody is shown."""

    WHOLE = "whole"
    MASKED = "of numbers the ends, of the birth date the year"
    CODES = "which dose it is and where it stands, and nothing that it holds"


def masked_person(person: Mapping[str, Any]) -> dict[str, Any]:
    """A person's fields by their JSON names."""
    return {**person, **{field: hide(person[field]) for field, hide in _HOW.items()}}


def shown_row(raw: Raw, shown: Disclosure) -> Raw:
    """A recorded dose as typed, as far as it is shown."""
    if shown is Disclosure.CODES:
        return Raw(*[_HIDDEN] * len(raw))._replace(
            source_id=raw.source_id, facility_code=raw.facility_code
        )
    return masked_row(raw) if shown is Disclosure.MASKED else raw


def masked_row(raw: Raw) -> Raw:
    """A recorded dose as typed."""
    return raw._replace(**{field: hide(getattr(raw, field)) for field, hide in _HOW.items()})


def masked_refused(raw: Raw) -> Raw:
    """A row that could not be read; its columns may be shifted, so all long numbers are hidden."""
    shown = {
        field: _LONG_NUMBER.sub(lambda match: mask_number(match[0]), text)
        for field, text in raw._asdict().items()
    }
    return masked_row(Raw(**shown)._replace(source_id=raw.source_id))


def masked_changes(changes: Sequence[FieldChange]) -> list[FieldChange]:
    """The changes that a rule proposes, masked like the fields."""
    return [
        change._replace(
            before=masked_field(change.field, change.before),
            after=masked_field(change.field, change.after),
        )
        for change in changes
    ]


def masked_field(field: str, text: str) -> str:
    """One field's text, by the field's JSON name."""
    hide = _HOW.get(field)
    return hide(text) if hide else text


def masked_cells(raw: Raw) -> Iterator[RowError]:
    """Errors for masked cells: a file without the data corrects nothing."""
    for field, text in raw._asdict().items():
        if MASK in text and (field in _HOW or (_HIDDEN in text and field != "source_id")):
            yield RowError(
                field,
                "CELL_MASKED",
                "Ô này đã bị che bằng dấu *, không phải dữ liệu; hãy điền giá trị thật, hoặc sửa"
                " trên tệp không che.",
                "This cell is masked with *, which is no data; fill in the real value, or correct a"
                " file that is not masked.",
            )
