"""Bulk runs: which cases are certain, and the pages on which two people confirm them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def _at(name: str, *, given: bool = False) -> sa.Column[object]:
    now = sa.text("now()") if given else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=now, nullable=not given)


def upgrade() -> None:
    op.add_column(
        "dose_case",
        sa.Column(
            "certain",
            sa.String(),
            nullable=True,
            comment="kind by which the suggestion may be confirmed by the page; null: none",
        ),
    )
    op.add_column(
        "dose_case",
        sa.Column(
            "left_bulk",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="somebody took it out of a page: from then on it is decided singly",
        ),
    )
    op.create_index(
        "dose_case_certain",
        "dose_case",
        ["certain", "residence", "dose_id"],
        postgresql_where=sa.text("certain IS NOT NULL AND state = 'open'"),
    )
    op.create_table(
        "bulk_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False, comment="prefix of joined residence codes"),
        sa.Column("started_by", sa.String(), nullable=False),
        _at("started_at", given=True),
        sa.Column(
            "state", sa.String(), nullable=False, comment="sample | pages | stopped | undone"
        ),
        sa.Column(
            "sample_left",
            sa.SmallInteger(),
            nullable=False,
            comment="rows still to be looked at singly",
        ),
    )
    op.create_index("bulk_run_area", "bulk_run", ["area", "id"])
    op.create_table(
        "bulk_page",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("run_id", sa.BigInteger(), nullable=False, index=True),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("first_by", sa.String(), nullable=False),
        _at("shown_at", given=True),
        _at("first_at"),
        sa.Column("second_by", sa.String(), comment="who has it in hand, or confirmed it"),
        _at("second_shown_at"),
        _at("second_at"),
    )
    op.create_index(
        "bulk_page_second",
        "bulk_page",
        ["id"],
        postgresql_where=sa.text("first_at IS NOT NULL AND second_at IS NULL"),
    )
    op.create_table(
        "bulk_row",
        sa.Column("page_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("dose_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False, comment="blind index of what was shown"),
        sa.Column(
            "state",
            sa.String(),
            nullable=False,
            comment="shown | first | confirmed | taken_out | wrong | changed | gone | undone",
        ),
        sa.Column("decision_id", sa.BigInteger(), index=True),
    )
    op.create_index("bulk_row_dose", "bulk_row", ["dose_id"])
    op.create_table(
        "bulk_stop",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("dose_id", sa.BigInteger(), nullable=False, comment="whose suggestion was wrong"),
        sa.Column("stopped_by", sa.String(), nullable=False),
        _at("at", given=True),
        sa.Column(
            "lifted_by", sa.String(), comment="of the province or ministry, who looked at it"
        ),
        _at("lifted_at"),
    )


def downgrade() -> None:
    for table in ("bulk_stop", "bulk_row", "bulk_page", "bulk_run"):
        op.drop_table(table)
    op.drop_index("dose_case_certain", "dose_case")
    op.drop_column("dose_case", "left_bulk")
    op.drop_column("dose_case", "certain")
