"""Impossible histories, complaints with the audit of who opened them, and daily reports."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "person_dose",
        sa.Column("dose_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column(
            "person",
            sa.BigInteger(),
            nullable=False,
            comment="blind index of the registry's number, or of a foreigner's passport",
        ),
        sa.PrimaryKeyConstraint("dose_id"),
    )
    op.create_index("person_dose_person", "person_dose", ["person"])
    op.create_table(
        "typed_number",
        sa.Column("dose_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column(
            "number", sa.BigInteger(), nullable=False, comment="blind index of the number as typed"
        ),
        sa.PrimaryKeyConstraint("dose_id"),
    )
    op.create_index("typed_number_number", "typed_number", ["number"])
    op.create_table(
        "history_news",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("persons", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column(
            "unconfirmed",
            sa.ARRAY(sa.BigInteger()),
            nullable=False,
            comment="ids of doses whose typed number found nobody, or somebody else",
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "finding",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("dose_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("facility_code", sa.String(), nullable=False),
        sa.Column(
            "residence",
            sa.String(),
            nullable=False,
            comment="province, district and commune codes joined",
        ),
        sa.Column("other_dose_id", sa.BigInteger(), nullable=False),
        sa.Column("other_version", sa.SmallInteger(), nullable=False),
        sa.Column("other_facility_code", sa.String(), nullable=False),
        sa.Column("other_residence", sa.String(), nullable=False),
        sa.Column(
            "since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("outcome", sa.String(), nullable=True, comment="how it was closed; null: open"),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "dose_id", "other_dose_id", name="finding_of_two_doses"),
    )
    op.create_index("finding_dose", "finding", ["dose_id"])
    op.create_index("finding_other_dose", "finding", ["other_dose_id"])
    op.create_index("finding_facility", "finding", ["facility_code", "id"])
    op.create_index("finding_other_facility", "finding", ["other_facility_code", "id"])
    op.execute(sa.schema.CreateSequence(sa.Sequence("complaint_id")))
    op.create_table(
        "complaint",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column(
            "office",
            sa.String(),
            nullable=False,
            comment="who must answer: a facility's five digits or a province's two",
        ),
        sa.Column(
            "facility_code",
            sa.String(),
            nullable=False,
            comment="that the complaint names; empty: none",
        ),
        sa.Column("province_code", sa.String(), nullable=False, comment="of residence"),
        sa.Column(
            "person",
            sa.BigInteger(),
            nullable=True,
            comment="blind index of the citizen's own number; null: nobody signed in",
        ),
        sa.Column("text", sa.LargeBinary(), nullable=False, comment="sealed"),
        sa.Column("contact", sa.LargeBinary(), nullable=True, comment="sealed JSON: email, phone"),
        sa.Column("picture", sa.LargeBinary(), nullable=True, comment="sealed"),
        sa.Column(
            "picture_type", sa.String(), nullable=True, comment="media type by its first bytes"
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True, comment="sealed"),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("complaint_office", "complaint", ["office", "id"])
    op.create_index(
        "complaint_person",
        "complaint",
        ["person", "id"],
        postgresql_where=sa.text("person IS NOT NULL"),
    )
    op.create_index(
        "complaint_unanswered",
        "complaint",
        ["due_at"],
        postgresql_where=sa.text("answered_at IS NULL"),
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
    op.create_table(
        "daily_report",
        sa.Column("facility_code", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("administered", sa.Integer(), nullable=False),
        sa.Column("reported_by", sa.String(), nullable=False),
        sa.Column(
            "reported_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("facility_code", "day"),
    )
    # append-only, whoever connects: the service's own user owns the table, so a grant could not say
    # it
    op.execute(
        "CREATE FUNCTION access_audit_stays() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'access_audit is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER access_audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON access_audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION access_audit_stays()"
    )


def downgrade() -> None:
    for table in (
        "daily_report",
        "access_audit",
        "complaint",
        "finding",
        "history_news",
        "typed_number",
        "person_dose",
    ):
        op.drop_table(table)
    op.execute("DROP FUNCTION access_audit_stays()")
    op.execute(sa.schema.DropSequence(sa.Sequence("complaint_id")))
