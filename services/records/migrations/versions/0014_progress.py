"""What progress shows is counted by the worker and kept, with what each past day came to."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_COUNTS = (
    *("recorded", "withdrawn", "pending", "not_sendable", "confirmed", "repaired", "exempt"),
    *("waiting", "issued", "worked"),
)
_OLDEST = "since when the first of `waiting` waits"
_CODE = "of area or facility; empty: the country"
_REPORTED = "of facilities on the ground; null: not counted there"


def _text(name: str, comment: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False, comment=comment)


def upgrade() -> None:
    op.create_table(
        "progress_tally",
        _text("residence", "province, district and commune codes joined"),
        _text("facility_code"),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS),
        sa.Column("oldest", sa.DateTime(timezone=True), comment=_OLDEST),
        sa.PrimaryKeyConstraint("residence", "facility_code"),
    )
    op.create_index("progress_tally_facility", "progress_tally", ["facility_code"])
    op.create_table(
        "progress_reason",
        _text("residence"),
        _text("facility_code"),
        _text("reason"),
        sa.Column(
            "refused", sa.Boolean(), nullable=False, comment="the reason is the signer's code"
        ),
        sa.Column(
            "doses",
            sa.Integer(),
            nullable=False,
            comment="waiting; one with two reasons is in both",
        ),
        sa.PrimaryKeyConstraint("residence", "facility_code", "reason", "refused"),
    )
    op.create_index("progress_reason_facility", "progress_reason", ["facility_code"])
    op.create_table(
        "progress_day",
        _text("kind", "area | facility"),
        _text("code", _CODE),
        sa.Column("day", sa.Date(), nullable=False, comment="in Viet Nam"),
        *(sa.Column(name, sa.Integer(), nullable=name != "recorded") for name in _COUNTS),
        sa.Column("reported", sa.Integer(), comment=_REPORTED),
        sa.Column("missing", sa.Integer(), comment="of reported doses, never uploaded"),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "code", "day"),
    )
    op.create_index("progress_day_day", "progress_day", ["day"])


def downgrade() -> None:
    for table in ("progress_day", "progress_reason", "progress_tally"):
        op.drop_table(table)
