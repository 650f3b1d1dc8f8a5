"""Verifications, and the audit of who looked at what."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("caller", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False, comment="check | read"),
        sa.Column(
            "subject",
            sa.BigInteger(),
            nullable=True,
            comment="dose id, or the blind index of the number that was asked for",
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column(
            "time", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("consumer", "event_id"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("headers", postgresql.JSONB(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        postgresql_with={"autovacuum_vacuum_scale_factor": 0, "autovacuum_vacuum_threshold": 1000},
    )
    op.create_table(
        "verification",
        sa.Column("dose_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("facility_code", sa.String(), nullable=False),
        sa.Column(
            "residence",
            sa.String(),
            nullable=False,
            comment="province, district and commune codes joined",
        ),
        sa.Column("grade", sa.String(), nullable=False),
        sa.Column(
            "attributes",
            sa.String(),
            nullable=True,
            comment="JSON list; null where every attribute matches",
        ),
        sa.Column("algorithm", sa.String(), nullable=False),
        sa.Column("registry_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "evidence",
            sa.LargeBinary(),
            nullable=True,
            comment=(
                "sealed: what was typed, what replaced it, who else was thought of; null where"
                " equal"
            ),
        ),
        sa.PrimaryKeyConstraint("dose_id", "version"),
    )
    op.create_index("verification_batch", "verification", ["batch_id", "dose_id"], unique=False)


def downgrade() -> None:
    op.drop_index("verification_batch", table_name="verification")
    op.drop_table("verification")
    op.drop_table("outbox")
    op.drop_table("inbox")
    op.drop_table("audit")
