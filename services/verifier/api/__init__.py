"""The REST of the verifier."""

from services.verifier.api import case_routes, check_routes, verification_routes

ABOUT = {
    "title": "hochieu verifier",
    "description": (
        "Checks people's identity against the population registry, and says what differs and what"
        " to do."
    ),
    "prefix": "verifier",
}
ROUTERS = (check_routes.router, verification_routes.router, case_routes.router)
