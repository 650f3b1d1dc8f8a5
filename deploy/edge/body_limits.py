"""How large a body of each route may be at the edge: as large as the service takes it, so that
neither refuses what the other lets through.
"""

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

from fastapi.routing import APIRoute

from services.chassis.http import MAX_BODY
from services.records.settings import Settings as RecordsSettings

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


def limits() -> Mapping[str, int]:
    """Bytes by path, `/records/v1/batches` and the like: of the largest body that any method of
    the path takes.
    """
    found: dict[str, int] = {}
    for service in SERVICES:
        for path, size in _routes(service):
            found[path] = max(found.get(path, 0), min(size, _LARGEST))
    return found


def written() -> str:
    """The file `routes.conf`: a location for each path that differs, and one for the rest."""
    locations = [
        _location(path, size) for path, size in sorted(limits().items()) if size != MAX_BODY
    ]
    rest = f"location ~ ^/(?<part>{'|'.join(SERVICES)})(?:/|$) {{\n{_inside(MAX_BODY)}}}\n"
    return _HEAD + "".join(locations) + rest


def _routes(service: str) -> Iterator[tuple[str, int]]:
    for router in import_module(f"services.{service}.api").ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute) and _BODIES.intersection(route.methods or ()):
                size = MAX_BODY if route.max_body_size is None else route.max_body_size
                yield f"/{service}/v1{route.path}", size


def _location(path: str, size: int) -> str:
    part, _, rest = path.removeprefix("/").partition("/")
    pattern = "[^/]+".join(re.escape(fixed) for fixed in re.split(r"\{[^}]*\}", rest))
    return f"location ~ ^/(?<part>{part})/{pattern}$ {{\n{_inside(size)}}}\n"


def _inside(size: int) -> str:
    upload = _UPLOAD if size > MAX_BODY else ""
    return f"    client_max_body_size {size};\n{upload}    include pass.conf;\n"
