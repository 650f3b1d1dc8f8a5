"""A passport as a page shows it: its lines, and one card a dose, the newest first."""

import io
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import segno
from markupsafe import Markup

from contracts.products import PRODUCTS

_PRODUCTS = {product.eu_mp: product.name for product in PRODUCTS.values()}
_MARGIN = 4


@dataclass(frozen=True, slots=True)
class ShownDose:
    """One card; `number` names its picture, from the first dose on."""

    number: int
    dose: str
    product: str
    given: date
    expires: datetime
    expired: bool
    code: Markup
    renewal_vi: str
    renewal_en: str


@dataclass(frozen=True, slots=True)
class ShownPassport:
    """What a page shows of somebody's passport."""

    name: str
    latin: str
    birth: str
    lines: list[dict[str, str]]
    doses: list[ShownDose]


def shown_passport(passport: Any) -> ShownPassport:
    """The passport that the signer answers, as its client has read it."""
    lines = [line.to_dict() for line in passport.fields]
    by_field = {line["field"]: line for line in lines}
    doses = [_dose(number, one) for number, one in enumerate(passport.certificates, 1)]
    return ShownPassport(
        by_field["full_name"]["value_vi"],
        by_field["full_name"]["value_en"],
        by_field["date_of_birth"]["value_vi"],
        lines,
        doses[::-1],
    )


def code_png(text: str) -> bytes:
    """A code as a picture to keep."""
    out = io.BytesIO()
    _code(text).save(out, kind="png", scale=12, border=_MARGIN)
    return out.getvalue()


def _dose(number: int, one: Any) -> ShownDose:
    renewal = one.renewal or None
    return ShownDose(
        number,
        f"{one.dose_number}/{one.doses_in_series}",
        _PRODUCTS.get(one.product, one.product),
        one.date_given,
        one.expires_at,
        one.status == "expired",
        _svg(one.qr),
        getattr(renewal, "message_vi", ""),
        getattr(renewal, "message_en", ""),
    )


@lru_cache(maxsize=256)
def _svg(text: str) -> Markup:
    out = io.BytesIO()
    _code(text).save(
        out,
        kind="svg",
        border=_MARGIN,
        light="#fff",
        dark="#000",
        omitsize=True,
        xmldecl=False,
        svgns=True,
        svgclass=None,
        lineclass=None,
    )
    # of our own making: the text of the code is in none of its marks
    return Markup(out.getvalue().decode())  # noqa: S704


def _code(text: str) -> segno.QRCode:
    # as the printed page has it
    return segno.make_qr(text, error="q", mode="alphanumeric", boost_error=False)
