"""Finds doses under the record code that an earlier rule gave them.

FHIR record codes did not always hold the system of their identifier. Without this a hospital that
sends its whole history again would record every dose a second time.
"""

from collections.abc import Sequence

from services.chassis.db import Transaction
from services.records.context import Context
from services.records.domain.same_injection import Relation, relation
from services.records.doses import store as doses
from services.records.doses.store import Key, KnownDose
from services.records.doses.versions import reparse
from services.records.uploads.rows import RowParser, ValidRow


async def under_earlier_codes(
    context: Context, tx: Transaction, parser: RowParser, rows: Sequence[ValidRow]
) -> Sequence[ValidRow]:
    """Gives rows their earlier code where their injection is on record under it; locks the doses.

    A row whose injection is on record under its code of today keeps that.
    """
    recoded = [(_earlier_key(row), row) for row in rows if row.input.earlier_code]
    if not recoded:
        return rows
    earlier = await doses.lock_known(tx, list({key: None for key, _ in recoded}))
    if not earlier:
        return rows
    today_keys = {row.key: None for key, row in recoded if key in earlier}
    current = await doses.lock_known(tx, list(today_keys))
    compared = await doses.compared_doses(
        tx, [dose.id for dose in (*earlier.values(), *current.values())]
    )
    by_id = {
        dose.content.id: reparse(context.sealer, dose.content, context.today()) for dose in compared
    }

    def is_on_record(known: KnownDose | None, row: ValidRow) -> bool:
        stored = by_id.get(known.id) if known else None
        return stored is not None and relation(stored, row.dose, verified=True) is Relation.SAME

    moved: dict[int, ValidRow] = {}
    for key, row in recoded:
        if is_on_record(earlier.get(key), row) and not is_on_record(current.get(row.key), row):
            moved[row.input.row] = parser.under_code(row, row.input.earlier_code) or row
            # one row to a dose
            del earlier[key]
    return [moved.get(row.input.row, row) for row in rows]


def _earlier_key(row: ValidRow) -> Key:
    return row.dose.facility_code, row.input.earlier_code
