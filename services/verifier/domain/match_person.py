"""The decision on one typed person: what the number says, what the policy says of the differences,
and who else it may be.
"""

from collections.abc import Mapping, Sequence

from contracts.events import AttributeResult, Person, RegistryPerson
from contracts.keys import Heard, sound_keys
from contracts.registry import Found, Key
from contracts.registry import Person as Registered
from contracts.words import Grade, Reason, Result
from services.verifier.domain import id_column
from services.verifier.domain.blocking import rival_keys
from services.verifier.domain.candidate_ranking import SURE, Suggestion, level, rivals, suggestions
from services.verifier.domain.compare_births import compare_births, compare_sexes, may_be_coarse
from services.verifier.domain.compare_names import compare_names
from services.verifier.domain.comparison import (
    SAME,
    Finding,
    attribute,
    equal,
    finding,
    other,
    part,
)
from services.verifier.domain.decision import Open, Verdict
from services.verifier.domain.foreigners import foreigner, is_foreign
from services.verifier.domain.name_forms import heard
from services.verifier.domain.policy import ALGORITHM, Findings, Needs, judgement
from services.verifier.domain.scoring import Weight, weigh
from vietnamese.encodings import decoded

__all__ = [
    "ALGORITHM",
    "Suggestion",
    "Verdict",
    "conclude",
    "decide",
    "keys_of",
    "numbers",
    "registered",
]

_EXACT, _REVIEW, _NOT_FOUND = Grade.EXACT, Grade.REVIEW, Grade.NOT_FOUND
_NOTHING, _OF_THE_YEAR, _AT_HOME = Needs.NOTHING, Needs.NO_RIVAL_OF_THE_YEAR, Needs.NO_RIVAL_AT_HOME
_OLD, _SUPERSEDED = part(Reason.OLD_ID), part(Reason.SUPERSEDED_ID)
_NOBODYS, _CONTRADICTS = (
    finding(Result.ABSENT_IN_REGISTRY, Reason.ID_NOT_FOUND),
    finding(Result.ABSENT_IN_REGISTRY, Reason.ID_CONTRADICTS_PERSON),
)
_DIED = attribute("status", other(Reason.PERSON_DECEASED))
_READ = ("day", "month", "year")


def numbers(person: Person) -> tuple[str, ...]:
    """Numbers worth a registry lookup: the typed one put in order, with its lost zeros; none for
    foreigners.
    """
    number = person.personal_id
    if person.nationality == "VN" and id_column.is_personal(number):
        return (number,)
    return () if is_foreign(person) else id_column.read_number(_typed_number(person)).candidates


def decide(
    person: Person, known: Mapping[str, Sequence[Registered]], found: Found | None = None
) -> Verdict:
    """The verdict on a typed person.

    `known` maps each number to the people who hold it, now or before; `found` is what a search by
    `search` found, None before it. With `found` given, even empty, the verdict is final.
    """
    holders = known.get(person.personal_id, ())
    if len(holders) == 1 and _is_exact(person, holders[0]):
        return Verdict(_EXACT, (), registered(holders[0]))
    if person.nationality != "VN" and is_foreign(person):
        return foreigner(person)
    number = id_column.read_number(_typed_number(person))
    holders = _holders(number, known)
    verdict = of_holders(person, number, holders) if holders else _unknown(person, number)
    return verdict if found is None else conclude(person, verdict, found)


def conclude(person: Person, verdict: Verdict, found: Found) -> Verdict:
    """The final verdict after a provisional one, with what its search found; a final one stays as
    it is.
    """
    if verdict.open is None:
        return verdict
    if verdict.open.holder is None:
        return _conclude_unknown(person, verdict.open, verdict, found.people)
    return _conclude_known(
        person, verdict.open, _unique(found.people, verdict.open.holders), more=found.more
    )


def _is_exact(person: Person, holder: Registered) -> bool:
    return (
        person.full_name == holder.full_name
        and person.date_of_birth == holder.date_of_birth
        and person.sex == holder.sex
        and person.personal_id == holder.personal_id
        and holder.status == "alive"
        and person.nationality == "VN"
    )


def _typed_number(person: Person) -> str:
    """The column's text, wherever intake put it by the nationality."""
    return person.personal_id or (person.passport_number if person.nationality != "VN" else "")


def registered(person: Registered) -> RegistryPerson:
    """What others may know of a registered person: what a certificate is made of."""
    return RegistryPerson(
        person.full_name,
        person.date_of_birth,
        person.personal_id,
        "",
        person.sex,
        person.nationality,
    )


def _holders(
    number: id_column.Number, known: Mapping[str, Sequence[Registered]]
) -> Sequence[Registered]:
    """Everyone who holds the number, each once, who has it now before those who had it."""
    if len(number.candidates) == 1:
        people = known.get(number.candidates[0], ())
        if len(people) < 2:
            return people
    holders = {
        holder.personal_id: holder
        for candidate in number.candidates
        for holder in known.get(candidate, ())
    }
    return sorted(holders.values(), key=lambda holder: holder.personal_id not in number.candidates)


def _compare(person: Person, number: id_column.Number, holder: Registered) -> Findings:
    return (
        _compare_number(number, holder),
        compare_names(person.full_name, holder.full_name),
        compare_births(person.date_of_birth, person.date_precision, holder.date_of_birth),
        compare_sexes(person.sex, holder.sex),
    )


def _compare_number(number: id_column.Number, holder: Registered) -> Finding:
    if holder.personal_id not in number.candidates:
        old = next(candidate for candidate in number.candidates if candidate in holder.old_ids)
        return _OLD if len(old) < len(holder.personal_id) else _SUPERSEDED
    if number.reason is None or number.reason is Reason.ID_PREFIX:
        return SAME
    # what looked like a telephone number was one without its zero after all
    return equal(
        Reason.ID_LEADING_ZERO_LOST if number.reason is Reason.ID_IS_PHONE_NUMBER else number.reason
    )


def of_holders(person: Person, number: id_column.Number, holders: Sequence[Registered]) -> Verdict:
    """The verdict where the number is somebody's, before any search."""
    holder, disputed = holders[0], False
    if len(holders) > 1:
        holder, disputed = _best(person, number, holders)
    judged = judgement(_compare(person, number, holder))
    _, ruling, attributes = judged
    if ruling is not None and not disputed:
        if holder.status != "alive":
            return Verdict(_REVIEW, (*attributes, _DIED), None)
        if ruling.needs is _NOTHING or (
            ruling.needs is _OF_THE_YEAR and not may_be_coarse(person.date_of_birth)
        ):
            return Verdict(ruling.grade, attributes, registered(holder))
    name, sounds = heard(person.full_name)
    if ruling is not None and disputed:
        return _review(person, Open(number, name), attributes, holders, Reason.ID_AMBIGUOUS)
    holds = (
        ruling is not None
        and _agrees(holder, judged.findings)
        and (ruling.needs is not _AT_HOME or _at_home(person, holder))
    )
    open_ = Open(number, name, holders, holder, judged, holds)
    if keys := (
        rival_keys(person, sounds, holder, judged.findings) if holds else _keys(person, sounds)
    ):
        return Verdict(
            Grade.MISMATCH if ruling is None else _REVIEW, attributes, None, (), keys, open_
        )
    return _conclude_known(person, open_, (), more=False)


def _conclude_known(
    person: Person, open_: Open, others: Sequence[Registered], *, more: bool
) -> Verdict:
    """The number is somebody's, and `others` are who else may be meant; `more`: not everybody was
    shown.
    """
    _, _, holders, holder, judged, but_for_rivals = open_
    assert holder is not None and judged is not None
    _, ruling, attributes = judged
    if ruling is None:
        return _mismatch(holder, attributes, _weights(person, open_, (*holders, *others)))
    if not but_for_rivals:
        return _review(person, open_, attributes, (*holders, *others), None)
    # who was not shown may be a rival too
    if more or (others and _has_rival(person, open_, holder, others)):
        return _review(person, open_, attributes, (*holders, *others), Reason.ID_OF_ANOTHER)
    return Verdict(ruling.grade, attributes, registered(holder))


def _has_rival(
    person: Person, open_: Open, holder: Registered, others: Sequence[Registered]
) -> bool:
    own, *rest = _weights(person, open_, (holder, *others))
    return bool(rivals(own, rest))


def _best(
    person: Person, number: id_column.Number, holders: Sequence[Registered]
) -> tuple[Registered, bool]:
    """Which of several holders the person is, and whether that is disputed: another fits as well,
    or has the number now.
    """
    weights = _weights(person, Open(number, decoded(person.full_name)), holders)
    ranked = sorted(weights, key=lambda weight: -weight.fit)
    best, now = ranked[0].person, holders[0]
    another_has_it_now = now.personal_id in number.candidates and now is not best
    return best, another_has_it_now or bool(rivals(ranked[0], ranked[1:]))


def _agrees(holder: Registered, findings: Findings) -> bool:
    """Whether the holder's own number bears out what the registry says against the typed sex or
    birth.
    """
    _, _, birth, sex = findings
    if birth is sex is SAME:
        return True
    return (sex is SAME or id_column.sex_of(holder.personal_id) == holder.sex) and (
        birth is SAME or id_column.year_of(holder.personal_id) == holder.date_of_birth[:4]
    )


def _at_home(person: Person, holder: Registered) -> bool:
    return person.commune_code != "" and person.commune_code == holder.commune_code


def keys_of(person: Person) -> tuple[Key, ...]:
    """What a typed person is searched by, the name as it can be read."""
    return _keys(person, heard(person.full_name)[1])


def _keys(person: Person, sounds: Heard) -> tuple[Key, ...]:
    birth = person.date_of_birth if person.date_precision in _READ else ""
    return tuple(sound_keys(sounds, birth, person.commune_code))


def _unique(found: Sequence[Registered], holders: Sequence[Registered]) -> list[Registered]:
    if len(holders) == 1:
        own = holders[0].personal_id
        return [person for person in found if person.personal_id != own]
    taken = [holder.personal_id for holder in holders]
    return [person for person in found if person.personal_id not in taken]


def _weights(person: Person, open_: Open, people: Sequence[Registered]) -> list[Weight]:
    return [weigh(person, open_.name, open_.number, one) for one in people]


def _review(
    person: Person,
    open_: Open,
    attributes: tuple[AttributeResult, ...],
    people: Sequence[Registered],
    reason: Reason | None,
) -> Verdict:
    """People must decide; the number's own result says why where it is the number that is
    disputed.
    """
    if reason:
        disputed = attribute("personal_id", part(reason))
        attributes = (disputed, *[one for one in attributes if one.name != "personal_id"])
    return Verdict(_REVIEW, attributes, None, suggestions(level(_weights(person, open_, people))))


def _mismatch(
    holder: Registered, attributes: tuple[AttributeResult, ...], weights: Sequence[Weight]
) -> Verdict:
    likely = suggestions(level(weights))
    if (
        likely
        and likely[0].confidence >= SURE
        and likely[0].person.personal_id != holder.personal_id
    ):
        another = attribute("personal_id", other(Reason.ID_OF_ANOTHER))
        attributes = (another, *[one for one in attributes if one.name != "personal_id"])
    return Verdict(Grade.MISMATCH, attributes, None, likely)


def _unknown(person: Person, number: id_column.Number) -> Verdict:
    """The number is nobody's, or no number."""
    if number.grade is not _NOT_FOUND:
        found = finding(
            Result.ABSENT_IN_REQUEST if number.grade is Grade.MISSING_ID else Result.MISMATCH,
            number.reason,
        )
    else:
        found = _CONTRADICTS if _contradicts(person, number.candidates[0]) else _NOBODYS
    attributes = (attribute("personal_id", found),)
    name, sounds = heard(person.full_name)
    if keys := _keys(person, sounds):
        return Verdict(number.grade, attributes, None, (), keys, Open(number, name))
    return Verdict(number.grade, attributes, None)


def _conclude_unknown(
    person: Person, open_: Open, verdict: Verdict, found: Sequence[Registered]
) -> Verdict:
    """The number is nobody's, and `found` are who may be meant."""
    grade, attributes = verdict.grade, verdict.attributes
    likely = suggestions(_weights(person, open_, found)) if found else ()
    if grade is _NOT_FOUND and likely and likely[0].confidence >= SURE:
        # of one digit or of two, how the number was mistyped is worth more than that it is nobody's
        for slipped in (Reason.ID_DIGIT, Reason.ID_TRANSPOSED):
            if slipped in likely[0].evidence:
                attributes = (
                    attribute("personal_id", finding(Result.ABSENT_IN_REGISTRY, slipped)),
                )
    return Verdict(grade, attributes, None, likely)


def _contradicts(person: Person, number: str) -> bool:
    """Whether a personal number is of another sex or birth year than the typed person."""
    if not id_column.is_personal(number):
        return False
    sex = person.sex is not None and id_column.sex_of(number) != person.sex
    return sex or (
        person.date_precision in _READ and id_column.year_of(number) != person.date_of_birth[:4]
    )
