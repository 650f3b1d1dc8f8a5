"""Complaints know who and which dose; letters tell where doses stand."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    for column in (
        sa.Column(
            "dose_id",
            sa.BigInteger(),
            comment="which dose it is about; null: none, or not known whose",
        ),
        sa.Column(
            "residence",
            sa.String(),
            comment="of the person, as of that dose: codes joined; null: not known",
        ),
        sa.Column(
            "corrected",
            sa.String(),
            comment="fields that the answer put right, blanks between; null: none",
        ),
    ):
        op.add_column("complaint", column)
    op.create_index(
        "complaint_residence",
        "complaint",
        ["residence", "id"],
        postgresql_where=sa.text("residence IS NOT NULL"),
    )
    op.create_index(
        "complaint_dose",
        "complaint",
        ["dose_id"],
        postgresql_where=sa.text("dose_id IS NOT NULL"),
    )
    op.create_table(
        "standing_letter",
        sa.Column("id", sa.Uuid(), primary_key=True, comment="the letter's name"),
        sa.Column("kind", sa.String(), nullable=False, comment="why it is owed"),
        sa.Column(
            "content",
            sa.LargeBinary(),
            nullable=False,
            comment="sealed JSON: email, doses, complaint",
        ),
        sa.Column(
            "due_at", sa.DateTime(timezone=True), nullable=False, comment="nobody tries before"
        ),
        sa.Column("tries", sa.SmallInteger(), server_default="0", nullable=False),
    )
    op.create_index("standing_letter_due", "standing_letter", ["due_at"])


def downgrade() -> None:
    op.drop_table("standing_letter")
    op.drop_index("complaint_dose", "complaint")
    op.drop_index("complaint_residence", "complaint")
    for name in ("corrected", "residence", "dose_id"):
        op.drop_column("complaint", name)
