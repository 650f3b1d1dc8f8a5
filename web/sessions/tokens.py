"""What the provider gave for a session, and what is kept of it."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Self

import jwt


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one sign-in; `until`: when the access token ends, in seconds since 1970."""

    access: str
    refresh: str | None
    id_token: str
    until: float

    def dumped(self) -> bytes:
        """As it is sealed."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def loaded(cls, kept: bytes) -> Self:
        """As it was dumped."""
        return cls(**json.loads(kept))

    @property
    def claims(self) -> dict[str, Any]:
        """Of the access token, which was checked when it came."""
        return jwt.decode(self.access, options={"verify_signature": False})
