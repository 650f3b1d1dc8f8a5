"""The topics, their event models, and their express lanes.

A batch of up to `EXPRESS_ROWS` rows travels on the express lane of every stage, so that a walk-in
never waits behind a national upload.
"""

from dataclasses import dataclass

from pydantic import BaseModel

from contracts.events import (
    CasesChanged,
    CertificatesIssued,
    DosesRecheck,
    DosesRecorded,
    DosesVerified,
    DosesWithdrawn,
    LookupsUnanswered,
    SuggestionsAccepted,
)

EXPRESS_ROWS = 50


@dataclass(frozen=True, slots=True)
class Topic:
    """A named stream of one event model; `express` is the name of its fast lane where it has
    one.
    """

    name: str
    model: type[BaseModel]
    writer: str
    readers: tuple[str, ...]
    express: str | None = None

    def lane(self, express: bool) -> str:
        """Name of the lane an event is published on."""
        return self.express if express and self.express else self.name


RECORDED = Topic(
    "doses.recorded.v1", DosesRecorded, "records", ("verifier",), "doses.recorded.express.v1"
)
VERIFIED = Topic(
    "doses.verified.v1",
    DosesVerified,
    "verifier",
    ("records", "signer"),
    "doses.verified.express.v1",
)
ISSUED = Topic(
    "certificates.issued.v1",
    CertificatesIssued,
    "signer",
    ("records",),
    "certificates.issued.express.v1",
)
WITHDRAWN = Topic("doses.withdrawn.v1", DosesWithdrawn, "records", ("signer", "verifier"))
RECHECK = Topic("doses.recheck.v1", DosesRecheck, "verifier", ("records",))
UNANSWERED = Topic("lookups.unanswered.v1", LookupsUnanswered, "signer", ("records",))

ACCEPTED = Topic("suggestions.accepted.v1", SuggestionsAccepted, "records", ("verifier",))
CASES = Topic("cases.changed.v1", CasesChanged, "verifier", ("records",))

TOPICS = (RECORDED, VERIFIED, ISSUED, WITHDRAWN, RECHECK, UNANSWERED, ACCEPTED, CASES)
