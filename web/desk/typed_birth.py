"""A birth date as the date field sends it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TypedDay:
    """Day, month and year as they were typed into three boxes."""

    day: str
    month: str
    year: str
    year_only: bool

    @classmethod
    def of(cls, form: Mapping[str, object], name: str) -> "TypedDay":
        """What a form says under this name."""
        day, month, year = (
            str(form.get(f"{name}_{part}") or "").strip() for part in ("day", "month", "year")
        )
        return cls(day, month, year, form.get(f"{name}_year_only") == "true")

    @property
    def text(self) -> str:
        """As uploads have it: `03/05/1980`, or `1980`; empty where nothing was typed."""
        if self.year_only:
            return self.year
        return "/".join(part for part in (self.day, self.month, self.year) if part)

    @property
    def shown(self) -> dict[str, str | bool]:
        """As the date field takes it."""
        parts: dict[str, str | bool] = {"day": self.day, "month": self.month, "year": self.year}
        return {**parts, "year_only": self.year_only}
