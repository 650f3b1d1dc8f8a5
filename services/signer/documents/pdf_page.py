"""The passport, and one certificate, as a page to print: A4, PDF, in both languages (`page.typ` is
how it looks).

Made on request, in about 10 ms; the typesetter lets other threads run meanwhile.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import typst

from services.signer.documents import qr_code
from services.signer.documents.view import ShownCertificate, passport_of
from services.signer.domain.passport import PassportLine
from vietnamese.calendar_days import in_viet_nam
from vietnamese.latin_names import composed

_TEMPLATE = Path(__file__).with_name("page.typ")
_PASSPORT = ("Hộ chiếu vắc xin", "Vaccine passport")
_CERTIFICATE = ("Chứng nhận tiêm chủng", "Vaccination certificate")


def passport(certificates: Sequence[ShownCertificate], origin: str, now: datetime) -> bytes:
    """The passport of somebody with these certificates, in the order the doses were given; at least
    one. It bears the last one's code.
    """
    return _page(_PASSPORT, passport_of(certificates), certificates[-1], origin, now)


def certificate(shown: ShownCertificate, origin: str, now: datetime) -> bytes:
    """One certificate: the passport's fields but for the number of doses received, which is the
    person's.
    """
    lines = [line for line in passport_of([shown]) if line.field != "doses_received"]
    return _page(_CERTIFICATE, lines, shown, origin, now)


def _page(
    title: tuple[str, str],
    lines: Sequence[PassportLine],
    shown: ShownCertificate,
    origin: str,
    now: datetime,
) -> bytes:
    expired, replaced = shown.status(now) == "expired", shown.stored.replaced
    code, width_mm = qr_code.to_print(shown.qr)
    page = {
        "title": title,
        "fields": [
            {name: composed(value) for name, value in line._asdict().items()} for line in lines
        ],
        "qr": code.decode(),
        "qr_mm": width_mm,
        "issued": _both(in_viet_nam(shown.stored.intent.issued_at)),
        "expires": _both(in_viet_nam(shown.stored.intent.expires_at)),
        "printed": _both(in_viet_nam(now)),
        "expired": expired,
        "earlier": _both(in_viet_nam(replaced.expires_at)) if replaced and not expired else None,
        "origin": origin,
    }
    # the typesetter's own fonts have every Vietnamese letter; those of the machine would make each
    # machine's page another
    document = typst.compile(
        _TEMPLATE,
        ignore_system_fonts=True,
        sys_inputs={"page": json.dumps(page)},
        timestamp=int(now.timestamp()),
    )
    assert isinstance(document, bytes)
    return document


def _both(day: date) -> tuple[str, str]:
    return f"{day:%d/%m/%Y}", day.isoformat()
