"""Copies the head of the audit's chain out of the database, where nobody who changes the database
can change it.

A whole chain can be computed anew by whoever owns its database. Then only a head that was copied
before shows it: `hochieu audit --heads` compares.
"""

import json
import os
from datetime import datetime
from pathlib import Path

import structlog
from prometheus_client import Gauge
from pydantic import BaseModel

from services.chassis.db import Database
from services.chassis.telemetry import Metrics

HEAD_EVENT = "audit_head"
"""What a line of a log or file says that holds a head."""
_HEAD = "SELECT position, hash FROM audit_chain ORDER BY position DESC LIMIT 1"
_log = structlog.get_logger()


class AuditSettings(BaseModel):
    """`heads_file`: a file that heads are added to beside the log; it should be another user's, who
    lets it only grow.
    """

    heads_file: Path | None = None


class AuditHeads:
    """The chore of one process: a head that moved since its last turn is copied."""

    def __init__(self, service: str, db: Database, metrics: Metrics, cfg: AuditSettings) -> None:
        self._service = service
        self._db = db
        self._file = cfg.heads_file
        self._copied = 0
        self._position = Gauge(
            "audit_chain_position", "Rows of the audit's chain so far", registry=metrics.registry
        )

    async def copy(self, now: datetime) -> None:
        """Writes the head to the log, and to the file where there is one."""
        async with self._db.begin() as tx:
            head = await tx.raw.fetchrow(_HEAD)
        if head is None or head["position"] == self._copied:
            return
        position, digest = int(head["position"]), bytes(head["hash"]).hex()
        _log.info(HEAD_EVENT, position=position, hash=digest)
        if self._file is not None:
            line = {
                "event": HEAD_EVENT,
                "service": self._service,
                "timestamp": now.isoformat(),
                "position": position,
                "hash": digest,
            }
            _append(self._file, json.dumps(line) + "\n")
        self._position.set(position)
        self._copied = position


def _append(file: Path, line: str) -> None:
    """One write at the end: lines of several processes stay whole, and the file may be one that can
    only grow.
    """
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as stream:
        stream.write(line.encode())
