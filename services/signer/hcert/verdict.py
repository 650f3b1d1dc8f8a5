"""What verification finds: the steps, what a code says, and the verdict on it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.signer.hcert.outcomes import MISUSES, REASONS


class HcertStep(StrEnum):
    """What is checked, in this order."""

    PREFIX = "prefix"
    BASE45 = "base45"
    COMPRESSION = "compression"
    COSE = "cose"
    KEY = "key"
    SIGNATURE = "signature"
    VALIDITY = "validity"
    PAYLOAD = "payload"
    KEY_USAGE = "key_usage"
    STATEMENT = "statement"
    REVOCATION = "revocation"


@dataclass(frozen=True, slots=True)
class OpenedHcert:
    """What a code says, trusted or not; `payload` is the health certificate in its plain form.

    `faults`: the fields of it that break the schema; `unknown`: those whose code is in no value set
    known here.
    """

    kid: bytes | None
    issuer: str | None
    issued_at: datetime | None
    expires_at: datetime | None
    kind: str | None
    payload: Mapping[str, Any]
    faults: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def uvci(self) -> str | None:
        """The certificate's identifier, where the payload holds one."""
        identifier = self.payload[self.kind][0].get("ci") if self.kind else None
        return identifier if isinstance(identifier, str) else None


@dataclass(frozen=True, slots=True)
class HcertVerdict:
    """The outcome: `code` is VALID or the first reason against it, `steps` what each step that was
    reached found.

    `misuse` is which of `MISUSES` step 9 found, where it failed; `denied` what step 10 found
    against what is said.
    """

    code: str
    steps: Mapping[HcertStep, bool]
    opened: OpenedHcert | None = None
    misuse: str | None = None
    denied: str | None = None

    @property
    def valid(self) -> bool:
        """Whether the certificate is to be believed."""
        return self.code == "VALID"

    @property
    def reason_vi(self) -> str:
        """The outcome in Vietnamese."""
        return self._reason[0]

    @property
    def reason_en(self) -> str:
        """The outcome in English."""
        return self._reason[1]

    @property
    def _reason(self) -> tuple[str, str]:
        return (
            MISUSES[self.misuse]
            if self.misuse and self.code == "KEY_USAGE_WRONG"
            else REASONS[self.code]
        )

    def revoked(self, revoked: bool) -> "HcertVerdict":
        """HcertStep 11, from what the revocation list says."""
        code = "REVOKED" if revoked and self.valid else self.code
        return replace(self, code=code, steps={**self.steps, HcertStep.REVOCATION: not revoked})
