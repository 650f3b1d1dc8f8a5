"""What station and police tell each other of a dose, and who has its case in hand."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column(
        "dose_case",
        sa.Column("claimed_by", sa.String(), comment="officer who has it in hand"),
    )
    op.add_column("dose_case", sa.Column("claimed_until", sa.DateTime(timezone=True)))
    op.create_table(
        "case_message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("dose_id", sa.BigInteger(), nullable=False, index=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("said_by", sa.String(), nullable=False, comment="subject of the caller"),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column(
            "said_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("text", sa.LargeBinary(), comment="sealed"),
        sa.Column("picture", sa.LargeBinary(), comment="sealed"),
        sa.Column("picture_type", sa.String()),
    )


def downgrade() -> None:
    op.drop_table("case_message")
    op.drop_column("dose_case", "claimed_until")
    op.drop_column("dose_case", "claimed_by")
