"""Matching one typed person with the registry.

What the number says, what the policy says of the differences, and who else it may be.
"""

from collections.abc import Mapping, Sequence

from contracts.events import Person
from contracts.identity.compare_births import compare_births, compare_sexes, may_be_coarse
from contracts.identity.compare_names import compare_names
from contracts.identity.comparison import (
    MATCH,
    Comparison,
    attribute_result,
    comparison,
    equivalent,
    partial,
)
from contracts.identity.name_forms import heard
from contracts.identity.policy import ComparisonVector, RuleCondition, classify
from contracts.keys import Heard, sound_keys
from contracts.registry import Found, Key
from contracts.registry import Person as Registered
from contracts.words import Grade, Reason, Result
from services.verifier.domain.blocking import competitor_keys
from services.verifier.domain.candidate_ranking import competitors
from services.verifier.domain.conclude_search import (
    conclude_known,
    conclude_search,
    review,
    scores_of,
)
from services.verifier.domain.deaths import DIED
from services.verifier.domain.decision import MatchDecision, OpenSearch, registry_data
from services.verifier.domain.foreigners import is_foreign, match_foreigner
from services.verifier.domain.id_column import IdReading, read_number
from vietnamese.encodings import decoded
from vietnamese.personal_numbers import is_personal, sex_of, year_of

# a member of an enum takes longer to reach than a name of the module
_EXACT, _REVIEW, _NOT_FOUND = Grade.EXACT, Grade.REVIEW, Grade.NOT_FOUND
_NOTHING = RuleCondition.NOTHING
_OF_THE_YEAR = RuleCondition.NO_COMPETITOR_OF_THE_YEAR
_AT_HOME = RuleCondition.NO_COMPETITOR_AT_HOME
_OLD, _SUPERSEDED = partial(Reason.OLD_ID), partial(Reason.SUPERSEDED_ID)
_NOBODYS = comparison(Result.ABSENT_IN_REGISTRY, Reason.ID_NOT_FOUND)
_CONTRADICTS = comparison(Result.ABSENT_IN_REGISTRY, Reason.ID_CONTRADICTS_PERSON)
_READ = ("day", "month", "year")


def lookup_numbers(person: Person) -> tuple[str, ...]:
    """The numbers worth a registry lookup; none for foreigners.

    The typed number is put in order, with its lost zeros.
    """
    number = person.personal_id
    if person.nationality == "VN" and is_personal(number):
        return (number,)
    return () if is_foreign(person) else read_number(_typed_number(person)).candidates


def match_person(
    person: Person,
    holders_of: Mapping[str, Sequence[Registered]],
    search_result: Found | None = None,
) -> MatchDecision:
    """The decision on a typed person.

    `holders_of`: the people who hold each number, now or before. `search_result`: what a
    search by the decision's `search` found, None before it. With one, even an empty one, the
    decision is final.
    """
    holders = holders_of.get(person.personal_id, ())
    if len(holders) == 1 and _is_exact(person, holders[0]):
        return MatchDecision(_EXACT, (), registry_data(holders[0]))
    if person.nationality != "VN" and is_foreign(person):
        return match_foreigner(person)
    number = read_number(_typed_number(person))
    holders = _all_holders(number, holders_of)
    decision = match_holders(person, number, holders) if holders else _unknown(person, number)
    return decision if search_result is None else conclude_search(person, decision, search_result)


def blocking_keys(person: Person) -> tuple[Key, ...]:
    """What a typed person is searched by, the name as it can be read."""
    return _keys(person, heard(person.full_name)[1])


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
    """The text of the ID column, wherever intake put it by the nationality."""
    return person.personal_id or (person.passport_number if person.nationality != "VN" else "")


def _all_holders(
    number: IdReading, holders_of: Mapping[str, Sequence[Registered]]
) -> Sequence[Registered]:
    """Everyone who holds the number, each once; who has it now before those who had it."""
    if len(number.candidates) == 1:
        people = holders_of.get(number.candidates[0], ())
        if len(people) < 2:
            return people
    holders = {
        holder.personal_id: holder
        for candidate in number.candidates
        for holder in holders_of.get(candidate, ())
    }
    return sorted(holders.values(), key=lambda holder: holder.personal_id not in number.candidates)


def _compare(person: Person, number: IdReading, holder: Registered) -> ComparisonVector:
    return (
        _compare_number(number, holder),
        compare_names(person.full_name, holder.full_name),
        compare_births(person.date_of_birth, person.date_precision, holder.date_of_birth),
        compare_sexes(person.sex, holder.sex),
    )


def _compare_number(number: IdReading, holder: Registered) -> Comparison:
    if holder.personal_id not in number.candidates:
        old = next(candidate for candidate in number.candidates if candidate in holder.old_ids)
        return _OLD if len(old) < len(holder.personal_id) else _SUPERSEDED
    if number.reason is None or number.reason is Reason.ID_PREFIX:
        return MATCH
    # what looked like a telephone number was one without its zero after all
    return equivalent(
        Reason.ID_LEADING_ZERO_LOST if number.reason is Reason.ID_IS_PHONE_NUMBER else number.reason
    )


def match_holders(
    person: Person, number: IdReading, holders: Sequence[Registered]
) -> MatchDecision:
    """The decision where somebody has the number, before any search."""
    holder, disputed = holders[0], False
    if len(holders) > 1:
        holder, disputed = _best_holder(person, number, holders)
    classification = classify(_compare(person, number, holder))
    comparisons, rule, attributes = classification
    if rule is not None and not disputed:
        if holder.status != "alive":
            return MatchDecision(_REVIEW, (*attributes, DIED), None)
        if rule.condition is _NOTHING or (
            rule.condition is _OF_THE_YEAR and not may_be_coarse(person.date_of_birth)
        ):
            return MatchDecision(rule.grade, attributes, registry_data(holder))
    name, sounds = heard(person.full_name)
    if rule is not None and disputed:
        open_search = OpenSearch(number, name)
        return review(person, open_search, attributes, holders, Reason.ID_AMBIGUOUS)
    but_for_competitors = (
        rule is not None
        and _number_bears_out(holder, comparisons)
        and (rule.condition is not _AT_HOME or _is_at_home(person, holder))
    )
    open_search = OpenSearch(number, name, holders, holder, classification, but_for_competitors)
    if keys := (
        competitor_keys(person, sounds, holder, comparisons)
        if but_for_competitors
        else _keys(person, sounds)
    ):
        grade = Grade.MISMATCH if rule is None else _REVIEW
        return MatchDecision(grade, attributes, None, (), keys, open_search)
    return conclude_known(person, open_search, (), more=False)


def _best_holder(
    person: Person, number: IdReading, holders: Sequence[Registered]
) -> tuple[Registered, bool]:
    """Which of several holders the person is, and whether that is disputed.

    It is disputed where another one fits as well, or has the number now.
    """
    scores = scores_of(person, OpenSearch(number, decoded(person.full_name)), holders)
    ranked = sorted(scores, key=lambda scored: -scored.agreement)
    best, current = ranked[0].person, holders[0]
    another_has_it_now = current.personal_id in number.candidates and current is not best
    return best, another_has_it_now or bool(competitors(ranked[0], ranked[1:]))


def _number_bears_out(holder: Registered, comparisons: ComparisonVector) -> bool:
    """Whether the holder's own number carries the registered sex or birth year that differs."""
    _, _, birth, sex = comparisons
    if birth is sex is MATCH:
        return True
    return (sex is MATCH or sex_of(holder.personal_id) == holder.sex) and (
        birth is MATCH or year_of(holder.personal_id) == holder.date_of_birth[:4]
    )


def _is_at_home(person: Person, holder: Registered) -> bool:
    return person.commune_code != "" and person.commune_code == holder.commune_code


def _keys(person: Person, sounds: Heard) -> tuple[Key, ...]:
    birth = person.date_of_birth if person.date_precision in _READ else ""
    return tuple(sound_keys(sounds, birth, person.commune_code))


def _unknown(person: Person, number: IdReading) -> MatchDecision:
    """The decision where nobody has the number, or there is none, before any search."""
    if number.grade is not _NOT_FOUND:
        compared = comparison(
            Result.ABSENT_IN_REQUEST if number.grade is Grade.MISSING_ID else Result.MISMATCH,
            number.reason,
        )
    else:
        compared = _CONTRADICTS if _contradicts(person, number.candidates[0]) else _NOBODYS
    attributes = (attribute_result("personal_id", compared),)
    name, sounds = heard(person.full_name)
    if keys := _keys(person, sounds):
        open_search = OpenSearch(number, name)
        return MatchDecision(number.grade, attributes, None, (), keys, open_search)
    return MatchDecision(number.grade, attributes, None)


def _contradicts(person: Person, number: str) -> bool:
    """Whether a personal number carries another sex or birth year than was typed."""
    if not is_personal(number):
        return False
    sex = person.sex is not None and sex_of(number) != person.sex
    return sex or (person.date_precision in _READ and year_of(number) != person.date_of_birth[:4])
