"""Doses are found by name and birth date, and people by a number they had before."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    comment = "blind index of typed name and birth date (`domain.namesakes`); null: not yet made"
    column = sa.Column("namesake", sa.BigInteger(), comment=comment)
    op.add_column("dose", column, if_not_exists=True)
    # where they were built beforehand, CONCURRENTLY, there is nothing to wait for
    op.create_index(
        "dose_namesake",
        "dose",
        ["namesake"],
        postgresql_where=sa.text("namesake IS NOT NULL"),
        if_not_exists=True,
    )
    op.create_index(
        "dose_unnamed",
        "dose",
        ["id"],
        postgresql_where=sa.text("namesake IS NULL"),
        if_not_exists=True,
    )
    op.create_table(
        "registered_namesake",
        sa.Column("dose_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("namesake", sa.BigInteger(), nullable=False, comment="blind index, as of `dose`"),
    )
    op.create_index("registered_namesake_namesake", "registered_namesake", ["namesake"])
    number = "blind index of a number that a person had before"
    person = "blind index of the registry's number"
    op.create_table(
        "old_number",
        *(
            sa.Column(name, sa.BigInteger(), primary_key=True, autoincrement=False, comment=comment)
            for name, comment in (("number", number), ("person", person))
        ),
    )


def downgrade() -> None:
    op.drop_table("old_number")
    op.drop_table("registered_namesake")
    op.drop_index("dose_unnamed", "dose")
    op.drop_index("dose_namesake", "dose")
    op.drop_column("dose", "namesake")
