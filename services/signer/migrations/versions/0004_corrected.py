"""Which doses have a newer version than their first is asked of an index of those alone."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    # where it was built beforehand, CONCURRENTLY, there is nothing to wait for
    op.execute("CREATE INDEX IF NOT EXISTS intent_corrected ON intent (dose_id) WHERE version > 1")


def downgrade() -> None:
    op.drop_index("intent_corrected", "intent")
