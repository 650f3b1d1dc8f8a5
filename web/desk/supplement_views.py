"""The form of a supplement as it was typed, and what is shown before it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from contracts.products import PRODUCTS
from contracts.standing import Words
from web.desk.typed_birth import TypedDay

TEXTS: Final = (
    "full_name",
    "sex",
    "personal_id",
    "phone",
    "province_code",
    "district_code",
    "commune_code",
    "facility_code",
    "product",
    "lot",
    "dose_number",
    "dose_kind",
)
KINDS: Final = (
    ("primary", Words("Cơ bản", "Primary")),
    ("additional", Words("Bổ sung", "Additional")),
    ("booster", Words("Nhắc lại", "Booster")),
)
STATES: Final[Mapping[str, tuple[str, Words]]] = {
    "waiting": ("wait", Words("Chờ cơ sở trả lời", "Waiting for the facility")),
    "confirmed": ("right", Words("Cơ sở đã xác nhận", "Confirmed by the facility")),
    "unanswered": ("right", Words("Hết hạn, không phản đối", "Time over, not contested")),
    "contested": ("wrong", Words("Cơ sở phản đối, chờ tỉnh", "Contested, for the province")),
    "dismissed": ("right", Words("Tỉnh không chấp nhận phản đối", "Contest dismissed")),
    "upheld": ("gone", Words("Tỉnh chấp nhận phản đối, đã rút", "Contest upheld, withdrawn")),
    "replaced": ("gone", Words("Thay bằng bản ghi của cơ sở", "Replaced by the own record")),
    "withdrawn": ("gone", Words("Đã rút", "Withdrawn")),
}
REASONS: Final = (
    ("not_given_here", Words("Cơ sở không tiêm mũi này", "It was not given here")),
    ("another_person", Words("Người tiêm là người khác", "It was another person")),
    ("other_details", Words("Ngày, vắc xin hoặc số lô khác", "Day, vaccine or lot differ")),
    ("already_recorded", Words("Cơ sở đã ghi mũi này rồi", "We have recorded it already")),
    ("slip_not_ours", Words("Giấy này không phải của cơ sở", "The slip is not ours")),
)


@dataclass(frozen=True, slots=True)
class TypedSupplement:
    """What a station has typed from a slip."""

    texts: Mapping[str, str]
    birth: TypedDay
    given: TypedDay

    @classmethod
    def of(cls, form: Mapping[str, object]) -> "TypedSupplement":
        """As the form was sent."""
        texts = {name: str(form.get(name) or "").strip() for name in TEXTS}
        return cls(texts, TypedDay.of(form, "birth"), TypedDay.of(form, "given"))

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """All of it once more, for a form that carries it on."""
        parts = [
            (f"{name}_{part}", getattr(day, part))
            for name, day in (("birth", self.birth), ("given", self.given))
            for part in ("day", "month", "year")
        ]
        year_only = [("birth_year_only", "true")] if self.birth.year_only else []
        return [*self.texts.items(), *parts, *year_only]

    def body(self, picture: str) -> dict[str, Any]:
        """What records is sent; `picture` in base64."""
        texts = self.texts
        person = {
            name: texts[name]
            for name in TEXTS[: TEXTS.index("facility_code")]
            if texts[name] or name in ("full_name", "sex", "province_code")
        }
        number = texts["dose_number"]
        return {
            "person": {**person, "date_of_birth": self.birth.text},
            "facility_code": texts["facility_code"],
            "product": texts["product"],
            "lot": texts["lot"],
            "dose_number": int(number) if number.isdigit() else 0,
            "dose_kind": texts["dose_kind"],
            "date_given": self.given.text,
            "picture": picture,
        }


def products() -> list[tuple[str, str]]:
    """The vaccines to choose of: code and name."""
    return [("", "…"), *((code, product.name) for code, product in PRODUCTS.items())]
