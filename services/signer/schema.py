"""The tables of the signer: what was decided to be signed, its signature, and what is no longer
valid.

An intent is stored before it is signed, and its signature after. So a retry finishes what was begun
and never mints a second serial. A certificate is an intent together with its signature. The HC1
text is put together when it is read. A certificate that is about to expire gets a next edition,
with an intent, a serial and a signature of its own. Issuing writes first editions, by the column's
default.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    func,
    text,
)

from services.chassis.audit import audit_table
from services.chassis.inbox import inbox_table
from services.chassis.outbox import outbox_table

metadata = MetaData()

outbox = outbox_table(metadata)
inbox = inbox_table(metadata)
audit = audit_table(metadata)

intent = Table(
    "intent",
    metadata,
    Column("dose_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", SmallInteger, primary_key=True, autoincrement=False),
    Column("uvci", String, nullable=False, unique=True),
    Column("kid", LargeBinary, nullable=False, comment="8 bytes"),
    Column(
        "person",
        BigInteger,
        nullable=False,
        comment="blind index of the personal ID or passport number",
    ),
    Column("date_given", Date, nullable=False),
    Column(
        "claims",
        LargeBinary,
        nullable=False,
        comment="sealed CBOR: the signed claims, and sex and nationality beside them",
    ),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column(
        "edition",
        SmallInteger,
        primary_key=True,
        autoincrement=False,
        server_default="1",
        comment="1, and one more with each renewal",
    ),
    Column(
        "dose_number",
        SmallInteger,
        comment="as typed, while this row stands for the injection; null: it does not",
    ),
    Column(
        "single_series",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="a series of one dose, so that later ones are n/1",
    ),
    Column(
        "facility_code",
        String,
        nullable=False,
        server_default="",
        comment="who recorded the dose; empty: issued before this was told",
    ),
    Column(
        "residence",
        String,
        nullable=False,
        server_default="",
        comment="codes of province, district and commune as recorded, joined",
    ),
    # one certificate an injection: the same person, day and dose number; also how a person's
    # certificates are found
    Index("intent_injection", "person", "date_given", "dose_number", unique=True),
    Index("intent_single_series", "person", postgresql_where=text("single_series")),
    # read twice for every dose that is issued, and nearly empty
    Index("intent_corrected", "dose_id", postgresql_where=text("version > 1")),
    # rows come in the order in which they expire, so a BRIN index is enough; a B-tree cost each new
    # row 4% more
    Index(
        "intent_expires_at",
        "expires_at",
        postgresql_using="brin",
        postgresql_with={"pages_per_range": 256, "autosummarize": "on"},
    ),
)

signature = Table(
    "signature",
    metadata,
    Column("dose_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", SmallInteger, primary_key=True, autoincrement=False),
    Column("signature", LargeBinary, nullable=False),
    Column("edition", SmallInteger, primary_key=True, autoincrement=False, server_default="1"),
)

# keeps the highest version withdrawn: an event that comes late must not bring a withdrawn dose back
withdrawn = Table(
    "withdrawn",
    metadata,
    Column("dose_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", SmallInteger, nullable=False),
)

revocation = Table(
    "revocation",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("uvci", String, nullable=False, unique=True),
    Column("reason", String, nullable=False),
    Column("revoked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column(
        "expires_at",
        DateTime(timezone=True),
        nullable=False,
        comment="of the certificate: afterwards the entry says nothing",
    ),
)

lookup_code = Table(
    "lookup_code",
    metadata,
    Column(
        "code",
        BigInteger,
        primary_key=True,
        autoincrement=False,
        comment="blind index of person and code",
    ),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    Index("lookup_code_expires_at", "expires_at"),
)

person_alias = Table(
    "person_alias",
    metadata,
    Column(
        "alias",
        BigInteger,
        primary_key=True,
        autoincrement=False,
        comment="blind index of a number that the person had before",
    ),
    Column("person", BigInteger, primary_key=True, autoincrement=False, comment="as of an intent"),
)

passport_link = Table(
    "passport_link",
    metadata,
    Column("token", LargeBinary, primary_key=True, comment="SHA-256 of the link's token"),
    Column("person", BigInteger, nullable=False, comment="as of an intent"),
    Column("nationality", String, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column(
        "again",
        LargeBinary,
        unique=True,
        comment="SHA-256 of what lets its opener look again; null: not opened",
    ),
    Column("again_until", DateTime(timezone=True)),
    Index("passport_link_expires_at", "expires_at"),
)

renewal_position = Table(
    "renewal_position",
    metadata,
    Column(
        "one",
        SmallInteger,
        primary_key=True,
        autoincrement=False,
        comment="always 1: there is one row",
    ),
    Column(
        "reached",
        DateTime(timezone=True),
        nullable=False,
        comment="what expires until then was dealt with",
    ),
)

# what the lint, or the policy of today, refuses: tried again each day, and never in the way of
# others
unrenewed = Table(
    "unrenewed",
    metadata,
    Column("dose_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", SmallInteger, primary_key=True, autoincrement=False),
    Column("edition", SmallInteger, nullable=False, comment="the one that expires"),
    Column("code", String, nullable=False, comment="of the rule that says why"),
    Column("tried_at", DateTime(timezone=True), nullable=False),
)
