"""Why people must decide on a dose whoever its person is, what was understood of a file, and who
waits as a duplicate.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"

_DOUBTS = "codes, with spaces between: why people must decide; null: none"


def upgrade() -> None:
    for table in ("dose", "dose_history"):
        op.add_column(table, sa.Column("doubts", sa.String(), comment=_DOUBTS))
    names = "names of the sheets that were read; null: the file has none"
    op.add_column("batch", sa.Column("sheets", postgresql.ARRAY(sa.String()), comment=names))
    report = "what was understood of the file, and what was passed over"
    op.add_column("batch", sa.Column("report", sa.JSON(), comment=report))
    waiting = sa.text("refusal IN ('DUPLICATE_DOSE', 'DUPLICATE_KEPT')")
    op.create_index("dose_status_duplicate", "dose_status", ["dose_id"], postgresql_where=waiting)


def downgrade() -> None:
    op.drop_index("dose_status_duplicate", "dose_status")
    op.drop_column("batch", "report")
    op.drop_column("batch", "sheets")
    for table in ("dose_history", "dose"):
        op.drop_column(table, "doubts")
