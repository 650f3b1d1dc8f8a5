"""The REST of the signer."""

from services.signer.api import (
    certificate_routes,
    lookup_routes,
    passport_routes,
    trust_routes,
    verify_routes,
)

ABOUT = {
    "title": "hochieu signer",
    "description": (
        "Signs what was verified, shows it to whom it belongs, and tells anybody whether a code is"
        " to be believed."
    ),
    "prefix": "signer",
}
ROUTERS = (
    passport_routes.router,
    certificate_routes.router,
    lookup_routes.router,
    lookup_routes.codes,
    verify_routes.router,
    trust_routes.router,
)
