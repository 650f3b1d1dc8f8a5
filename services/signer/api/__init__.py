"""The REST of the signer."""

from typing import Any

from contracts.example_values import EXAMPLE_VALUES
from services.signer.api import (
    certificate_routes,
    link_routes,
    lookup_routes,
    passport_routes,
    trust_routes,
    verify_routes,
)

ABOUT: dict[str, Any] = {
    "title": "hochieu signer",
    "description": (
        "Signs what was verified, shows it to whom it belongs, and tells anybody whether a code is"
        " to be believed."
    ),
    "prefix": "signer",
    "tags": {
        "passport": "The caller's own passport.",
        "certificates": "One certificate, as data and as a code to print.",
        "lookups": "A passport by letter, for who cannot sign in.",
        "verification": "Whether a code that somebody shows is to be believed.",
        "trust": "Lists that let a program verify codes while it is offline.",
    },
    "examples": EXAMPLE_VALUES,
}
ROUTERS = (
    passport_routes.router,
    certificate_routes.router,
    lookup_routes.router,
    lookup_routes.codes,
    link_routes.router,
    verify_routes.router,
    trust_routes.router,
)
