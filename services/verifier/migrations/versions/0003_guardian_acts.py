"""The audit knows two acts more: a child was searched for by its guardian, and its number was
told.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_OLD = (
    "check | read | look_up | case_list | case_read | case_confirm | case_reject | case_papers |"
    " case_undo"
)
_NEW = _OLD.replace("check", "check | guardian_look_up | number_told")


def upgrade() -> None:
    op.alter_column(
        "audit", "act", existing_type=sa.String(), existing_nullable=False, comment=_NEW
    )


def downgrade() -> None:
    op.alter_column(
        "audit", "act", existing_type=sa.String(), existing_nullable=False, comment=_OLD
    )
