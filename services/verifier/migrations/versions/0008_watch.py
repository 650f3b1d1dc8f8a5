"""What doses that wait for people watch of the registry, and acceptances taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "watch",
        sa.Column(
            "seen",
            sa.BigInteger(),
            nullable=False,
            autoincrement=False,
            comment="blind index of a suggested person's number, or of a blocking key",
        ),
        sa.Column("dose_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seen", "dose_id"),
    )
    op.create_index("watch_dose", "watch", ["dose_id"])
    op.create_table(
        "taken_back",
        sa.Column("dose_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("version", sa.SmallInteger(), nullable=False, autoincrement=False),
        sa.Column("accepted_by", sa.String(), nullable=False, comment="subject of the caller"),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="earlier ones do not count",
        ),
        sa.PrimaryKeyConstraint("dose_id", "version", "accepted_by"),
    )


def downgrade() -> None:
    op.drop_table("taken_back")
    op.drop_table("watch")
