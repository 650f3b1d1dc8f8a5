"""Renewal of a certificate that is about to expire: when, and what the next edition says."""

from datetime import timedelta

from services.signer.domain.claims import DCC, EXPIRES, HCERT, ISSUED, ISSUER, SCHEMA_VERSION, Claims

_SHORTEST_MONTH = timedelta(days=28)


def renewal_lead(days: int, validity_months: int) -> timedelta:
    """How long before a certificate expires it is renewed: so many days, but never sooner than after half of its life."""
    return min(timedelta(days=days), validity_months * _SHORTEST_MONTH / 2)


def renewed(claims: Claims, uvci: str, *, country: str, issuer: str, issued: int, expires: int) -> Claims:
    """The claims of the next edition: the same person and dose, under another identifier and with other times.

    `issued` and `expires` in seconds since 1970. Country and issuer are those of whoever signs now.
    """
    payload = claims[HCERT][DCC]
    dose = payload["v"][0] | {"co": country, "is": issuer, "ci": uvci}
    again = {"ver": SCHEMA_VERSION, "nam": payload["nam"], "dob": payload["dob"], "v": [dose]}
    return {ISSUER: country, EXPIRES: expires, ISSUED: issued, HCERT: {DCC: again}}
