"""The line in the QR code of a CCCD card: `CCCD|CMND|name|ddmmyyyy|sex|address|issue date`."""

import re
from typing import NamedTuple

from contracts.events import Sex

_SEXES: dict[str, Sex] = {"nam": "male", "nữ": "female", "nu": "female"}
_FIELDS = range(6, 12)  # later cards append fields, early ones leave out the date of issue


class CitizenCard(NamedTuple):
    """What a card says of its holder, the date of birth as dd/mm/yyyy."""

    personal_id: str
    full_name: str
    date_of_birth: str
    sex: Sex


def read_card(line: str) -> CitizenCard | None:
    """The holder of a scanned card, None where the line is not of a card."""
    fields = [field.strip() for field in line.split("|")]
    if len(fields) not in _FIELDS:
        return None
    number, _, name, born, sex_typed = fields[:5]
    sex = _SEXES.get(sex_typed.lower())
    if (
        not re.fullmatch(r"0[0-9]{11}", number)
        or not name
        or not re.fullmatch(r"[0-9]{8}", born)
        or sex is None
    ):
        return None
    return CitizenCard(number, name, f"{born[:2]}/{born[2:4]}/{born[4:]}", sex)
