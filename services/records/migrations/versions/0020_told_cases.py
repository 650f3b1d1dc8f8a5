"""Where the police are with a dose, and why an acceptance did not hold."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column(
        "problem",
        sa.Column(
            "case_open",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
            comment="the verifier opened a case with this version; what came of it: `told_case`",
        ),
    )
    op.create_table(
        "told_case",
        sa.Column("dose_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column(
            "step", sa.Integer(), nullable=False, comment="grows with each change at one version"
        ),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False, comment="what was done last"),
        sa.Column(
            "waiting_for",
            sa.String(),
            comment="police | second_officer | station; null: nobody",
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("dose_id"),
    )
    op.add_column(
        "acceptance",
        sa.Column(
            "refused", sa.String(), comment="code: why it did not hold; null: it was not refused"
        ),
    )
    op.add_column("acceptance", sa.Column("refused_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    for column in ("refused_at", "refused"):
        op.drop_column("acceptance", column)
    op.drop_table("told_case")
    op.drop_column("problem", "case_open")
