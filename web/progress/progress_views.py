"""What the page of progress shows, made of what records answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from vietnamese.province_names import PROVINCE_NAMES
from vietnamese.sorting import sort_key
from web.languages import Language
from web.progress.asked_place import (
    AskedPlace,
    UnitSort,
    code_words,
    path_of,
    place_name,
)

LINES: Final = ("waiting", "right", "repaired", "issued")
"""Numbers that the chart of days shows."""


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """One number of the line: its words, its share of what was given, and its change."""

    name: str
    vi: str
    en: str
    value: int
    share: float
    change: int | None
    note: tuple[str, str, int] | None = None
    good: int = 0
    """1: more of it is good, -1: less of it is, 0: neither."""


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One line of the table of units; `path`: where it leads, None where it is not known."""

    name: str
    code: str
    path: str | None
    share: float | None
    unit: Any


@dataclass(frozen=True, slots=True)
class Crumb:
    """One larger place in the line of places above the title."""

    name: str
    path: str


def funnel_steps(overview: Any) -> list[FunnelStep]:
    """The article's line, from what was given to what was issued."""
    funnel, change = overview.funnel, overview.change
    given = max(funnel.given, 1)

    def step(
        name: str, vi: str, en: str, note: tuple[str, str, int] | None = None, good: int = 0
    ) -> FunnelStep:
        value = getattr(funnel, name)
        changed = None if change is None else getattr(change, name)
        return FunnelStep(name, vi, en, value, value / given, changed, note, good)

    missing = ("chưa nhập", "never uploaded", funnel.missing or 0)
    not_sendable = ("chưa gửi được", "not sendable", funnel.not_sendable)
    pending = ("đang xác thực", "being verified", funnel.pending)
    exempt = ("người nước ngoài", "foreigners", funnel.exempt)
    return [
        step("given", "Đã tiêm", "Given", missing),
        step("recorded", "Đã ghi nhận", "Recorded"),
        step("sent", "Đã gửi xác thực", "Sent for verification", not_sendable),
        step("right", "Đúng", "Right", pending if funnel.pending else exempt, 1),
        step("repaired", "Tự sửa được", "Repaired", None, 1),
        step("waiting", "Chờ người xử lý", "Waiting for people", None, -1),
        step("issued", "Đã cấp hộ chiếu", "Issued", None, 1),
    ]


def crumbs(overview: Any, language: Language, *, steers_all: bool) -> list[Crumb]:
    """The places around the shown one, the largest first, each as a link."""
    if str(overview.place.kind) in ("country", "areas"):
        return []
    whole = [Crumb("Cả nước" if language == "vi" else "The country", "/progress")]
    larger = [Crumb(place_name(place, language), path_of(place)) for place in overview.within]
    return [*(whole if steers_all else ()), *larger]


def unit_lines(
    units: Sequence[Any], level: str, sort: UnitSort, language: Language, *, wide: bool = False
) -> list[UnitLine]:
    """The units of a level; by name in Vietnamese order where that is asked for.

    `wide`: of the whole country, so that each says its province too.
    """
    lines = [_unit_line(unit, level, language, wide) for unit in units]
    return sorted(lines, key=lambda line: sort_key(line.name)) if sort == "name" else lines


def _unit_line(unit: Any, level: str, language: Language, wide: bool) -> UnitLine:
    whole = {"province": 2, "district": 5, "commune": 10, "facility": 5}[level]
    known = len(unit.code) == whole
    recorded = unit.funnel.recorded
    share = unit.funnel.waiting / recorded if recorded else None
    if not known:
        words = ("Chưa rõ nơi cư trú", "Place of residence not known")
        return UnitLine(words[language == "en"], unit.code, None, share, unit)
    asked = AskedPlace(facility=unit.code) if level == "facility" else AskedPlace(area=unit.code)
    name = unit.name or code_words(level, unit.code, language)
    if wide and (province := PROVINCE_NAMES.get(unit.code[:2])):
        name = f"{name}, {province}"
    return UnitLine(name, unit.code, asked.path(), share, unit)
