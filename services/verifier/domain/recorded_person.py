"""Whether a corrected dose is still the person's whom it was recorded for.

Whoever corrects may put right what was typed, and not put somebody else there. Of number, name and
birth date, two must have been typed at first as they are now, or with a known slip.
"""

from contracts.events import Person, RegistryPerson
from contracts.identity.compare_births import compare_births
from contracts.identity.compare_names import compare_read_names
from contracts.identity.comparison import Comparison
from contracts.registry import Person as Registered
from contracts.words import Result
from services.verifier.domain.id_column import read_number
from services.verifier.domain.scoring import score
from vietnamese.encodings import decoded

_AGREEING = frozenset({Result.MATCH, Result.EQUIVALENT, Result.PARTIAL})


def is_recorded_person(recorded: Person, holder: Registered) -> bool:
    """Whether the registered person may be the one whom the first version was typed for."""
    scored = score(recorded, decoded(recorded.full_name), read_number(recorded.personal_id), holder)
    return _two_agree(scored.name, scored.birth, number=scored.number > 0)


def is_recorded_foreigner(recorded: Person, person: RegistryPerson) -> bool:
    """The same of a foreigner, whom no registry knows."""
    number = bool(person.passport_number) and person.passport_number in (
        recorded.passport_number,
        recorded.personal_id,
    )
    return _two_agree(
        compare_read_names(recorded.full_name, person.full_name),
        compare_births(recorded.date_of_birth, recorded.date_precision, person.date_of_birth),
        number=number,
    )


def _two_agree(name: Comparison, birth: Comparison, *, number: bool) -> bool:
    return (name.result in _AGREEING) + (birth.result in _AGREEING) + number > 1
