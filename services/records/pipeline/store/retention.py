"""Forgets what is too old, a bounded part at a time, the oldest first.

Rows that another process has locked are passed over.
"""

from collections.abc import Sequence
from datetime import datetime

from services.chassis.db import Transaction, affected

_ROWS = """
WITH old AS (
    SELECT batch_id, row FROM batch_row
    WHERE raw IS NOT NULL AND batch_id <= (SELECT max(id) FROM batch WHERE created_at < $1)
    ORDER BY batch_id LIMIT $2 FOR UPDATE SKIP LOCKED
)
UPDATE batch_row AS told SET raw = NULL, errors = (told.errors::jsonb || $3::jsonb)::json
FROM old WHERE told.batch_id = old.batch_id AND told.row = old.row
"""
# a letter that is still owed has nothing to say any more, and nobody to go to
_COMPLAINTS = """
WITH old AS (
    SELECT id FROM complaint WHERE (text IS NOT NULL OR answer IS NOT NULL) AND answered_at < $1
    ORDER BY answered_at LIMIT $2 FOR UPDATE SKIP LOCKED
), letter AS (
    DELETE FROM complaint_letter USING old WHERE complaint_id = old.id
)
UPDATE complaint SET text = NULL, contact = NULL, picture = NULL, picture_type = NULL,
  answer = NULL FROM old WHERE complaint.id = old.id
"""
# the digest stays: findings ask it whether a version says what another one said
_PERSONS = """
WITH old AS (
    SELECT dose_id, version FROM dose_history WHERE person IS NOT NULL AND replaced_at < $1
    ORDER BY replaced_at LIMIT $2 FOR UPDATE SKIP LOCKED
)
UPDATE dose_history AS kept SET person = NULL, birth_year = NULL, identity = NULL
FROM old WHERE kept.dose_id = old.dose_id AND kept.version = old.version
"""


# by id, because those that nobody has settled stay among the old ones; without bytes there is none
_SLIPS = """
WITH page AS (
    SELECT id FROM supplement WHERE id > $2 AND recorded_at < $1 ORDER BY id LIMIT $3
), settled AS (
    UPDATE supplement AS old SET picture = '', picture_type = '', words = NULL FROM page
    WHERE old.id = page.id AND old.state <> ALL($4::text[]) AND old.picture_type <> ''
    AND greatest(old.contest_until, old.ruled_at) < $1
)
SELECT id FROM page ORDER BY id
"""


async def forget_slips(
    tx: Transaction, before: datetime, after: int, most: int, open_states: Sequence[str]
) -> tuple[int, int]:
    """Goes through the next supplements after the id `after`, and deletes slips of settled ones.

    Answers how many it saw, and the last id.
    """
    seen = await tx.raw.fetch(_SLIPS, before, after, most, list(open_states))
    return len(seen), seen[-1]["id"] if seen else 0


async def forget_rows(tx: Transaction, before: datetime, most: int, messages: str) -> int:
    """Forgets texts of rejected rows uploaded before then.

    `messages`: a JSON list of what these rows are told besides.
    """
    return affected(await tx.raw.execute(_ROWS, before, most, messages))


async def forget_complaints(tx: Transaction, before: datetime, most: int) -> int:
    """Forgets words, contact, picture and answer of complaints answered before then."""
    return affected(await tx.raw.execute(_COMPLAINTS, before, most))


async def forget_persons(tx: Transaction, before: datetime, most: int) -> int:
    """Forgets the people of versions replaced before then."""
    return affected(await tx.raw.execute(_PERSONS, before, most))
