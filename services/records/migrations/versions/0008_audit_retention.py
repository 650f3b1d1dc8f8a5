"""One audit of who looked at what, in which roles and why; and what retention may forget: old
texts, complaints and versions.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"

# append-only, whoever connects: the service's own user owns the table, so a grant could not say it.
# Retention alone gets through: a row older than a year goes in a transaction that says so by a
# setting of its own (`audit.forget_before`), which ends with it
_STAYS = """
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.at < nullif(current_setting('audit.forget_before', true), '')::timestamptz
        AND OLD.at < now() - interval '365 days' THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'audit is append-only';
END $$
"""
_ROWS_STAY = (
    "CREATE TRIGGER audit_rows_stay BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION"
    " audit_stays()"
)
_TABLE_STAYS = (
    "CREATE TRIGGER audit_table_stays BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION"
    " audit_stays()"
)


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("caller", sa.String(), nullable=False, comment="subject of the token"),
        sa.Column("roles", postgresql.ARRAY(sa.String()), nullable=False, comment="of the token"),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column(
            "stated",
            sa.Boolean(),
            nullable=False,
            comment="whether the caller gave the purpose, or it followed from the act",
        ),
        sa.Column(
            "kind",
            sa.String(),
            nullable=False,
            comment="what the subjects are ids or blind indexes of",
        ),
        sa.Column("subjects", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("scope", sa.String(), nullable=False, comment="filter or detail, as codes"),
        sa.Column("shown", sa.Integer(), nullable=False, comment="how many records were shown"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("audit_subjects", "audit", ["subjects"], postgresql_using="gin")
    op.create_index("audit_caller", "audit", ["caller", "at"])
    # what was not written down before is said to be so
    op.execute(
        "INSERT INTO audit (at, caller, roles, act, purpose, stated, kind, subjects, scope, shown)"
        " SELECT at, caller, '{}', 'complaint_' || split_part(act, ' ', 1), 'unstated', false,"
        " 'complaint', ARRAY[complaint_id], CASE WHEN act LIKE 'forward to %' THEN 'office=' ||"
        " substr(act, 12) ELSE '' END, 1 FROM access_audit ORDER BY id"
    )
    op.drop_table("access_audit")
    op.execute("DROP FUNCTION access_audit_stays()")
    for statement in (_STAYS, _ROWS_STAY, _TABLE_STAYS):
        op.execute(statement)
    op.alter_column(
        "complaint",
        "text",
        existing_type=sa.LargeBinary(),
        nullable=True,
        existing_comment="sealed",
        comment="sealed; null: forgotten",
    )
    op.create_index(
        "complaint_answered",
        "complaint",
        ["answered_at"],
        postgresql_where=sa.text("text IS NOT NULL OR answer IS NOT NULL"),
    )
    op.alter_column(
        "dose_history", "person", existing_type=sa.LargeBinary(), nullable=True,
        existing_comment="sealed JSON of the person as typed",
        comment="sealed JSON of the person as typed; null: forgotten",
    )  # fmt: skip
    op.create_index(
        "dose_history_person",
        "dose_history",
        ["replaced_at"],
        postgresql_where=sa.text("person IS NOT NULL"),
    )
    op.create_index(
        "batch_row_raw", "batch_row", ["batch_id"], postgresql_where=sa.text("raw IS NOT NULL")
    )


def downgrade() -> None:
    """What was forgotten stays so: its rows must be dealt with before, for the older release wants
    their text.
    """
    op.drop_index("batch_row_raw", "batch_row")
    op.drop_index("dose_history_person", "dose_history")
    op.alter_column(
        "dose_history",
        "person",
        existing_type=sa.LargeBinary(),
        nullable=False,
        comment="sealed JSON of the person as typed",
    )
    op.drop_index("complaint_answered", "complaint")
    op.alter_column(
        "complaint", "text", existing_type=sa.LargeBinary(), nullable=False, comment="sealed"
    )
    op.create_table(
        "access_audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("caller", sa.String(), nullable=False, comment="subject of the token"),
        sa.Column(
            "act",
            sa.String(),
            nullable=False,
            comment="read | picture | answer | forward to an office",
        ),
        sa.Column("complaint_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute(
        "INSERT INTO access_audit (at, caller, act, complaint_id) SELECT at, caller,"
        " rtrim(replace(substr(act, 11) || ' ' || scope, ' office=', ' to ')), subjects[1] FROM"
        " audit WHERE kind = 'complaint' ORDER BY id"
    )
    op.execute(
        "CREATE FUNCTION access_audit_stays() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'access_audit is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER access_audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON access_audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION access_audit_stays()"
    )
    op.drop_table("audit")
    op.execute("DROP FUNCTION audit_stays()")
