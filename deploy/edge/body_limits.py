"""How large a body of each route may be at the edge: as large as the service takes it, so that
neither refuses what the other lets through.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from fastapi.routing import APIRoute

from services.chassis.auth import Allow
from services.chassis.gate import BodySize, rule_of
from services.records.settings import Settings as RecordsSettings
from web.pages import ROUTERS as PAGES

SERVICES = ("records", "verifier", "signer")
FILE = Path(__file__).with_name("routes.conf")
_BODIES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_LARGEST: int = RecordsSettings.model_fields["max_upload_bytes"].default
_HEAD = "# Written by `python -m deploy.edge` from the services' routes.\n"
_UPLOAD = """\
    # a few at a time of an address, and so many in all: what waits here waits on disk
    include connections.conf;
    limit_conn uploads 8;
    limit_conn all_uploads 64;
"""
_ANONYMOUS = """\
    # without a token no body is waited for; whether it is a good one, the service says
    if ($http_authorization = "") {
        return 401;
    }
"""


@dataclass(frozen=True, slots=True)
class PathLimit:
    """Bytes of the largest body that any method of a path takes, and whether all want a token."""

    size: int
    needs_token: bool


def limits() -> Mapping[str, PathLimit]:
    """The limit by path, `/records/v1/batches` and the like."""
    found: dict[str, PathLimit] = {}
    for path, limit in _routes():
        known = found.get(path, limit)
        found[path] = PathLimit(
            max(known.size, limit.size), known.needs_token and limit.needs_token
        )
    return found


def page_limits() -> Mapping[str, int]:
    """Bytes of the largest body of each page that takes a larger one than a form."""
    found: dict[str, int] = {}
    for router in PAGES:
        for route in router.routes:
            if isinstance(route, APIRoute) and _BODIES.intersection(route.methods or ()):
                size = min(int(rule_of(route.dependant).size), _LARGEST)
                if size > BodySize.FORM:
                    found[route.path] = max(size, found.get(route.path, 0))
    return found


def written() -> str:
    """The file `routes.conf`: a location for each path that differs, and one for the rest."""
    locations = [
        _location(path, limit)
        for path, limit in sorted(limits().items())
        if limit.size != BodySize.FORM
    ]
    locations += [_page_location(path, size) for path, size in sorted(page_limits().items())]
    rest = f"location ~ ^/(?<part>{'|'.join(SERVICES)})(?:/|$) {{\n{_inside(BodySize.FORM)}}}\n"
    return _HEAD + "".join(locations) + rest


def _routes() -> Iterator[tuple[str, PathLimit]]:
    for service in SERVICES:
        for router in import_module(f"services.{service}.api").ROUTERS:
            for route in router.routes:
                if isinstance(route, APIRoute) and _BODIES.intersection(route.methods or ()):
                    rule = rule_of(route.dependant)
                    size = min(int(rule.size), _LARGEST)
                    limit = PathLimit(size, isinstance(rule.guard, Allow))
                    yield f"/{service}/v1{route.path}", limit


def _location(path: str, limit: PathLimit) -> str:
    part, _, rest = path.removeprefix("/").partition("/")
    pattern = "[^/]+".join(re.escape(fixed) for fixed in re.split(r"\{[^}]*\}", rest))
    inside = _inside(limit.size, needs_token=limit.needs_token)
    return f"location ~ ^/(?<part>{part})/{pattern}$ {{\n{inside}}}\n"


def _page_location(path: str, size: int) -> str:
    pattern = "[^/]+".join(re.escape(fixed) for fixed in re.split(r"\{[^}]*\}", path))
    upload = _UPLOAD if size > BodySize.ATTACHMENT else ""
    inside = f"    client_max_body_size {size};\n{upload}    include pages.conf;\n"
    return f"location ~ ^{pattern}$ {{\n{inside}}}\n"


def _inside(size: int, *, needs_token: bool = False) -> str:
    upload = _UPLOAD if size > BodySize.ATTACHMENT else ""
    token = _ANONYMOUS if needs_token else ""
    return f"    client_max_body_size {size};\n{upload}{token}    include pass.conf;\n"
