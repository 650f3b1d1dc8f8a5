"""The REST of the verifier."""

from typing import Any

from contracts.example_values import EXAMPLE_VALUES
from services.verifier.api import case_routes, check_routes, verification_routes
from services.verifier.bulk import routes as bulk_routes
from services.verifier.threads import routes as thread_routes

ABOUT: dict[str, Any] = {
    "title": "hochieu verifier",
    "description": (
        "Checks people's identity against the population registry, and says what differs and what"
        " to do."
    ),
    "prefix": "verifier",
    "tags": {
        "checks": "People compared with the population registry before they are on record.",
        "verifications": "What came of comparing a dose, with its evidence.",
        "cases": "Identities that officers decide.",
        "bulk": "Certain suggestions, confirmed by the page and by two people.",
    },
    "examples": EXAMPLE_VALUES,
}
ROUTERS = (
    check_routes.router,
    verification_routes.router,
    case_routes.router,
    thread_routes.router,
    bulk_routes.router,
)
