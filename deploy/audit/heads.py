"""Heads of the audits' chains that were copied out of the databases: read from logs and files."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from services.chassis.audit_heads import HEAD_EVENT


class Head(NamedTuple):
    """What the chain of a service ended with at a time."""

    service: str
    at: datetime
    position: int
    hash: bytes


def read_heads(lines: Iterable[str]) -> list[Head]:
    """The heads in the lines of a file or of a service's log, whatever a collector put before each
    line; other lines are passed over.
    """
    heads = []
    for line in lines:
        if HEAD_EVENT not in line or "{" not in line:
            continue
        try:
            said = json.loads(line[line.index("{") :])
            if said["event"] == HEAD_EVENT:
                at = datetime.fromisoformat(said["timestamp"])
                digest = bytes.fromhex(said["hash"])
                heads.append(Head(str(said["service"]), at, int(said["position"]), digest))
        except (ValueError, KeyError, TypeError):
            continue
    return heads
