"""What the templates of cases get, made of the verifier's answers."""

from collections.abc import Mapping
from typing import Any, Final

from web.cases.case_words import FIELDS, SEXES, evidence_words
from web.design.difference import compare_letters

_LONG = len("yyyy-mm-dd")
_EMPTY: Final = ""


def shown_value(field: str, value: str | None) -> str:
    """A value as people write it: dates by day, month and year."""
    text = value or _EMPTY
    if field == "date_of_birth" and len(text) == _LONG and text[4] == text[7] == "-":
        return f"{text[8:]}/{text[5:7]}/{text[:4]}"
    return SEXES[text][0] if field == "sex" and text in SEXES else text


def disputed_field(one: Mapping[str, Any]) -> dict[str, Any]:
    """One attribute that differs, letter by letter where both are there."""
    name = str(one["name"])
    left, right = (shown_value(name, one.get(side)) for side in ("typed", "registered"))
    return {
        "name": name,
        "label": FIELDS.get(name, (name, name)),
        "left": left,
        "right": right,
        "difference": compare_letters(left, right) if left and right else None,
        "advice": (one.get("message") or "", one.get("message_en") or ""),
    }


def case_view(case: Mapping[str, Any]) -> dict[str, Any]:
    """One case: who may be meant, and in what they differ from what was typed."""
    decisions = case.get("decisions") or []
    pending = next(
        (
            made
            for made in decisions
            if made["decision"] == "confirm"
            and not made["in_force"]
            and not made["undone_by"]
            and made["version"] == case["version"]
        ),
        None,
    )
    return {
        "id": case["id"],
        "version": case["version"],
        "state": case["state"],
        "facility": case["facility_code"],
        "opened_at": case["opened_at"],
        "attributes": [
            (FIELDS.get(one["name"], (one["name"],) * 2), (one["message"], one["message_en"]))
            for one in case["attributes"]
            if one["message"]
        ],
        "doubts": [(one["message"], one["message_en"]) for one in case.get("doubts") or []],
        "people": [
            {
                "number": person["personal_id"],
                "confidence": round(100 * person["confidence"]),
                "evidence": evidence_words(person["evidence"]),
                "fields": [disputed_field(one) for one in person["disputed"]],
            }
            for person in case["candidates"]
        ],
        "pending": pending,
    }


def row_view(row: Mapping[str, Any]) -> dict[str, Any]:
    """One row of a page: what was typed beside the one person, the numbers letter by letter."""
    typed, registered = row["typed_number"], row["personal_id"]
    whole = "*" not in registered
    return {
        **row,
        "born": shown_value("date_of_birth", row["date_of_birth"]),
        "registered_born": shown_value("date_of_birth", row["registered_birth"]),
        "sex_words": SEXES.get(row["sex"] or "", ("–", "–")),
        "number": compare_letters(typed, registered) if typed and whole else None,
        "words": evidence_words(row["evidence"]),
    }
