"""What names a cluster: its facility or batch, and the reason."""

from typing import NamedTuple

from contracts.words import Doubt, Reason

CLUSTER_ID = rf"^(facility-\d{{5}}|batch-[1-9]\d{{0,17}})-({'|'.join([*Reason, *Doubt])})$"
"""The pattern of a cluster's id."""


class ClusterKey(NamedTuple):
    """Doses of one facility or batch with one reason; `kind` says which of the two `key` names."""

    kind: str
    key: str
    reason: str

    @classmethod
    def of(cls, cluster_id: str) -> "ClusterKey":
        """From an id that matches `CLUSTER_ID`."""
        kind, key, reason = cluster_id.split("-", 2)
        return cls(kind, key, reason)

    def __str__(self) -> str:
        return "-".join(self)
