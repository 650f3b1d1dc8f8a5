"""Who a verified dose is of stands in its status, not in a row of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column(
        "dose_status",
        sa.Column(
            "person",
            sa.BigInteger(),
            comment=(
                "blind index of the registry's number, or of a foreigner's passport; null: not"
                " verified"
            ),
        ),
    )
    op.execute(
        "UPDATE dose_status SET person = known.person FROM person_dose AS known "
        "WHERE known.dose_id = dose_status.dose_id AND known.version = dose_status.version"
    )
    op.create_index(
        "dose_status_person",
        "dose_status",
        ["person"],
        postgresql_where=sa.text("person IS NOT NULL"),
    )
    op.drop_table("person_dose")


def downgrade() -> None:
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
    op.execute(
        "INSERT INTO person_dose SELECT dose_id, version, person FROM dose_status WHERE person IS"
        " NOT NULL"
    )
    op.create_index("person_dose_person", "person_dose", ["person"])
    op.drop_column("dose_status", "person")
