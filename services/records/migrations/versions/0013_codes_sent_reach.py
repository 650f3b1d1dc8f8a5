"""Messages of rows as codes, and what the sender of a batch reached when it was sent."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    codes = "messages by field and code, with blanks between; `*`: the next of `errors`"
    op.add_column("batch_row", sa.Column("codes", sa.String(), comment=codes))
    reach = "what its sender reached then: `f` or `r` and a code, `*` all; null: not known"
    op.add_column("batch", sa.Column("sent_reach", postgresql.ARRAY(sa.String()), comment=reach))


def downgrade() -> None:
    op.drop_column("batch", "sent_reach")
    op.drop_column("batch_row", "codes")
