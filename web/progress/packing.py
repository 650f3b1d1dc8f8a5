"""Packs a page that holds counts alone, so that a long table is a small load."""

import gzip

from starlette.requests import Request
from starlette.responses import Response

_LEVEL = 6


def packed(request: Request, answer: Response) -> Response:
    """The answer as gzip, where the browser takes it.

    Only for pages without a secret: a packed answer's length tells of it (BREACH). The token of
    forms is another text each time, and of the address a page repeats digits alone.
    """
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return answer
    answer.body = gzip.compress(bytes(answer.body), _LEVEL, mtime=0)
    answer.headers["content-length"] = str(len(answer.body))
    answer.headers["content-encoding"] = "gzip"
    answer.headers.append("vary", "Accept-Encoding")
    return answer
