"""One certificate an injection, and which persons' series was of one dose.

What was signed before this keeps no dose number: it stands in nobody's way, and the passport counts
it once all the same.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    number = "as typed, while this row stands for the injection; null: it does not"
    op.execute("ALTER TABLE intent ADD COLUMN IF NOT EXISTS dose_number smallint")
    op.alter_column("intent", "dose_number", existing_type=sa.SmallInteger(), comment=number)
    single = "a series of one dose, so that later ones are n/1"
    op.execute(
        "ALTER TABLE intent ADD COLUMN IF NOT EXISTS single_series boolean NOT NULL DEFAULT false"
    )
    op.alter_column("intent", "single_series", existing_type=sa.Boolean(), comment=single)
    op.execute(
        "CREATE UNIQUE INDEX IF NOT EXISTS intent_injection ON intent (person, date_given,"
        " dose_number)"
    )
    op.execute(
        "CREATE INDEX IF NOT EXISTS intent_single_series ON intent (person) WHERE single_series"
    )
    op.drop_index("intent_person", "intent")


def downgrade() -> None:
    op.create_index("intent_person", "intent", ["person"])
    for index in ("intent_single_series", "intent_injection"):
        op.drop_index(index, "intent")
    for column in ("single_series", "dose_number"):
        op.drop_column("intent", column)
