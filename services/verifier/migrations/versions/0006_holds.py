"""Doubts and corrected persons are held for officers, who give reasons; of each verification it is
known what it rests on.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"

_NUMBER = "blind index of the registry's number that was used, or else that the dose waits for"
_USED = "blind index of all the registry's data that was used; null where none was"
_DOUBTS = "why people must decide, whoever the person is; null: for no such reason"
_TYPED = (
    "blind index of who was typed, of later versions than the first; of a foreigner who passed that"
    " of the birth date, as `number` is of passport and nationality, and `used` of the name"
)
_RESTS_ON = (
    "the confirmation by which it passed, or by which an older version of the same person did"
)


def _say(of_number: str, of_used: str) -> None:
    for column, comment in (("number", of_number), ("used", of_used)):
        op.alter_column(
            "verification",
            column,
            existing_type=sa.BigInteger(),
            existing_nullable=True,
            comment=comment,
        )


def upgrade() -> None:
    # nullable, without a default: no row is written anew
    op.add_column(
        "verification",
        sa.Column("doubts", postgresql.ARRAY(sa.String()), nullable=True, comment=_DOUBTS),
    )
    op.add_column(
        "verification", sa.Column("typed", sa.BigInteger(), nullable=True, comment=_TYPED)
    )
    op.add_column(
        "verification", sa.Column("rests_on", sa.BigInteger(), nullable=True, comment=_RESTS_ON)
    )
    _say(
        "blind index of the registry's number that was used, or else waited for; see `typed`",
        f"{_USED}; see `typed`",
    )
    op.add_column(
        "decision",
        sa.Column(
            "doubts",
            postgresql.ARRAY(sa.String()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="that the officer saw: only these it lifts",
        ),
    )
    op.add_column(
        "decision",
        sa.Column(
            "reason", sa.LargeBinary(), nullable=True, comment="sealed: the officer's own words"
        ),
    )
    op.add_column(
        "decision",
        sa.Column(
            "approval_reason",
            sa.LargeBinary(),
            nullable=True,
            comment="sealed: the second officer's",
        ),
    )


def downgrade() -> None:
    for column in ("approval_reason", "reason", "doubts"):
        op.drop_column("decision", column)
    _say(_NUMBER, _USED)
    # of a foreigner they are of no registry's number, and were not there
    op.execute(
        "UPDATE verification SET number = NULL, used = NULL WHERE grade = 'exempt' AND number IS"
        " NOT NULL"
    )
    for column in ("rests_on", "typed", "doubts"):
        op.drop_column("verification", column)
