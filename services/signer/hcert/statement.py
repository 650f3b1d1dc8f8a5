"""Whether what a genuine certificate says holds at a given moment: a test was negative, a recovery
counts, nothing lies ahead.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from services.signer.hcert.dcc_schema import day_of, moment_of
from services.signer.hcert.value_sets import DETECTED

CLOCK_SKEW = timedelta(minutes=5)
"""How far the verifier's clock may be behind the issuer's."""

# a day begins first at UTC+14 and ends last at UTC-12; a certificate does not say where its days
# are counted
_EAST, _WEST = timedelta(hours=14), timedelta(hours=12)


def against(kind: str, entry: Mapping[str, Any], now: datetime) -> str | None:
    """The code of what speaks against the statement at `now`, or None; what cannot be read speaks
    neither way.
    """
    latest, earliest = (now + _EAST).date(), (now - _WEST).date()
    if kind == "t":
        if entry.get("tr") == DETECTED:
            return "TEST_POSITIVE"
        sampled = moment_of(entry.get("sc"))
        return "DATED_AHEAD" if sampled and sampled > now + _allowance(entry.get("sc")) else None
    happened = day_of(entry.get("dt" if kind == "v" else "fr"))
    if happened and happened > latest:
        return "DATED_AHEAD"
    if kind == "r":
        begins, ends = day_of(entry.get("df")), day_of(entry.get("du"))
        if begins and begins > latest:
            return "RECOVERY_NOT_YET_VALID"
        if ends and ends < earliest:
            return "RECOVERY_ENDED"
    return None


def born_ahead(payload: Mapping[str, Any], now: datetime) -> bool:
    """Whether the birth date lies after `now`; of a year or month alone, its first day."""
    birth = payload.get("dob")
    if not isinstance(birth, str):
        return False
    text = birth[:10]
    try:
        first = date.fromisoformat(
            text + "-01-01"[len(text) - 4 :] if len(text) in (4, 7) else text
        )
    except ValueError:
        return False
    return first > (now + _EAST).date()


def _allowance(text: Any) -> timedelta:
    # a time without an offset is some clock's on the wall
    return CLOCK_SKEW if datetime.fromisoformat(text).tzinfo else _EAST
