"""Look-ups by old numbers, and links of one use to a passport."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "person_alias",
        sa.Column(
            "alias",
            sa.BigInteger(),
            primary_key=True,
            autoincrement=False,
            comment="blind index of a number that the person had before",
        ),
        sa.Column(
            "person",
            sa.BigInteger(),
            primary_key=True,
            autoincrement=False,
            comment="as of an intent",
        ),
    )
    op.create_table(
        "passport_link",
        sa.Column(
            "token", sa.LargeBinary(), primary_key=True, comment="SHA-256 of the link's token"
        ),
        sa.Column("person", sa.BigInteger(), nullable=False, comment="as of an intent"),
        sa.Column("nationality", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "again",
            sa.LargeBinary(),
            unique=True,
            comment="SHA-256 of what lets its opener look again; null: not opened",
        ),
        sa.Column("again_until", sa.DateTime(timezone=True)),
    )
    op.create_index("passport_link_expires_at", "passport_link", ["expires_at"])


def downgrade() -> None:
    op.drop_table("passport_link")
    op.drop_table("person_alias")
