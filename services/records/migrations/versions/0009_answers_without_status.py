"""The answers kept by Idempotency-Key need no status: it was never read."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.alter_column("idempotency", "status", nullable=True)


def downgrade() -> None:
    op.execute("UPDATE idempotency SET status = 200 WHERE status IS NULL")
    op.alter_column("idempotency", "status", nullable=False)
