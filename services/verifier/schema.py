"""The tables of the verifier.

Verifications, cases, officers' decisions, how far the registry's feed was followed, and the audit.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    false,
    func,
    text,
)

from services.chassis.audit import audit_table
from services.chassis.idempotency import idempotency_table
from services.chassis.inbox import inbox_table
from services.chassis.outbox import outbox_table

metadata = MetaData()

outbox = outbox_table(metadata)
inbox = inbox_table(metadata)
idempotency = idempotency_table(metadata)
audit = audit_table(metadata)

verification = Table(
    "verification",
    metadata,
    Column("dose_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", SmallInteger, primary_key=True, autoincrement=False),
    Column("batch_id", BigInteger, nullable=False),
    Column("source_id", String, nullable=False),
    Column("facility_code", String, nullable=False),
    Column(
        "residence", String, nullable=False, comment="province, district and commune codes joined"
    ),
    Column("grade", String, nullable=False),
    Column("attributes", String, comment="JSON list; null where every attribute matches"),
    Column("algorithm", String, nullable=False),
    Column("registry_time", DateTime(timezone=True)),
    Column(
        "evidence",
        LargeBinary,
        comment=(
            "sealed: what was typed, what replaced it, who else was thought of; null where equal"
        ),
    ),
    Column(
        "number",
        BigInteger,
        comment=(
            "blind index of the registry's number that was used, or else waited for; see `typed`"
        ),
    ),
    Column(
        "used",
        BigInteger,
        comment=(
            "blind index of all the registry's data that was used; null where none was; see `typed`"
        ),
    ),
    Column(
        "doubts",
        ARRAY(String),
        comment="why people must decide, whoever the person is; null: for no such reason",
    ),
    Column(
        "typed",
        BigInteger,
        comment=(
            "blind index of who was typed, of later versions than the first; of a foreigner who"
            " passed that of the birth date, as `number` is of passport and nationality, and `used`"
            " of the name"
        ),
    ),
    Column(
        "rests_on",
        BigInteger,
        comment=(
            "the confirmation by which it passed, or by which an older version of the same"
            " person did"
        ),
    ),
    Index("verification_batch", "batch_id", "dose_id"),
    Index("verification_number", "number"),  # for the registry's feed
    Index(
        "verification_evidence",
        "registry_time",
        "dose_id",
        "version",
        postgresql_where=text("evidence IS NOT NULL"),
    ),
)

# One row for each dose that people ever had to decide, of a repair only once an officer asked for
# it. A closed row with no residence keeps older versions from coming late.
dose_case = Table(
    "dose_case",
    metadata,
    Column("dose_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", SmallInteger, nullable=False),
    Column(
        "state",
        String,
        nullable=False,
        comment="open | asked_for_papers | awaiting_second | decided | closed",
    ),
    Column("grade", String, nullable=False, server_default=""),
    Column("reasons", ARRAY(String), nullable=False, server_default=text("'{}'")),
    Column(
        "residence",
        String,
        nullable=False,
        server_default="",
        comment="province, district and commune codes joined",
    ),
    Column("facility_code", String, nullable=False, server_default=""),
    Column("opened_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("assigned_to", String, comment="subject of the officer who acted on it last"),
    Column(
        "certain",
        String,
        comment="kind by which the suggestion may be confirmed by the page; null: none",
    ),
    Column(
        "left_bulk",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="somebody took it out of a page: from then on it is decided singly",
    ),
    Column(
        "step",
        Integer,
        nullable=False,
        server_default="0",
        comment="grows with each change at one version, so that others know the newest",
    ),
    Column("act", String, comment="what people did last; null: it is as it was opened"),
    Column("moved_at", DateTime(timezone=True), comment="when they did"),
    Column("claimed_by", String, comment="officer who has it in hand"),
    Column("claimed_until", DateTime(timezone=True)),
    Index(
        "dose_case_certain",
        "certain",
        "residence",
        "dose_id",
        postgresql_where=text("certain IS NOT NULL AND state = 'open'"),
    ),
    Index(
        "dose_case_residence", "residence", "dose_id", postgresql_where=text("state <> 'closed'")
    ),
)

# it only grows; what was undone says by whom
decision = Table(
    "decision",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("dose_id", BigInteger, nullable=False, index=True),
    Column("version", SmallInteger, nullable=False, comment="that the officer saw"),
    Column(
        "fingerprint",
        BigInteger,
        nullable=False,
        comment="blind index of the typed person, for whom alone it holds",
    ),
    Column("kind", String, nullable=False, comment="confirm | reject | papers"),
    Column("persons", LargeBinary, nullable=False, comment="sealed JSON list of personal numbers"),
    Column("note_code", String, nullable=False),
    Column("decided_by", String, nullable=False),
    Column("approved_by", String, comment="the second officer"),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column(
        "in_force",
        Boolean,
        nullable=False,
        comment="false: waits for the second officer, only asked for papers, or was undone",
    ),
    Column("undone_by", String),
    Column("undone_at", DateTime(timezone=True)),
    Column(
        "doubts",
        ARRAY(String),
        nullable=False,
        server_default=text("'{}'"),
        comment="that the officer saw: only these it lifts",
    ),
    Column("reason", LargeBinary, comment="sealed: the officer's own words"),
    Column("approval_reason", LargeBinary, comment="sealed: the second officer's"),
)

# what station and police tell each other of a dose; it only grows
case_message = Table(
    "case_message",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("dose_id", BigInteger, nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("said_by", String, nullable=False, comment="subject of the caller"),
    Column("role", String, nullable=False),
    Column("said_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("text", LargeBinary, comment="sealed"),
    Column("picture", LargeBinary, comment="sealed"),
    Column("picture_type", String),
)

# one kind of certain suggestions in one area, worked off by the page
bulk_run = Table(
    "bulk_run",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", String, nullable=False),
    Column("area", String, nullable=False, comment="prefix of joined residence codes"),
    Column("started_by", String, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("state", String, nullable=False, comment="sample | pages | stopped | undone"),
    Column(
        "sample_left", SmallInteger, nullable=False, comment="rows still to be looked at singly"
    ),
    Index("bulk_run_area", "area", "id"),
)

bulk_page = Table(
    "bulk_page",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("run_id", BigInteger, nullable=False, index=True),
    Column("sample", Boolean, nullable=False),
    Column("first_by", String, nullable=False),
    Column("shown_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("first_at", DateTime(timezone=True)),
    Column("second_by", String, comment="who has it in hand, or confirmed it"),
    Column("second_shown_at", DateTime(timezone=True)),
    Column("second_at", DateTime(timezone=True)),
    Index(
        "bulk_page_second",
        "id",
        postgresql_where=text("first_at IS NOT NULL AND second_at IS NULL"),
    ),
)

bulk_row = Table(
    "bulk_row",
    metadata,
    Column("page_id", BigInteger, primary_key=True, autoincrement=False),
    Column("dose_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", SmallInteger, nullable=False),
    Column("seen", BigInteger, nullable=False, comment="blind index of what was shown"),
    Column(
        "state",
        String,
        nullable=False,
        comment="shown | first | confirmed | taken_out | wrong | changed | gone | undone",
    ),
    Column("decision_id", BigInteger, index=True),
    Index("bulk_row_dose", "dose_id"),
)

bulk_stop = Table(
    "bulk_stop",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", String, nullable=False),
    Column("area", String, nullable=False),
    Column("run_id", BigInteger, nullable=False),
    Column("dose_id", BigInteger, nullable=False, comment="whose suggestion was wrong"),
    Column("stopped_by", String, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("lifted_by", String, comment="of the province or ministry, who looked at it"),
    Column("lifted_at", DateTime(timezone=True)),
)

# rows of doses that wait for people alone, so a small part of all
watch = Table(
    "watch",
    metadata,
    Column(
        "seen",
        BigInteger,
        primary_key=True,
        autoincrement=False,
        comment="blind index of a suggested person's number, or of a blocking key",
    ),
    Column("dose_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", SmallInteger, nullable=False),
    Index("watch_dose", "dose_id"),
)

# one a dose version that somebody at a desk took an acceptance back of
taken_back = Table(
    "taken_back",
    metadata,
    Column("dose_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", SmallInteger, primary_key=True, autoincrement=False),
    Column("accepted_by", String, primary_key=True, comment="subject of the caller"),
    Column("at", DateTime(timezone=True), nullable=False, comment="earlier ones do not count"),
)

feed_position = Table(
    "feed_position",
    metadata,
    Column("feed", String, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
)
