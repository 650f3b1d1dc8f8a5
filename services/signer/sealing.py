"""The claims of a certificate as they are stored: sealed, with what they have no place for before
them.
"""

from services.signer.context import Context
from services.signer.store.certificates import StoredIntent

_SEX: dict[str | None, bytes] = {"male": b"m", "female": b"f", None: b"-"}
_SEX_OF = {value[0]: sex for sex, value in _SEX.items()}


def seal_claims(
    context: Context, uvci: str, claims: bytes, sex: str | None, nationality: str
) -> bytes:
    """The claims as they are stored: before them, in three bytes, sex and nationality, for which
    they have no place.
    """
    return context.sealer.seal(
        _SEX[sex] + nationality.encode("ascii")[:2].ljust(2) + claims, uvci.encode()
    )


def open_claims(context: Context, intent: StoredIntent) -> tuple[bytes, str | None, str]:
    """The claims of a stored intent, and the person's sex and nationality."""
    opened = context.sealer.unseal(intent.claims, intent.uvci.encode())
    return opened[3:], _SEX_OF[opened[0]], opened[1:3].decode("ascii")
