"""Letters owed to citizens about their complaints."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "complaint_letter",
        sa.Column(
            "id",
            sa.Uuid(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="the letter's name",
        ),
        sa.Column("complaint_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "due_at", sa.DateTime(timezone=True), nullable=False, comment="nobody tries before"
        ),
        sa.Column("tries", sa.SmallInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("complaint_id", name="complaint_letter_of_one_complaint"),
    )
    op.create_index("complaint_letter_due", "complaint_letter", ["due_at"])


def downgrade() -> None:
    op.drop_table("complaint_letter")
