"""Doses that stations record from slips, and what the facilities that gave them say."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "supplement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("dose_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False, comment="of `supplements.rules`"),
        sa.Column("facility_code", sa.String(), nullable=False, comment="who gave the dose"),
        sa.Column(
            "residence", sa.String(), nullable=False, comment="of the person, as it was recorded"
        ),
        sa.Column("recorded_by", sa.String(), nullable=False, comment="subject of the caller"),
        sa.Column("recorded_at", _MOMENT, nullable=False),
        sa.Column("contest_until", _MOMENT, nullable=False),
        sa.Column("picture", sa.LargeBinary(), nullable=False, comment="sealed: the slip"),
        sa.Column(
            "picture_type", sa.String(), nullable=False, comment="media type by its first bytes"
        ),
        sa.Column("answered_by", sa.String(), comment="subject of who confirmed or contested it"),
        sa.Column("answered_at", _MOMENT),
        sa.Column("reason", sa.String(), comment="code: why it is contested"),
        sa.Column("words", sa.LargeBinary(), comment="sealed: what the facility says besides"),
        sa.Column("ruled_by", sa.String(), comment="subject of who ruled on the contest"),
        sa.Column("ruled_at", _MOMENT),
        sa.Column(
            "own_dose_id",
            sa.BigInteger(),
            comment="the facility's own record of the same injection",
        ),
        sa.UniqueConstraint("dose_id", name="supplement_of_one_dose"),
    )
    op.create_index("supplement_facility", "supplement", ["facility_code", "id"])
    op.create_index("supplement_residence", "supplement", ["residence", "id"])
    op.create_index(
        "supplement_due",
        "supplement",
        ["contest_until"],
        postgresql_where=sa.text("state = 'waiting'"),
    )


def downgrade() -> None:
    op.drop_table("supplement")
