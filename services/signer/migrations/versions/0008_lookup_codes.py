"""Codes that offices give out for one look-up each."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "lookup_code",
        sa.Column(
            "code",
            sa.BigInteger(),
            primary_key=True,
            autoincrement=False,
            comment="blind index of person and code",
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False, server_default="0"),
    )
    op.create_index("lookup_code_expires_at", "lookup_code", ["expires_at"])


def downgrade() -> None:
    op.drop_table("lookup_code")
