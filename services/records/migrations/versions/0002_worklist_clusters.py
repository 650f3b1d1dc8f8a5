"""Worklist by age, assignee and typed identity; clusters, and the runs of their rules."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for table in ("dose", "dose_history"):
        op.add_column(table, sa.Column("birth_year", sa.SmallInteger()))
        op.add_column(
            table,
            sa.Column("identity", sa.BigInteger(), comment="blind index of the typed identity"),
        )
    op.add_column("problem", sa.Column("birth_year", sa.SmallInteger()))
    op.add_column("problem", sa.Column("identity", sa.BigInteger(), comment="of the dose"))
    op.create_index("problem_identity", "problem", ["identity"])
    op.create_table(
        "assignment",
        sa.Column("dose_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("assignee", sa.String(), nullable=False),
        sa.Column("assigned_by", sa.String(), nullable=False, comment="subject of the caller"),
        sa.Column(
            "assigned_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("dose_id"),
    )
    op.create_index("assignment_assignee", "assignment", ["assignee"])
    op.create_table(
        "cluster",
        sa.Column("id", sa.String(), nullable=False, comment="kind, key and reason joined"),
        sa.Column("kind", sa.String(), nullable=False, comment="facility | batch"),
        sa.Column("key", sa.String(), nullable=False, comment="facility code or batch id"),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column(
            "facilities",
            sa.String(),
            nullable=False,
            comment="common beginning of the facilities' codes",
        ),
        sa.Column(
            "wrong",
            sa.Integer(),
            nullable=False,
            comment="doses with the reason, repaired ones too",
        ),
        sa.Column("waiting", sa.Integer(), nullable=False, comment="of these, waiting for people"),
        sa.Column("total", sa.Integer(), nullable=False, comment="doses of the facility or batch"),
        sa.Column(
            "elsewhere",
            sa.Float(),
            nullable=False,
            comment="share with the reason in the rest of the country",
        ),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column(
            "found_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("cluster_wrong", "cluster", ["wrong", "id"])
    op.create_table(
        "rule_run",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("cluster_id", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column(
            "facilities",
            sa.String(),
            nullable=False,
            comment="common beginning of the facilities' codes",
        ),
        sa.Column("applied_by", sa.String(), nullable=False, comment="subject of the caller"),
        sa.Column(
            "applied_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("changed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("undone_by", sa.String(), comment="subject of the caller"),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.Column("restored", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "rule_change",
        sa.Column("run_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("dose_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "version", sa.SmallInteger(), nullable=False, comment="the version that the run made"
        ),
        sa.PrimaryKeyConstraint("run_id", "dose_id"),
    )


def downgrade() -> None:
    for table in ("rule_change", "rule_run", "cluster", "assignment"):
        op.drop_table(table)
    op.drop_index("problem_identity", table_name="problem")
    for table in ("problem", "dose_history", "dose"):
        op.drop_column(table, "identity")
        op.drop_column(table, "birth_year")
