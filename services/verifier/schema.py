"""The tables of the verifier: one verification for each version of a dose, and who looked at what."""

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, LargeBinary, MetaData, SmallInteger, String, Table, func

from services.chassis.inbox import inbox_table
from services.chassis.outbox import outbox_table

metadata = MetaData()

outbox = outbox_table(metadata)
inbox = inbox_table(metadata)

verification = Table(
    "verification",
    metadata,
    Column("dose_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", SmallInteger, primary_key=True, autoincrement=False),
    Column("batch_id", BigInteger, nullable=False),
    Column("source_id", String, nullable=False),
    Column("facility_code", String, nullable=False),
    Column("residence", String, nullable=False, comment="province, district and commune codes joined"),
    Column("grade", String, nullable=False),
    Column("attributes", String, comment="JSON list; null where every attribute matches"),
    Column("algorithm", String, nullable=False),
    Column("registry_time", DateTime(timezone=True)),
    Column(
        "evidence", LargeBinary, comment="sealed: what was typed, what replaced it, who else was thought of; null where equal"
    ),
    Index("verification_batch", "batch_id", "dose_id"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("caller", String, nullable=False),
    Column("act", String, nullable=False, comment="check | read"),
    Column("subject", BigInteger, comment="dose id, or the blind index of the number that was asked for"),
)
