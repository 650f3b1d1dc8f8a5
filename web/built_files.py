"""Serves the built styles and scripts, compressed as they were when they were built."""

from typing import Final

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_ENCODINGS: Final = (("br", ".br"), ("gzip", ".gz"))
"""What lies beside a file, the smaller first."""


class BuiltFiles(StaticFiles):
    """Files of one folder; to browsers that take it, the compressed one beside a file."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file; HTTPException 404 where there is none, or where it is a compressed one's own
        name.
        """
        response = await super().get_response(path, scope)
        if response.status_code != 200:
            return response
        accepted = encodings_of(scope)
        for encoding, ending in _ENCODINGS:
            beside, known = self.lookup_path(f"{path}{ending}")
            if known is None:
                continue
            response.headers["vary"] = "accept-encoding"
            if encoding in accepted:
                smaller = self.file_response(beside, known, scope)
                smaller.headers.update(
                    {
                        "content-encoding": encoding,
                        "content-type": response.headers["content-type"],
                        "vary": "accept-encoding",
                    }
                )
                return smaller
        return response


def encodings_of(scope: Scope) -> frozenset[str]:
    """The encodings that a browser names; `gzip;q=0` and the like refuse one."""
    named = b",".join(value for name, value in scope["headers"] if name == b"accept-encoding")
    parts = (part.strip().split(";") for part in named.decode("latin-1").lower().split(","))
    return frozenset(name.strip() for name, *more in parts if "q=0" not in map(str.strip, more))
