"""Makes the text by which a row without a record code is recognised.

The national template numbers its rows, and that number says nothing in the next file.
"""

from datetime import date

from services.records.domain.dose import Raw, composed_row
from services.records.domain.field_parsers import read_day, read_number
from vietnamese.cells import bare_cell, unwrapped
from vietnamese.dates import read_birth

_BY_HABIT = "-01-01"  # typed for a year alone


def injection(raw: Raw) -> str:
    """One text of who was injected, when, and with which dose; equal where all is typed alike.

    The personal number is left out, because it is corrected most. A row sent again with another
    number is a new version of the same dose. Without a whole birth date many share name and year:
    only then number, telephone and commune tell people apart.
    """
    raw = composed_row(raw)
    birth, day_given = read_birth(raw.date_of_birth), read_day(raw.date_given)
    whole = birth is not None and birth.precision == "day" and not birth.text.endswith(_BY_HABIT)
    parts = (
        unwrapped(raw.full_name),
        birth.text if birth else raw.date_of_birth,
        day_given.isoformat() if isinstance(day_given, date) else raw.date_given,
        str(read_number(raw.dose_number)),
        *(
            ()
            if whole
            else map(bare_cell, (raw.personal_id, raw.passport_number, raw.phone, raw.commune_code))
        ),
    )
    text = "\x1f".join(" ".join(part.casefold().split()) for part in parts)
    # a row may hold what is no Unicode; it is refused for that, not for its code
    return text.encode("utf-8", "replace").decode()
