"""The audit takes no change, and says in which roles and why somebody looked; certificates are
named by their doses.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

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


def _added() -> list[sa.Column[object]]:
    # what was not written down before is said to be so
    return [
        sa.Column(
            "roles",
            postgresql.ARRAY(sa.String()),
            nullable=False,
            server_default="{}",
            comment="of the token",
        ),
        sa.Column("act", sa.String(), nullable=False, server_default="certificate"),
        sa.Column("purpose", sa.String(), nullable=False, server_default="unstated"),
        sa.Column(
            "stated",
            sa.Boolean(),
            nullable=False,
            server_default="false",
            comment="whether the caller gave the purpose, or it followed from the act",
        ),
        sa.Column(
            "kind",
            sa.String(),
            nullable=False,
            server_default="dose",
            comment="what the subjects are ids or blind indexes of",
        ),
        sa.Column(
            "subjects", postgresql.ARRAY(sa.BigInteger()), nullable=False, server_default="{}"
        ),
        sa.Column(
            "scope",
            sa.String(),
            nullable=False,
            server_default="",
            comment="filter or detail, as codes",
        ),
        sa.Column(
            "shown",
            sa.Integer(),
            nullable=False,
            server_default="1",
            comment="how many records were shown",
        ),
    ]


def upgrade() -> None:
    for column in _added():
        op.add_column("audit", column)
    op.execute(
        "UPDATE audit SET scope = uvci, subjects = ARRAY(SELECT dose_id FROM intent WHERE"
        " intent.uvci = audit.uvci)"
    )
    op.drop_column("audit", "uvci")
    for column in _added():
        op.alter_column("audit", column.name, server_default=None)
    op.create_index("audit_subjects", "audit", ["subjects"], postgresql_using="gin")
    op.create_index("audit_caller", "audit", ["caller", "at"])
    for statement in (_STAYS, _ROWS_STAY, _TABLE_STAYS):
        op.execute(statement)


def downgrade() -> None:
    for trigger in ("audit_rows_stay", "audit_table_stays"):
        op.execute(f"DROP TRIGGER {trigger} ON audit")
    op.execute("DROP FUNCTION audit_stays()")
    for index in ("audit_subjects", "audit_caller"):
        op.drop_index(index, "audit")
    op.add_column(
        "audit",
        sa.Column(
            "uvci",
            sa.String(),
            nullable=False,
            server_default="",
            comment="the certificate that was looked at",
        ),
    )
    op.execute("UPDATE audit SET uvci = scope")
    op.alter_column("audit", "uvci", server_default=None)
    for column in _added():
        op.drop_column("audit", column.name)
