"""How often a case changed at one version, and how last: records is told so."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column(
        "dose_case",
        sa.Column(
            "step",
            sa.Integer(),
            nullable=False,
            server_default="0",
            comment="grows with each change at one version, so that others know the newest",
        ),
    )
    op.add_column(
        "dose_case",
        sa.Column("act", sa.String(), comment="what people did last; null: it is as it was opened"),
    )
    op.add_column(
        "dose_case",
        sa.Column("moved_at", sa.DateTime(timezone=True), comment="when they did"),
    )


def downgrade() -> None:
    for column in ("moved_at", "act", "step"):
        op.drop_column("dose_case", column)
