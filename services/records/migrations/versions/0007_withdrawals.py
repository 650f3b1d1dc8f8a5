"""Who withdrew a dose, when and why; and what was withdrawn before it was judged leaves the
worklist, where it stood for ever.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "withdrawal",
        sa.Column("dose_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column(
            "withdrawn_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("withdrawn_by", sa.String(), nullable=False, comment="subject of the caller"),
        sa.Column(
            "reason", sa.String(), nullable=False, comment="a code, or words of the caller's own"
        ),
        sa.PrimaryKeyConstraint("dose_id", "version"),
    )
    # append-only, whoever connects: the service's own user owns the table, so a grant could not say
    # it
    op.execute(
        "CREATE FUNCTION withdrawal_stays() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'withdrawal is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER withdrawal_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON withdrawal "
        "FOR EACH STATEMENT EXECUTE FUNCTION withdrawal_stays()"
    )
    op.execute(
        "WITH ended AS (DELETE FROM problem USING dose_status AS status WHERE status.dose_id ="
        " problem.dose_id AND status.version = problem.version AND status.state = 'withdrawn'"
        " RETURNING problem.dose_id) DELETE FROM assignment USING ended WHERE assignment.dose_id ="
        " ended.dose_id"
    )


def downgrade() -> None:
    op.drop_table("withdrawal")
    op.execute("DROP FUNCTION withdrawal_stays()")
