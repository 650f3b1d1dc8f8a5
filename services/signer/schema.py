"""The tables of the signer: what was decided to be signed, its signature, and what is no longer valid.

An intent is stored before it is signed and a signature after, so that a retry finishes what was begun and never mints a second serial.
A certificate is an intent together with its signature; the HC1 text is put together when it is read.
"""

from sqlalchemy import BigInteger, Column, Date, DateTime, Identity, Index, LargeBinary, MetaData, SmallInteger, String, Table, func

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
    Column("person", BigInteger, nullable=False, comment="blind index of the personal ID or passport number"),
    Column("date_given", Date, nullable=False),
    Column("claims", LargeBinary, nullable=False, comment="sealed CBOR: the signed claims, and sex and nationality beside them"),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Index("intent_person", "person"),
)

signature = Table(
    "signature",
    metadata,
    Column("dose_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", SmallInteger, primary_key=True, autoincrement=False),
    Column("signature", LargeBinary, nullable=False),
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
    Column("expires_at", DateTime(timezone=True), nullable=False, comment="of the certificate: afterwards the entry says nothing"),
)
