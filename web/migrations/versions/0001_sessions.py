"""Sessions of browsers, and what was typed into a form whose session had ended."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "session",
        sa.Column("id", sa.LargeBinary, primary_key=True, comment="hash of the cookie"),
        sa.Column("subject", sa.BigInteger, nullable=False, comment="blind index"),
        sa.Column("tokens", sa.LargeBinary, comment="sealed; NULL once it has ended"),
        sa.Column("draft", sa.LargeBinary, comment="sealed: a form sent after its end"),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("session_subject", "session", ["subject"])
    op.create_index("session_signed_in_at", "session", ["signed_in_at"])


def downgrade() -> None:
    op.drop_table("session")
