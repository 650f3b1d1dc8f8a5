"""The REST of the verifier."""

from services.verifier.api import cases, checks, verifications

ABOUT = {
    "title": "hochieu verifier",
    "description": (
        "Checks people's identity against the population registry, and says what differs and what"
        " to do."
    ),
    "prefix": "verifier",
}
ROUTERS = (checks.router, verifications.router, cases.router)
