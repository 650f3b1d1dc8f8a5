"""Rows of the tally as they are answered."""

from collections.abc import Mapping
from datetime import date

from contracts.reasons import advice_of_reason
from contracts.refusals import advice_on
from services.records.progress import scope_models as models
from services.records.progress.rules import Forecast
from services.records.progress.store.scopes import DayRow, ReasonRow, UnitRow
from vietnamese.province_names import PROVINCE_NAMES

_LEVELS = {0: "country", 2: "province", 5: "district", 10: "commune"}


def place_of(code: str, *, facility: bool = False) -> models.ProgressPlace:
    """An area or a facility with its name, where one is known."""
    if facility:
        return models.ProgressPlace(kind="facility", code=code)
    return models.ProgressPlace.model_validate(
        {"kind": _LEVELS[len(code)], "code": code, "name": PROVINCE_NAMES.get(code)}
    )


def larger_places(code: str, *, facility: bool = False) -> list[models.ProgressPlace]:
    """The places that hold an area or a facility, the largest first, without the country."""
    if facility:
        return [place_of(code[:2])]
    return [place_of(code[:digits]) for digits in (2, 5) if digits < len(code)]


def funnel_of(row: DayRow | UnitRow | None) -> models.Funnel:
    """The funnel of a place; zeros where nothing is on record there."""
    counts = _counts(row)
    return models.Funnel(
        **counts,
        reported=row.reported if row else None,
        missing=row.missing if row else None,
        withdrawn=(row.withdrawn or 0) if row else 0,
        worked=(row.worked or 0) if row else 0,
    )


def change_of(now: DayRow | None, before: DayRow) -> models.FunnelChange | None:
    """What changed since an earlier day; None where that day was never counted."""
    if before.waiting is None:
        return None
    new, old = _counts(now), _counts(before)
    return models.FunnelChange(since=before.day, **{name: new[name] - old[name] for name in new})


def _counts(row: DayRow | UnitRow | None) -> Mapping[str, int]:
    if row is None:
        names = models.FunnelChange.model_fields.keys() - {"since"}
        return dict.fromkeys(names, 0)
    counts = {
        name: int(getattr(row, column) or 0)
        for name, column in {
            **{name: name for name in ("recorded", "not_sendable", "pending")},
            **{name: name for name in ("repaired", "exempt", "waiting", "issued")},
            "right": "confirmed",
        }.items()
    }
    sent = counts["recorded"] - counts["not_sendable"]
    judged_right = sum(counts[name] for name in ("right", "repaired", "exempt"))
    return {
        **counts,
        "given": counts["recorded"] + (row.missing or 0),
        "sent": sent,
        "wrong": sent - judged_right - counts["pending"],
    }


def day_of(row: DayRow) -> models.ProgressDay:
    """One day; its numbers are null where only what is on record is known of it."""
    if row.waiting is None:
        unknown = models.ProgressDay.model_fields.keys() - {"day", "recorded"}
        return models.ProgressDay(
            day=row.day, recorded=row.recorded, **dict.fromkeys(unknown, None)
        )
    counts = _counts(row)
    shown = models.ProgressDay.model_fields.keys() & counts.keys()
    return models.ProgressDay(
        day=row.day, withdrawn=row.withdrawn, **{name: counts[name] for name in shown}
    )


def reason_of(row: ReasonRow) -> models.ReasonCount:
    """One reason with its words."""
    advice = advice_on(row.reason) if row.refused else advice_of_reason(row.reason)
    return models.ReasonCount(
        reason=row.reason,
        refused=row.refused,
        field=advice.field,
        message=advice.vi,
        message_en=advice.en,
        doses=row.doses,
    )


def unit_of(row: UnitRow) -> models.ProgressUnit:
    """One unit of a list."""
    return models.ProgressUnit(
        code=row.code,
        name=PROVINCE_NAMES.get(row.code),
        funnel=funnel_of(row),
        change=None if row.before is None else row.waiting - row.before,
        slowness=round(row.waiting / row.worked, 2) if row.worked else None if row.waiting else 0.0,
        oldest=row.oldest,
    )


def forecast_of(told: Forecast) -> models.ForecastAnswer:
    """The forecast; paces to two decimals."""
    rounded = {
        name: None if (pace := getattr(told, name)) is None else round(pace, 2)
        for name in ("pace", "slow_pace", "fast_pace")
    }
    days: dict[str, date | None] = {
        name: getattr(told, name) for name in ("gone_on", "earliest", "latest")
    }
    return models.ForecastAnswer(
        outlook=told.outlook,
        from_day=told.from_day,
        waiting=told.waiting,
        days_known=told.days_known,
        **rounded,
        **days,
    )
