"""The REST of the signer."""

from services.signer.api import certificates, lookups, passport, trust, verify

ABOUT = {
    "title": "hochieu signer",
    "description": (
        "Signs what was verified, shows it to whom it belongs, and tells anybody whether a code is"
        " to be believed."
    ),
    "prefix": "signer",
}
ROUTERS = (passport.router, certificates.router, lookups.router, verify.router, trust.router)
