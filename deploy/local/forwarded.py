"""Whose request it is, where proxies of our own stand before the gateway."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

Networks = Sequence[IPv4Network | IPv6Network]


def networks(text: str) -> Networks:
    """Addresses and networks separated by commas, none where the text is empty; ValueError where
    one is neither.
    """
    return [ip_network(part.strip()) for part in text.split(",") if part.strip()]


def client_of(peer: str, told: Sequence[str], trusted: Networks) -> str:
    """The client's address: the last in `told` (the headers `X-Forwarded-For`, in their order) and
    the peer that is no proxy of ours.

    Each proxy appends whom it was asked by, so that only what ours wrote is believed; what stands
    before that, anybody may have made up.
    """
    chain = [*(part.strip() for header in told for part in header.split(",")), peer]
    while len(chain) > 1 and _is_in(chain[-1], trusted):
        chain.pop()
    return chain[-1]


def _is_in(address: str, trusted: Networks) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in trusted)
