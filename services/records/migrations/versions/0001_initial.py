"""Batches, doses and their versions, row answers, statuses and the worklist."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("dose_id_block", start=1, increment=500)))
    op.create_table(
        "batch",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("submitted_by", sa.String(), nullable=False),
        sa.Column("facility_code", sa.String(), nullable=True, comment="of a facility's own token"),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("received", sa.Integer(), server_default="0", nullable=False),
        sa.Column("accepted", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rejected", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "unchanged",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="accepted rows that said nothing new",
        ),
        sa.Column(
            "corrected",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="accepted rows that made a new version",
        ),
        sa.Column("warnings", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "status",
            sa.String(),
            server_default="open",
            nullable=False,
            comment="open | complete | broken (the upload ended early)",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "batch_row",
        sa.Column("batch_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("outcome", sa.String(), nullable=False, comment="rejected | unchanged | warned"),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("dose_id", sa.BigInteger(), nullable=True),
        sa.Column("errors", sa.JSON(), nullable=False),
        sa.Column(
            "raw",
            sa.LargeBinary(),
            nullable=True,
            comment="sealed JSON of a rejected row as typed, so that the file can be given back",
        ),
        sa.PrimaryKeyConstraint("batch_id", "row"),
    )
    op.create_table(
        "dose",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("facility_code", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column(
            "digest",
            sa.BigInteger(),
            nullable=False,
            comment="64-bit digest of the content, to know the same again",
        ),
        sa.Column("province_code", sa.String(), nullable=False),
        sa.Column("district_code", sa.String(), nullable=False),
        sa.Column("commune_code", sa.String(), nullable=False),
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("lot", sa.String(), nullable=False),
        sa.Column("dose_number", sa.SmallInteger(), nullable=False),
        sa.Column("dose_kind", sa.String(), nullable=False),
        sa.Column("date_given", sa.Date(), nullable=False),
        sa.Column(
            "person", sa.LargeBinary(), nullable=False, comment="sealed JSON of the person as typed"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("facility_code", "source_id", name="dose_natural_key"),
    )
    op.create_index("dose_batch", "dose", ["batch_id", "row"], unique=False)
    op.create_table(
        "dose_history",
        sa.Column("dose_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column(
            "digest",
            sa.BigInteger(),
            nullable=False,
            comment="64-bit digest of the content, to know the same again",
        ),
        sa.Column("province_code", sa.String(), nullable=False),
        sa.Column("district_code", sa.String(), nullable=False),
        sa.Column("commune_code", sa.String(), nullable=False),
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("lot", sa.String(), nullable=False),
        sa.Column("dose_number", sa.SmallInteger(), nullable=False),
        sa.Column("dose_kind", sa.String(), nullable=False),
        sa.Column("date_given", sa.Date(), nullable=False),
        sa.Column(
            "person", sa.LargeBinary(), nullable=False, comment="sealed JSON of the person as typed"
        ),
        sa.Column(
            "replaced_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("replaced_by", sa.String(), nullable=False, comment="subject of the caller"),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("dose_id", "version"),
    )
    op.create_index("dose_history_batch", "dose_history", ["batch_id", "row"], unique=False)
    op.create_table(
        "dose_status",
        sa.Column("dose_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("grade", sa.String(), nullable=True),
        sa.Column("reasons", sa.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("uvci", sa.String(), nullable=True),
        sa.Column(
            "refusal",
            sa.String(),
            nullable=True,
            comment="code of the rule by which no certificate is due",
        ),
        sa.PrimaryKeyConstraint("dose_id"),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_table(
        "idempotency",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(op.f("ix_idempotency_at"), "idempotency", ["at"], unique=False)
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
        "problem",
        sa.Column("dose_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("grade", sa.String(), nullable=False),
        sa.Column("reasons", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("facility_code", sa.String(), nullable=False),
        sa.Column(
            "residence",
            sa.String(),
            nullable=False,
            comment="province, district and commune codes joined",
        ),
        sa.Column("in_review", sa.Boolean(), nullable=False),
        sa.Column(
            "since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("dose_id"),
    )
    op.create_index("problem_facility", "problem", ["facility_code", "dose_id"], unique=False)
    op.create_index("problem_residence", "problem", ["residence", "dose_id"], unique=False)


def downgrade() -> None:
    op.drop_index("problem_residence", table_name="problem")
    op.drop_index("problem_facility", table_name="problem")
    op.drop_table("problem")
    op.drop_table("outbox")
    op.drop_table("inbox")
    op.drop_index(op.f("ix_idempotency_at"), table_name="idempotency")
    op.drop_table("idempotency")
    op.drop_table("dose_status")
    op.drop_index("dose_history_batch", table_name="dose_history")
    op.drop_table("dose_history")
    op.drop_index("dose_batch", table_name="dose")
    op.drop_table("dose")
    op.drop_table("batch_row")
    op.drop_table("batch")
    op.execute(sa.schema.DropSequence(sa.Sequence("dose_id_block")))
