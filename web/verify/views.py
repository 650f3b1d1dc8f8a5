"""What the page shows of a code, where the server has judged it for a browser without scripts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from contracts.products import PRODUCTS
from web.formats import day
from web.languages import Language, chosen

Outcome = Literal["valid", "expired", "revoked", "untrusted", "unable"]
_OUTCOMES: Final[Mapping[str, Outcome]] = MappingProxyType(
    {"VALID": "valid", "EXPIRED": "expired", "RECOVERY_ENDED": "expired", "REVOKED": "revoked"}
)
_NAMES: Final = MappingProxyType({product.eu_mp: product.name for product in PRODUCTS.values()})
_PARTIAL: Final = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")


@dataclass(frozen=True, slots=True)
class ShownResult:
    """One answer on the page; `shown`: whether the code said of whom it is."""

    outcome: Outcome | None = None
    reason: str = ""
    code: str = ""
    travel: str = ""
    own: str = ""
    birth: str = ""
    about: str = ""
    until: str = ""
    shown: bool = False


def result_of(verdict: Mapping[str, Any], language: Language) -> ShownResult:
    """The answer in the reader's language; `verdict`: as the signer gives it."""
    code = str(verdict.get("outcome") or verdict["code"])
    reason = chosen(language, str(verdict["reason_vi"]), str(verdict["reason_en"]))
    certificate = verdict.get("certificate")
    facts = _facts(certificate, language) if certificate else {}
    return ShownResult(
        outcome=_OUTCOMES.get(code, "untrusted"),
        reason="" if code == "VALID" else reason,
        code=code,
        shown=bool(certificate),
        **facts,
    )


def _facts(certificate: Mapping[str, Any], language: Language) -> dict[str, str]:
    name = certificate.get("name") or {}
    expires = certificate.get("expires_at")
    return {
        "travel": ", ".join(filter(None, (_travel(name.get(key)) for key in ("fnt", "gnt")))),
        "own": " ".join(str(name[key]) for key in ("fn", "gn") if name.get(key)),
        "birth": partial_day(certificate.get("date_of_birth")),
        "about": _about(certificate.get("kind"), certificate.get("entry") or {}, language),
        "until": f"{chosen(language, 'Có giá trị đến', 'Valid until')} {day(expires)}"
        if expires
        else "",
    }


def _travel(part: Any) -> str:
    """`NGUYEN VAN` of `NGUYEN<VAN`."""
    return " ".join(str(part or "").replace("<", " ").split())


def partial_day(value: Any) -> str:
    """`05/04/1985`, `04/1985` or `1985`, as much as a code says."""
    parts = _PARTIAL.match(str(value or ""))
    return "/".join(filter(None, (parts[3], parts[2], parts[1]))) if parts else ""


def _about(kind: Any, entry: Mapping[str, Any], language: Language) -> str:
    country = str(entry.get("co") or "")
    if kind == "v":
        dose = f"{chosen(language, 'Mũi', 'Dose')} {entry.get('dn')}/{entry.get('sd')}"
        product = _NAMES.get(str(entry.get("mp")), str(entry.get("mp")))
        return " · ".join((dose, product, partial_day(entry.get("dt")), country))
    if kind == "t":
        test = chosen(language, "Xét nghiệm", "Test")
        return " · ".join((test, partial_day(entry.get("sc")), country))
    if kind == "r":
        recovery = chosen(language, "Khỏi bệnh", "Recovery")
        term = f"{partial_day(entry.get('df'))}–{partial_day(entry.get('du'))}"
        return " · ".join((recovery, term, country))
    return ""
