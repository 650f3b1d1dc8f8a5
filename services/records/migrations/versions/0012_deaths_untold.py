"""That a person has died is the verifier's to tell, and to the police alone: records forgets it."""

from alembic import op

revision = "0012"
down_revision = "0011"

_STATUS = """
UPDATE dose_status AS status SET reasons = array_remove(status.reasons, 'PERSON_DECEASED')
FROM problem WHERE problem.dose_id = status.dose_id AND 'PERSON_DECEASED' = ANY(problem.reasons)
"""
_PROBLEM = """
UPDATE problem SET reasons = array_remove(reasons, 'PERSON_DECEASED')
WHERE 'PERSON_DECEASED' = ANY(reasons)
"""


def upgrade() -> None:
    # a dose that waits for the police is on the worklist, so no other status has to be looked at
    op.execute(_STATUS)
    op.execute(_PROBLEM)


def downgrade() -> None:
    """The verifier tells it again when a dose is verified again."""
