"""Intents, signatures, revocations, who looked, and the chassis's own tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("headers", postgresql.JSONB, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        postgresql_with={"autovacuum_vacuum_scale_factor": 0, "autovacuum_vacuum_threshold": 1000},
    )
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.Text, primary_key=True),
        sa.Column("event_id", sa.Text, primary_key=True),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    )
    op.create_table(
        "intent",
        sa.Column("dose_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("version", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("uvci", sa.String, nullable=False, unique=True),
        sa.Column("kid", sa.LargeBinary, nullable=False, comment="8 bytes"),
        sa.Column(
            "person",
            sa.BigInteger,
            nullable=False,
            comment="blind index of the personal ID or passport number",
        ),
        sa.Column("date_given", sa.Date, nullable=False),
        sa.Column(
            "claims",
            sa.LargeBinary,
            nullable=False,
            comment="sealed CBOR: the signed claims, and sex and nationality beside them",
        ),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("intent_person", "intent", ["person"])
    op.create_table(
        "signature",
        sa.Column("dose_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("version", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "withdrawn",
        sa.Column("dose_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("version", sa.SmallInteger, nullable=False),
    )
    op.create_table(
        "revocation",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("uvci", sa.String, nullable=False, unique=True),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column(
            "revoked_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="of the certificate: afterwards the entry says nothing",
        ),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("caller", sa.String, nullable=False, comment="subject of the token"),
        sa.Column("uvci", sa.String, nullable=False, comment="the certificate that was looked at"),
    )


def downgrade() -> None:
    for table in ("audit", "revocation", "withdrawn", "signature", "intent", "inbox", "outbox"):
        op.drop_table(table)
