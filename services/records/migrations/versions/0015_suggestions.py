"""Whom the verifier suggests, who accepted it, and which doses passed since."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "suggestion",
        sa.Column("dose_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column(
            "certain",
            sa.String(),
            comment="by which kind a policy calls the first certain; else null",
        ),
        sa.Column(
            "person",
            sa.BigInteger(),
            nullable=False,
            comment="blind index of the first one's number",
        ),
        sa.Column(
            "people",
            sa.LargeBinary(),
            nullable=False,
            comment="sealed JSON list, the likeliest first",
        ),
        sa.Column("dismissed_by", sa.String(), comment="subject who said that it is not the first"),
        sa.Column("dismissed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("dose_id"),
    )
    op.create_table(
        "acceptance",
        sa.Column("dose_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column(
            "person",
            sa.LargeBinary(),
            nullable=False,
            comment="sealed number of the suggested person",
        ),
        sa.Column("proof", sa.String(), nullable=False, comment="card | guardian | sight"),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column(
            "next_step", sa.String(), nullable=False, comment="verified_again | second_officer"
        ),
        sa.Column("accepted_by", sa.String(), nullable=False, comment="subject of the caller"),
        sa.Column(
            "accepted_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("now()"),
        ),
        sa.Column("undone_by", sa.String()),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("dose_id", "version"),
    )
    op.create_table(
        "mended",
        sa.Column("dose_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column(
            "mended_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")
        ),
        sa.Column("facility_code", sa.String(), nullable=False),
        sa.Column("residence", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("dose_id"),
    )
    op.create_index("mended_at", "mended", ["mended_at"])


def downgrade() -> None:
    for table in ("mended", "acceptance", "suggestion"):
        op.drop_table(table)
