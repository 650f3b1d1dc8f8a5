"""The vaccine products that Viet Nam approved: names for people, and the codes of the EU value sets
(release 2.12.0).

Facts from the ministry's decisions and the value sets' encoding instructions. Each product carries
a legal triple of product, manufacturer and prophylaxis: the most telling prophylaxis code that the
encoding instructions allow for it.
"""

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Prophylaxis:
    """A kind of vaccine: the code that stands in `vp`, and how people read it."""

    code: str
    name_vi: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Product:
    """One vaccine product.

    `eu_mp`, `eu_ma`, `eu_vp`: medicinal product, manufacturer and prophylaxis as a certificate
    names them. `min_interval_days`: shortest time between two primary doses (0: there is only one).
    `min_age`: completed years from which it was given in April 2022.
    """

    code: str
    name: str
    manufacturer_vi: str
    manufacturer_en: str
    eu_mp: str
    eu_ma: str
    eu_vp: str
    primary_doses: int
    min_interval_days: int
    min_age: int


MRNA = "1119349007"
VECTOR = "29061000087103"
INACTIVATED = "1157024006"
ANY_COVID = "28531000087107"

PROPHYLAXES = MappingProxyType(
    {
        kind.code: kind
        for kind in (
            Prophylaxis(MRNA, "Vắc xin mRNA phòng SARS-CoV-2", "SARS-CoV-2 mRNA vaccine"),
            Prophylaxis(
                VECTOR,
                "Vắc xin COVID-19 véc tơ vi rút không nhân lên",
                "COVID-19 non-replicating viral vector vaccine",
            ),
            Prophylaxis(
                INACTIVATED,
                "Vắc xin bất hoạt toàn vi rút SARS-CoV-2",
                "Inactivated whole SARS-CoV-2 antigen vaccine",
            ),
            Prophylaxis(ANY_COVID, "Vắc xin COVID-19", "COVID-19 vaccine"),
        )
    }
)
"""By code. Abdala is a protein subunit vaccine, but the instructions allow it only the general
code.
"""


def _product(
    code: str,
    name: str,
    maker: tuple[str, str],
    triple: tuple[str, str, str],
    doses: int,
    interval: int,
    age: int,
) -> Product:
    return Product(
        code, name, *maker, *triple, primary_doses=doses, min_interval_days=interval, min_age=age
    )


_BIONTECH = ("BioNTech (Đức), hợp tác với Pfizer", "Biontech Manufacturing GmbH")
_MODERNA = ("Moderna (Tây Ban Nha)", "Moderna Biotech Spain S.L.")
_ASTRAZENECA = ("AstraZeneca (Thụy Điển)", "AstraZeneca AB")
_JANSSEN = ("Janssen-Cilag (Bỉ)", "Janssen-Cilag International")
_GAMALEYA = ("Viện Gamaleya (Nga)", "Gamaleya Research Institute")
_SINOPHARM = (
    "Sinopharm Bắc Kinh (Trung Quốc)",
    "China Sinopharm International Corp. - Beijing location",
)
_JULPHAR = ("Gulf Pharmaceutical Industries (UAE)", "Gulf Pharmaceutical Industries")
_CIGB = (
    "Trung tâm Kỹ thuật di truyền và Công nghệ sinh học (Cuba)",
    "Center for Genetic Engineering and Biotechnology",
)
_BHARAT = ("Bharat Biotech (Ấn Độ)", "Bharat Biotech")

PRODUCTS = MappingProxyType(
    {
        product.code: product
        for product in (
            _product(
                "comirnaty",
                "Comirnaty",
                _BIONTECH,
                ("EU/1/20/1528", "ORG-100030215", MRNA),
                2,
                21,
                5,
            ),
            _product(
                "spikevax", "Spikevax", _MODERNA, ("EU/1/20/1507", "ORG-100031184", MRNA), 2, 28, 6
            ),
            _product(
                "vaxzevria",
                "Vaxzevria",
                _ASTRAZENECA,
                ("EU/1/21/1529", "ORG-100001699", VECTOR),
                2,
                28,
                18,
            ),
            _product(
                "janssen",
                "Jcovden (Janssen)",
                _JANSSEN,
                ("EU/1/20/1525", "ORG-100001417", VECTOR),
                1,
                0,
                18,
            ),
            _product(
                "sputnik-v",
                "Sputnik V",
                _GAMALEYA,
                ("Sputnik-V", "Gamaleya-Research-Institute", VECTOR),
                2,
                21,
                18,
            ),
            _product(
                "bbibp-corv",
                "BBIBP-CorV (Vero Cell)",
                _SINOPHARM,
                ("BBIBP-CorV", "ORG-100020693", INACTIVATED),
                2,
                21,
                18,
            ),
            _product(
                "hayat-vax",
                "Hayat-Vax",
                _JULPHAR,
                ("Hayat-Vax", "ORG-100023050", INACTIVATED),
                2,
                21,
                18,
            ),
            _product("abdala", "Abdala", _CIGB, ("Abdala", "CIGB", ANY_COVID), 3, 14, 18),
            _product(
                "covaxin", "Covaxin", _BHARAT, ("Covaxin", "Bharat-Biotech", INACTIVATED), 2, 28, 18
            ),
        )
    }
)
"""By the product code that events and files carry."""
