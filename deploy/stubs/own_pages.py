"""Who may ask a part that knows no tokens: programs of this machine and its own pages, no page of
somebody else in the same browser.
"""

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers


def is_foreign(headers: Headers) -> bool:
    """Whether a browser asks for a page of another origin; a link that is followed may come from
    anywhere.
    """
    origin, host = headers.get("origin"), headers.get("host", "")
    if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
        return True
    if headers.get("sec-fetch-site", "none") in ("none", "same-origin"):
        return False
    return (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")) != (
        "navigate",
        "document",
    )


def is_misdirected(headers: Headers, names: Collection[str] = ()) -> bool:
    """Whether `Host` is a name that a stranger may own, and point here (DNS rebinding).

    Addresses are nobody's, nor are names without a dot and those below `localhost`; `names` are
    ours.
    """
    host = _name_of(headers.get("host", ""))
    if host is None:
        return True
    return not (_is_address(host) or _is_local(host) or host in names)


def _name_of(authority: str) -> str | None:
    """Without port and brackets; None where it is not of that form."""
    try:
        return urlsplit(f"//{authority}").hostname
    except ValueError:
        return None


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_local(host: str) -> bool:
    return "." not in host or host.endswith(".localhost")
