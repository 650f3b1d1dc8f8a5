"""Pages of the statuses keep room for both versions of a row, so that issuing updates in place;
pages written before stay as they are.
"""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("ALTER TABLE dose_status SET (fillfactor = 40)")


def downgrade() -> None:
    op.execute("ALTER TABLE dose_status SET (fillfactor = 70)")
