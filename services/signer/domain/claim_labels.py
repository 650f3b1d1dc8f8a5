"""The labels of a certificate's claims, and what is always written under them.

Labels are those of the CBOR Web Token (RFC 8392) and of the health certificate within it.
"""

from typing import Any, NamedTuple

ISSUER, EXPIRES, ISSUED, HCERT = 1, 4, 6, -260
DCC = 1
"""Under `HCERT`: the payload of the European schema."""

SCHEMA_VERSION = "1.3.0"
COVID_19 = "840539006"

Claims = dict[int, Any]
"""All claims of one certificate, by label."""


class Window(NamedTuple):
    """When the signing certificate is valid, both in seconds since 1970."""

    not_before: int
    not_after: int
