"""Where a message may be sent: to a public address alone, and to the very one that was looked at.

Who registers a webhook has us ask an address of its choice from within our network. So the name is
resolved once, every address behind it must be public, and the connection goes to one of these.
"""

import asyncio
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from services.records.settings import WebhookSettings
from services.records.webhooks.errors import address_refused

_TRANSLATED = tuple(map(ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))
"""IPv6 addresses behind which an IPv4 address stands: nobody public needs them."""


class TargetError(Exception):
    """Nothing may be sent there now; its text names the kind of reason, and no address."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address to post to: `pinned` is the URL with the IP address, `host` whose it is."""

    pinned: str
    host: str
    header: str


def check_form(url: str, cfg: WebhookSettings) -> None:
    """ServiceError 422 where an address has not the form of one that may be registered."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise address_refused("sai mẫu", "it is not an address") from None
    if parts.scheme != "https" and not (cfg.allow_loopback and parts.scheme == "http"):
        raise address_refused("phải là https", "it must be https")
    if not parts.hostname or parts.username is not None or parts.password is not None:
        raise address_refused(
            "phải có tên máy và không có tên người dùng",
            "it must have a host, and no user name",
        )
    if parts.fragment or not url.isascii() or any(sign.isspace() for sign in url):
        raise address_refused("sai mẫu", "it is not an address")
    if port is not None and not (port in (80, 443) or port >= 1024):
        raise address_refused("cổng không được phép", "its port is not allowed")


async def resolve(url: str, cfg: WebhookSettings) -> Target:
    """Where to send to; TargetError where the name leads nowhere, or to an address that is not
    public.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        async with asyncio.timeout(cfg.timeout_s):
            found = await asyncio.get_running_loop().getaddrinfo(
                host, port, type=socket.SOCK_STREAM
            )
    except (OSError, UnicodeError):  # TimeoutError is one
        raise TargetError("name not resolved") from None
    addresses = [ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    if not addresses or not all(is_allowed(one, cfg) for one in addresses):
        raise TargetError("address not public")
    first = addresses[0]
    literal = f"[{first}]" if isinstance(first, IPv6Address) else str(first)
    path = parts.path or "/"
    query = f"?{parts.query}" if parts.query else ""
    is_default = parts.port is None
    shown_host = f"[{host}]" if ":" in host else host
    return Target(
        f"{parts.scheme}://{literal}:{port}{path}{query}",
        host,
        shown_host if is_default else f"{shown_host}:{port}",
    )


def is_allowed(address: IPv4Address | IPv6Address, cfg: WebhookSettings) -> bool:
    """Whether a message may be sent to an address: a public one, and no other by another form."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_allowed(address.ipv4_mapped, cfg)
        if any(address in network for network in _TRANSLATED):
            return False
    if address.is_loopback:
        return cfg.allow_loopback
    return address.is_global and not address.is_multicast and not address.is_reserved
