"""The audit is a hash chain, and what is past its year goes by a function of the owner's."""

from alembic import op

from services.chassis.audit_chain import CHAINED, UNCHAINED

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    for statement in CHAINED:
        op.execute(statement)


def downgrade() -> None:
    for statement in UNCHAINED:
        op.execute(statement)
