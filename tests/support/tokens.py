"""Tokens for tests: one issuer with its key set in a folder, and ways to forge tokens that must be
refused.
"""

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from contracts.access import Role
from deploy.local import issuer
from deploy.local.home import Home
from services.chassis.auth import AuthSettings


class TestIssuer:
    """A local issuer with keys of its own."""

    __test__ = False

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder)
        issuer.prepare(self.home)
        self.settings = AuthSettings(
            issuer=issuer.ISSUER, audience=issuer.AUDIENCE, jwks=str(self.home.jwks)
        )

    def token(
        self,
        role: Role,
        *,
        facility: str | None = None,
        areas: Sequence[str] = (),
        personal_id: str | None = None,
        lifetime: timedelta = timedelta(hours=1),
        subject: str | None = None,
    ) -> str:
        """A good token."""
        return issuer.token(
            self.home,
            role,
            facility=facility,
            areas=areas,
            personal_id=personal_id,
            lifetime=lifetime,
            subject=subject,
        )

    def headers(self, role: Role, **limits: Any) -> dict[str, str]:
        """The header of a good token."""
        return {"Authorization": f"Bearer {self.token(role, **limits)}"}

    @property
    def kid(self) -> str:
        """The id of its key."""
        return str(json.loads(self.home.jwks.read_text())["keys"][0]["kid"])
