"""Certificates are renewed: editions of one dose's certificate, how far renewal has come, and what
it could not renew.

Only the two indexes take time on tables with rows in them; whatever of it was done before the
upgrade (docs/operations/upgrade.md) is not done again. The old code goes on
beside this: it writes first editions, which is what the column says by default.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for table in ("intent", "signature"):
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS edition smallint NOT NULL DEFAULT 1"
        )
        op.execute(
            f"CREATE UNIQUE INDEX IF NOT EXISTS {table}_edition ON {table} (dose_id, version,"
            " edition)"
        )
        op.execute(
            f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey, ADD CONSTRAINT {table}_pkey PRIMARY"
            f" KEY USING INDEX {table}_edition"
        )
    op.alter_column(
        "intent",
        "edition",
        existing_type=sa.SmallInteger(),
        comment="1, and one more with each renewal",
    )
    op.execute(
        "CREATE INDEX IF NOT EXISTS intent_expires_at ON intent USING brin (expires_at) WITH"
        " (pages_per_range = 256, autosummarize = on)"
    )
    op.create_table(
        "renewal_position",
        sa.Column(
            "one",
            sa.SmallInteger,
            primary_key=True,
            autoincrement=False,
            comment="always 1: there is one row",
        ),
        sa.Column(
            "reached",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="what expires until then was dealt with",
        ),
    )
    op.create_table(
        "unrenewed",
        sa.Column("dose_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("version", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("edition", sa.SmallInteger, nullable=False, comment="the one that expires"),
        sa.Column("code", sa.String, nullable=False, comment="of the rule that says why"),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("unrenewed")
    op.drop_table("renewal_position")
    op.drop_index("intent_expires_at", "intent")
    for table in ("intent", "signature"):
        op.execute(f"DELETE FROM {table} WHERE edition > 1")  # noqa: S608
        op.drop_constraint(f"{table}_pkey", table)
        op.create_primary_key(f"{table}_pkey", table, ["dose_id", "version"])
        op.drop_column(table, "edition")
