"""Pages of other origins that may ask a service from a browser (CORS): those that the settings
name, and without any none.
"""

from collections.abc import Sequence
from typing import Final

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

_SENT: Final = (
    *("Authorization", "Content-Type", "Content-Encoding", "Accept-Language"),
    *("Idempotency-Key", "If-None-Match", "Last-Event-ID"),
)
_READ: Final = (
    *("ETag", "Retry-After", "RateLimit", "RateLimit-Policy", "Content-Language"),
    *("Content-Disposition", "Link", "Idempotency-Replayed", "X-Request-Id"),
)


def allow_origins(app: FastAPI, origins: Sequence[str]) -> None:
    """Lets pages of exactly these origins ask with a token; cookies are never taken."""
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(origins),
        allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=list(_SENT),
        expose_headers=list(_READ),
        max_age=600,
    )
