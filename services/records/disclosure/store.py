"""A caller's reach as a condition."""

from sqlalchemy import false, or_, true
from sqlalchemy.sql.elements import ColumnElement

from contracts.access import Reach


def within(
    reach: Reach, facility: ColumnElement[str], residence: ColumnElement[str]
) -> ColumnElement[bool]:
    """What the reach covers, by the columns of the facility and of the joined codes of
    residence.
    """
    if reach.everything:
        return true()
    facilities = [facility.startswith(prefix, autoescape=True) for prefix in reach.facilities]
    residences = [residence.startswith(prefix, autoescape=True) for prefix in reach.residences]
    return or_(false(), *facilities, *residences)
