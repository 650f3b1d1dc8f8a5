"""What the desk's templates get: a row of the worklist with who it may be, side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from contracts.acceptance import NextStep, NumberChange, Proof
from contracts.masks import MASK
from contracts.products import PRODUCTS
from web.design.difference import Difference, compare_letters
from web.desk.words import CAUSES, EDITED, OF_PERSON, PROOFS, SEXES
from web.formats import day

_COMPARED: Final = ("personal_id", "full_name", "date_of_birth", "sex")
_DATES: Final = frozenset({"date_of_birth", "date_given"})
Words = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a dose waits: its code, a few words, and the sentence that says what to do."""

    code: str
    field: str
    words: Words
    advice: Words


@dataclass(frozen=True, slots=True)
class Compared:
    """One field as typed and as registered; `difference` is None where one is masked or empty."""

    field: str
    typed: str
    registered: str
    same: bool
    difference: Difference | None


@dataclass(frozen=True, slots=True)
class Way:
    """A proof by which the suggestion may be accepted, and whether a second officer follows."""

    proof: str
    words: Words
    second: bool


@dataclass(frozen=True, slots=True)
class SuggestedView:
    """One suggested person beside the typed one."""

    place: int
    name: str
    number: str
    certain: bool
    evidence: Words
    fields: Sequence[Compared]
    ways: Sequence[Way]

    @property
    def by_sight(self) -> bool:
        """Whether no card is needed for a first acceptance."""
        return any(way.proof == Proof.SIGHT for way in self.ways)


@dataclass(frozen=True, slots=True)
class CaseView:
    """Where the police are with a dose; `touched`: people did something with its case."""

    words: Words
    waiting_for: str | None
    since: str
    touched: bool


@dataclass(frozen=True, slots=True)
class RowView:
    """One dose of the worklist, with its panel.

    `kind`: certain, likely or none. `accepted`: None, `verified_again` or `second_officer`.
    `typed`: the fields of the form, as a person reads and types them. `unheld`: why an acceptance
    of its suggestion did not hold.
    """

    id: int
    version: int
    name: str
    born: str
    number: str
    facility: str
    commune: str
    dose: str
    state: str
    since: str
    unlocks: int
    causes: Sequence[Cause]
    kind: str
    dismissed: bool
    accepted: str | None
    mine: bool
    people: Sequence[SuggestedView]
    proposals: Sequence[Words]
    typed: Mapping[str, str]
    case: CaseView | None = None
    unheld: Words | None = None


def row_view(item: Mapping[str, Any]) -> RowView:
    """A row, of a worklist's item as JSON."""
    dose, suggestions = item["dose"], item.get("suggestions") or {}
    person = dose["person"]
    accepted = suggestions.get("accepted") or {}
    return RowView(
        id=dose["dose_id"],
        version=dose["version"],
        name=person["full_name"],
        born=day(person["date_of_birth"]),
        number=person["personal_id"] or person["passport_number"],
        facility=dose["facility_code"],
        commune=person["commune_code"],
        dose=f"{dose['dose_number']} · {_product(dose['product'])} · {day(dose['date_given'])}",
        state=dose["state"],
        since=item.get("since") or "",
        unlocks=item.get("doses_unlocked") or 1,
        causes=[cause_view(error) for error in dose["errors"]],
        kind=suggestions.get("kind") or "none",
        dismissed=bool(suggestions.get("dismissed")),
        accepted=accepted.get("next_step"),
        mine=bool(accepted.get("mine")),
        people=[_suggested(one, person) for one in suggestions.get("people") or ()],
        proposals=[_proposal(one) for one in item.get("proposals") or ()],
        typed=typed_fields(dose),
        case=_case(item.get("case")),
        unheld=_unheld(item.get("unheld")),
    )


def _case(case: Mapping[str, Any] | None) -> CaseView | None:
    if not case:
        return None
    words = case["title"], case["title_en"]
    return CaseView(words, case["waiting_for"], case["since"], case["act"] != "opened")


def _unheld(refusal: Mapping[str, Any] | None) -> Words | None:
    return (refusal["message"], refusal["message_en"]) if refusal else None


def typed_fields(dose: Mapping[str, Any]) -> dict[str, str]:
    """The fields of the form that corrects a dose."""
    fields = {}
    for name in EDITED:
        value = (dose["person"] if name in OF_PERSON else dose)[name]
        if name == "sex":
            value = SEXES[value][0] if value else ""
        if name == "product":
            value = _product(value)
        fields[name] = day(value) if name in _DATES and value else str(value or "")
    return fields


def _product(code: str) -> str:
    return PRODUCTS[code].name if code in PRODUCTS else code


def cause_view(error: Mapping[str, Any]) -> Cause:
    """A cause, of an error as JSON."""
    code, advice = error["code"], (error["message"], error.get("message_en") or error["message"])
    return Cause(code, error["field"], cause_words(code) or advice, advice)


def cause_words(code: str) -> Words | None:
    """A few words for a cause; None where there are none."""
    return next((words for cause, words in CAUSES.items() if cause == code), None)


def _suggested(one: Mapping[str, Any], typed: Mapping[str, Any]) -> SuggestedView:
    return SuggestedView(
        place=one["place"],
        name=one["full_name"],
        number=one["personal_id"],
        certain=one.get("certain") is not None,
        evidence=(one["evidence_text"], one["evidence_text_en"]),
        fields=[_compared(field, typed, one) for field in _COMPARED],
        ways=[
            Way(way["proof"], PROOFS[Proof(way["proof"])], way["next_step"] != "verified_again")
            for way in one.get("acceptable_by") or ()
        ],
    )


def _compared(field: str, typed: Mapping[str, Any], registered: Mapping[str, Any]) -> Compared:
    left, right = (_read(field, side.get(field)) for side in (typed, registered))
    masked = MASK in right
    # of a masked number too little is shown to say that it is the same
    same = left == right or (masked and field != "personal_id" and _may_be(left, right))
    difference = compare_letters(left, right) if left and right and not masked else None
    if field == "personal_id" and registered["number_change"] == NumberChange.NONE:
        same = True
    return Compared(field, left, right, same, difference)


def _may_be(typed: str, masked: str) -> bool:
    """Whether nothing that is shown of a masked value speaks against the typed one."""
    return len(typed) == len(masked) and all(
        hidden in (MASK, letter) for letter, hidden in zip(typed, masked, strict=True)
    )


def _read(field: str, value: object) -> str:
    text = str(value or "")
    if field == "sex":
        return SEXES[text][0] if text else ""
    return _birth(text) if field == "date_of_birth" else text


def _birth(text: str) -> str:
    """An ISO date as people read it, a masked one too: `1980-**-**` as `**/**/1980`."""
    parts = text.split("-")
    return "/".join(reversed(parts)) if len(parts) == 3 and len(parts[0]) == 4 else text


def _proposal(one: Mapping[str, Any]) -> Words:
    changes = "; ".join(
        f"{change['before'] or '–'} → {change['after'] or '–'}" for change in one["changes"]
    )
    return f"{one['name']}: {changes}", f"{one['name_en']}: {changes}"


@dataclass(frozen=True, slots=True)
class CauseCount:
    """How many doses wait for one cause, and of these with a certain suggestion."""

    code: str
    words: Words
    doses: int
    certain: int
    likely: int


def cause_counts(summary: Mapping[str, Any]) -> list[CauseCount]:
    """The causes, the largest first."""
    return [
        CauseCount(
            item["group"],
            cause_words(item["group"]) or (item["group"], item["group"]),
            item["doses"],
            item.get("certain") or 0,
            item.get("likely") or 0,
        )
        for item in summary["items"]
    ]


NEXT_WORDS: Final[Mapping[str, Words]] = {
    NextStep.VERIFIED_AGAIN: ("đã nhận, đang xác thực lại", "accepted, being verified again"),
    NextStep.SECOND_OFFICER: ("đã nhận, chờ công an", "accepted, waits for the police"),
}
"""What became of a row whose suggestion was accepted."""
