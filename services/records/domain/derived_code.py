"""Which injection a row without a record code records: the national template numbers its rows,
which says nothing in the next file.
"""

from datetime import date

from services.records.domain.dates import read_day
from services.records.domain.dose import Raw, composed_row
from services.records.domain.vocabulary import read_number
from vietnamese.cells import bare_cell, unwrapped
from vietnamese.dates import read_birth

_BY_HABIT = "-01-01"  # typed for a year alone


def injection(raw: Raw) -> str:
    """Who was injected (name and birth date), when, and with which dose, as one text: equal
    wherever the same injection is typed alike.

    The number is left out, for it is what is corrected most: sent again with another, the row is a
    new version of the same dose. Only without a whole birth date, where many share a name and a
    year, do the number, telephone and commune tell people apart.
    """
    raw = composed_row(raw)
    birth, given = read_birth(raw.date_of_birth), read_day(raw.date_given)
    whole = birth is not None and birth.precision == "day" and not birth.text.endswith(_BY_HABIT)
    parts = (
        unwrapped(raw.full_name),
        birth.text if birth else raw.date_of_birth,
        given.isoformat() if isinstance(given, date) else raw.date_given,
        str(read_number(raw.dose_number)),
        *(
            ()
            if whole
            else map(bare_cell, (raw.personal_id, raw.passport_number, raw.phone, raw.commune_code))
        ),
    )
    told = "\x1f".join(" ".join(part.casefold().split()) for part in parts)
    # a row may hold what is no Unicode; it is refused for that, not for its code
    return told.encode("utf-8", "replace").decode()
