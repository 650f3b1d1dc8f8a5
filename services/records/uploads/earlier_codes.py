"""Doses recorded before a FHIR identifier's system was part of their code, found under the code
that they had then.

Without this a hospital that sends its whole history again would record every dose a second time.
"""

from collections.abc import Sequence

from services.chassis.db import Transaction
from services.records.context import Context
from services.records.domain.same_injection import Relation, relation
from services.records.doses import store as doses
from services.records.doses.store import Key, KnownDose
from services.records.doses.versions import reparse
from services.records.uploads.rows import Reading, ValidRow


async def under_earlier_codes(
    context: Context, tx: Transaction, reading: Reading, reads: Sequence[ValidRow]
) -> Sequence[ValidRow]:
    """The rows, those whose injection is on record under an earlier code with that code; the doses
    get locked.

    A row whose injection is on record under its code of today goes there.
    """
    recoded = [(_earlier(read), read) for read in reads if read.typed.earlier_code]
    known = await doses.known(tx, list({key: None for key, _ in recoded})) if recoded else {}
    if not known:
        return reads
    now = await doses.known(tx, list({read.key: None for key, read in recoded if key in known}))
    standing = await doses.standing(tx, [dose.id for dose in (*known.values(), *now.values())])
    records = {row["id"]: reparse(context.sealer, row, context.today()) for row in standing}

    def is_on_record(dose: KnownDose | None, read: ValidRow) -> bool:
        record = records.get(dose.id) if dose else None
        return record is not None and relation(record, read.dose, verified=True) is Relation.SAME

    moved: dict[int, ValidRow] = {}
    for key, read in recoded:
        if is_on_record(known.get(key), read) and not is_on_record(now.get(read.key), read):
            moved[read.typed.row] = reading.under(read, read.typed.earlier_code) or read
            # one row to a dose
            del known[key]
    return [moved.get(read.typed.row, read) for read in reads]


def _earlier(read: ValidRow) -> Key:
    return read.dose.facility_code, read.typed.earlier_code
