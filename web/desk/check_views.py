"""What the check before an injection says: one word, and what differs."""

from dataclasses import dataclass, field
from typing import Final

from contracts.citizen_card import CitizenCard
from contracts.masks import mask_number
from contracts.standing import Words
from web.clients.verifier.models import Checked
from web.design.difference import Difference, compare_letters

_FIELDS: Final = {
    "personal_id": Words("Số định danh", "Number"),
    "full_name": Words("Họ và tên", "Name"),
    "date_of_birth": Words("Ngày sinh", "Birth date"),
    "sex": Words("Giới tính", "Sex"),
    "passport_number": Words("Hộ chiếu", "Passport"),
    "status": Words("Dữ liệu dân cư", "Registry"),
}
_AGREES: Final = frozenset({"match", "equivalent"})


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that differs, and what to do about it."""

    name: Words
    words: Words


@dataclass(frozen=True, slots=True)
class TypedAndCard:
    """A field that was typed otherwise than the card has it, letter by letter."""

    name: Words
    letters: Difference


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one person who is about to be injected."""

    name: str
    number: str
    passes: bool
    exact: bool
    remarks: tuple[Remark, ...]
    against_card: tuple[TypedAndCard, ...] = ()
    childs_number: str = ""
    refused: tuple[Words, ...] = field(default=())


def against_card(card: CitizenCard | None, typed: dict[str, str]) -> tuple[TypedAndCard, ...]:
    """Where somebody typed otherwise than the scanned card says."""
    if card is None:
        return ()
    on_card = card._asdict()
    return tuple(
        TypedAndCard(_FIELDS[name], compare_letters(typed[name], str(on_card[name])))
        for name in ("full_name", "date_of_birth", "personal_id")
        if typed.get(name) and typed[name] != on_card[name]
    )


def verdict(
    checked: Checked, name: str, number: str, differing: tuple[TypedAndCard, ...]
) -> Verdict:
    """What is shown of one answer."""
    remarks = tuple(
        Remark(
            _FIELDS.get(one.name, Words(one.name, one.name)),
            Words(str(one.message or ""), str(one.message_en or "")),
        )
        for one in checked.attributes
        if str(one.result) not in _AGREES and one.message
    )
    guardian = checked.by_guardian or None
    return Verdict(
        name=name,
        number=mask_number(number) if number else "",
        passes=checked.passes and not differing,
        exact=str(checked.grade) in ("exact", "equivalent", "exempt"),
        remarks=remarks,
        against_card=differing,
        childs_number=str(getattr(guardian, "personal_id", None) or ""),
        refused=_refusal(guardian),
    )


def _refusal(guardian: object) -> tuple[Words, ...]:
    message = getattr(guardian, "message", None)
    if not message or getattr(guardian, "personal_id", None):
        return ()
    return (Words(str(message), str(getattr(guardian, "message_en", None) or message)),)
