"""Addresses that data would leave for in plain text, which production refuses."""

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

_ENCRYPTED: Final = {"http": "https", "smtp": "smtps or smtp+starttls", "kafka": "BUS_TLS=true"}
"""By a scheme in plain text, what stands for it in production."""


def plain_links(links: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each setting whose address is another machine's, and in plain text."""
    for setting, address in links.items():
        url = urlsplit(address)
        if (better := _ENCRYPTED.get(url.scheme)) and not _is_here(url.hostname):
            yield f"{setting}: production speaks no plain text over a network; use {better}"


def _is_here(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False
