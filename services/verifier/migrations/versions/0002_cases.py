"""Cases and decisions, who was used or typed as blind indexes, and how far the registry's feed was
followed.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

_ACTS = (
    "check | read | look_up | case_list | case_read | case_confirm | case_reject | case_papers |"
    " case_undo"
)
_NUMBERS = (
    (
        "number",
        "blind index of the registry's number that was used, or else that the dose waits for",
    ),
    ("used", "blind index of all the registry's data that was used; null where none was"),
)


def upgrade() -> None:
    for name, comment in _NUMBERS:
        op.add_column(
            "verification", sa.Column(name, sa.BigInteger(), nullable=True, comment=comment)
        )
    op.create_index("verification_number", "verification", ["number"])
    op.alter_column(
        "audit", "act", existing_type=sa.String(), existing_nullable=False, comment=_ACTS
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
    op.create_index("ix_idempotency_at", "idempotency", ["at"])
    op.create_table(
        "dose_case",
        sa.Column("dose_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column(
            "state",
            sa.String(),
            nullable=False,
            comment="open | asked_for_papers | awaiting_second | decided | closed",
        ),
        sa.Column("grade", sa.String(), server_default="", nullable=False),
        sa.Column(
            "reasons", postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column(
            "residence",
            sa.String(),
            server_default="",
            nullable=False,
            comment="province, district and commune codes joined",
        ),
        sa.Column("facility_code", sa.String(), server_default="", nullable=False),
        sa.Column(
            "opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "assigned_to",
            sa.String(),
            nullable=True,
            comment="subject of the officer who acted on it last",
        ),
        sa.PrimaryKeyConstraint("dose_id"),
    )
    op.create_index(
        "dose_case_residence",
        "dose_case",
        ["residence", "dose_id"],
        postgresql_where=sa.text("state <> 'closed'"),
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("dose_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False, comment="that the officer saw"),
        sa.Column(
            "fingerprint",
            sa.BigInteger(),
            nullable=False,
            comment="blind index of the typed person, for whom alone it holds",
        ),
        sa.Column("kind", sa.String(), nullable=False, comment="confirm | reject | papers"),
        sa.Column(
            "persons",
            sa.LargeBinary(),
            nullable=False,
            comment="sealed JSON list of personal numbers",
        ),
        sa.Column("note_code", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=True, comment="the second officer"),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "in_force",
            sa.Boolean(),
            nullable=False,
            comment="false: waits for the second officer, only asked for papers, or was undone",
        ),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_decision_dose_id", "decision", ["dose_id"])
    op.create_table(
        "feed_position",
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("feed"),
    )


def downgrade() -> None:
    for table in ("feed_position", "decision", "dose_case", "idempotency"):
        op.drop_table(table)
    for name, _ in _NUMBERS:
        op.drop_column("verification", name)
