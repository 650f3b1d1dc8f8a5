"""Where a certificate's dose was given and where its person lives: who may see it.

What was issued before this says neither, and only ministry and services see it.
"""

from alembic import op

revision = "0007"
down_revision = "0006"

_COMMENTS = {
    "facility_code": "who recorded the dose; empty: issued before this was told",
    "residence": "codes of province, district and commune as recorded, joined",
}


def upgrade() -> None:
    for column, comment in _COMMENTS.items():
        # a constant default is in the catalogue alone: no row is written, however many there are
        op.execute(
            f"ALTER TABLE intent ADD COLUMN IF NOT EXISTS {column} varchar NOT NULL DEFAULT ''"
        )
        op.execute(f"COMMENT ON COLUMN intent.{column} IS '{comment}'")


def downgrade() -> None:
    for column in _COMMENTS:
        op.drop_column("intent", column)
