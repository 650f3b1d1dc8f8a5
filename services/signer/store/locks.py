"""The advisory locks of the signer's database."""

from enum import IntEnum


class SignerLock(IntEnum):
    """The number of each lock, and what it keeps apart."""

    WITHDRAWAL = 4_206_202_205
    """Within a transaction: issuing shares it, whoever revokes takes it alone."""
    RENEWAL = 4_206_202_206
    """Of a session: one worker renews at a time."""
