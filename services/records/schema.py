"""The tables of records: batches, doses at their current version, older versions, row answers, statuses and the worklist.

A dose without a status row, or with one of an older version, is pending: so neither intake nor a correction writes a status.
"""

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Sequence,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    func,
    text,
)

from services.chassis.idempotency import idempotency_table
from services.chassis.inbox import inbox_table
from services.chassis.outbox import outbox_table

metadata = MetaData()

outbox = outbox_table(metadata)
inbox = inbox_table(metadata)
idempotency = idempotency_table(metadata)

# one draw gives a block of 500 ids: a chunk costs one round trip, not 500
dose_ids = Sequence("dose_id_block", metadata=metadata, start=1, increment=500)

batch = Table(
    "batch",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("submitted_by", String, nullable=False),
    Column("facility_code", String, comment="of a facility's own token"),
    Column("media_type", String, nullable=False),
    Column("received", Integer, nullable=False, server_default="0"),
    Column("accepted", Integer, nullable=False, server_default="0"),
    Column("rejected", Integer, nullable=False, server_default="0"),
    Column("unchanged", Integer, nullable=False, server_default="0", comment="accepted rows that said nothing new"),
    Column("corrected", Integer, nullable=False, server_default="0", comment="accepted rows that made a new version"),
    Column("warnings", Integer, nullable=False, server_default="0"),
    Column("status", String, nullable=False, server_default="open", comment="open | complete | broken (the upload ended early)"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("finished_at", DateTime(timezone=True)),
)


def _version_columns() -> tuple[Column[object], ...]:
    return (
        Column("version", SmallInteger, nullable=False),
        Column("batch_id", BigInteger, nullable=False),
        Column("row", Integer, nullable=False),
        Column("digest", BigInteger, nullable=False, comment="64-bit digest of the content, to know the same again"),
        Column("province_code", String, nullable=False),
        Column("district_code", String, nullable=False),
        Column("commune_code", String, nullable=False),
        Column("product", String, nullable=False),
        Column("lot", String, nullable=False),
        Column("dose_number", SmallInteger, nullable=False),
        Column("dose_kind", String, nullable=False),
        Column("date_given", Date, nullable=False),
        Column("person", LargeBinary, nullable=False, comment="sealed JSON of the person as typed"),
    )


dose = Table(
    "dose",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("facility_code", String, nullable=False),
    Column("source_id", String, nullable=False),
    *_version_columns(),
    UniqueConstraint("facility_code", "source_id", name="dose_natural_key"),
    Index("dose_batch", "batch_id", "row"),
)

dose_history = Table(
    "dose_history",
    metadata,
    Column("dose_id", BigInteger, primary_key=True, autoincrement=False),
    *(column if column.name != "version" else Column("version", SmallInteger, primary_key=True) for column in _version_columns()),
    Column("replaced_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("replaced_by", String, nullable=False, comment="subject of the caller"),
    Column("reason", String, nullable=False),
    Index("dose_history_batch", "batch_id", "row"),
)

batch_row = Table(
    "batch_row",
    metadata,
    Column("batch_id", BigInteger, primary_key=True, autoincrement=False),
    Column("row", Integer, primary_key=True, autoincrement=False),
    Column("outcome", String, nullable=False, comment="rejected | unchanged | warned"),
    Column("source_id", String, nullable=False),
    Column("dose_id", BigInteger),
    Column("errors", JSON, nullable=False),
    Column("raw", LargeBinary, comment="sealed JSON of a rejected row as typed, so that the file can be given back"),
)

# fillfactor: an issued dose updates its row in place (HOT), which no index may prevent
dose_status = Table(
    "dose_status",
    metadata,
    Column("dose_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", SmallInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("grade", String),
    Column("reasons", ARRAY(String), nullable=False, server_default=text("'{}'")),
    Column("uvci", String),
    Column("refusal", String, comment="code of the rule by which no certificate is due"),
    postgresql_with={"fillfactor": "70"},
)

problem = Table(
    "problem",
    metadata,
    Column("dose_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", SmallInteger, nullable=False),
    Column("grade", String, nullable=False),
    Column("reasons", ARRAY(String), nullable=False),
    Column("facility_code", String, nullable=False),
    Column("residence", String, nullable=False, comment="province, district and commune codes joined"),
    Column("in_review", Boolean, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("problem_residence", "residence", "dose_id"),
    Index("problem_facility", "facility_code", "dose_id"),
)
