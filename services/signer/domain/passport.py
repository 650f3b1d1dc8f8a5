"""The passport: the eleven fields of Decision 5772/QĐ-BYT in their order, in Vietnamese and
English.

It shows the person's current certificate, the one of the last dose; no ID number is on it.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from contracts.products import PRODUCTS, PROPHYLAXES
from services.signer.domain.claim_labels import DCC, HCERT, Claims
from vietnamese.countries import COUNTRIES
from vietnamese.visible_text import visible

_PRODUCT = {product.eu_mp: product for product in PRODUCTS.values()}
_MANUFACTURER = {product.eu_ma: product for product in PRODUCTS.values()}


class CertificateContent(NamedTuple):
    """A certificate as the passport reads it: its claims, and the person's nationality, which has
    no place in them.
    """

    claims: Claims
    nationality: str

    @property
    def payload(self) -> dict[str, Any]:
        """Person and dose, as the European schema names their parts."""
        payload: dict[str, Any] = self.claims[HCERT][DCC]
        return payload

    @property
    def dose(self) -> dict[str, Any]:
        """The one dose."""
        dose: dict[str, Any] = self.payload["v"][0]
        return dose


class PassportLine(NamedTuple):
    """One field: its name for programs, and label and value in both languages."""

    field: str
    label_vi: str
    label_en: str
    value_vi: str
    value_en: str


def passport(current: CertificateContent, doses: int) -> list[PassportLine]:
    """The eleven fields of a person whose certificate of the last dose is `current` and who has
    `doses` of them.
    """
    dose = current.dose
    country = COUNTRIES.get(current.nationality)
    product = _PRODUCT[dose["mp"]]
    maker = _MANUFACTURER[dose["ma"]]
    kind = PROPHYLAXES[dose["vp"]]
    nationality = (country.name_vi, country.name_en) if country else (current.nationality,) * 2
    return [
        PassportLine(
            "full_name",
            "Họ và tên",
            "Full name",
            visible(full_name(current.payload["nam"])),
            latin_name(current.payload["nam"]),
        ),
        PassportLine(
            "date_of_birth",
            "Ngày sinh",
            "Date of birth",
            _day_vi(current.payload["dob"]),
            current.payload["dob"],
        ),
        PassportLine("nationality", "Quốc tịch", "Nationality", *nationality),
        PassportLine(
            "targeted_disease", "Bệnh được phòng", "Targeted disease", "COVID-19", "COVID-19"
        ),
        PassportLine(
            "doses_received",
            "Số mũi tiêm đã nhận",
            "Number of doses received",
            str(doses),
            str(doses),
        ),
        PassportLine(
            "date_of_vaccination",
            "Ngày tiêm",
            "Date of vaccination",
            _day_vi(dose["dt"]),
            dose["dt"],
        ),
        PassportLine(
            "dose_number",
            "Liều số",
            "Dose number",
            f"{dose['dn']}/{dose['sd']}",
            f"{dose['dn']}/{dose['sd']}",
        ),
        PassportLine("vaccine", "Vắc xin", "Vaccine", kind.name_vi, kind.name_en),
        PassportLine(
            "vaccine_product", "Sản phẩm vắc xin", "Vaccine product", product.name, product.name
        ),
        PassportLine(
            "manufacturer",
            "Nhà sản xuất",
            "Manufacturer",
            maker.manufacturer_vi,
            maker.manufacturer_en,
        ),
        PassportLine(
            "certificate_code", "Mã chứng nhận", "Certificate code", dose["ci"], dose["ci"]
        ),
    ]


def full_name(name: Mapping[str, str]) -> str:
    """The name as the registry spells it, family name first."""
    return " ".join(filter(None, (name["fn"], name.get("gn"))))


def latin_name(name: Mapping[str, str]) -> str:
    """The name in the Latin letters that other countries' readers show."""
    return " ".join(filter(None, (name["fnt"], name.get("gnt")))).replace("<", " ")


def _day_vi(iso: str) -> str:
    """`dd/mm/yyyy` of a whole date; month and year, or the year, where no more is registered."""
    return "/".join(reversed(iso.split("-")))
