"""What is wrong with a form, by field, in the reader's language."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from fastapi import Request

from services.chassis.errors import ServiceError
from web.languages import chosen, language_of


class FieldError(NamedTuple):
    """A field's id, and what to do about it."""

    field: str
    vi: str
    en: str


class ShownErrors(NamedTuple):
    """The errors of a form as templates take them: in order, and by field."""

    pairs: list[tuple[str, str]]
    by_field: dict[str, str]


def shown_errors(request: Request, errors: Iterable[FieldError]) -> ShownErrors:
    """The errors in the reader's language."""
    language = language_of(request)
    pairs = [(error.field, chosen(language, error.vi, error.en)) for error in errors]
    return ShownErrors(pairs, dict(pairs))


def errors_behind(
    refused: ServiceError, fields: Mapping[str, str], otherwise: str
) -> list[FieldError]:
    """What a service has refused, by the form's own fields.

    `fields`: their ids by the service's names, or by codes. `otherwise`: where none fits.
    """
    told = [
        FieldError(
            fields.get(str(one.get("field", "")), otherwise),
            str(one.get("message_vi") or one.get("message") or refused.vi),
            str(one.get("message") or refused.en),
        )
        for one in refused.members.get("errors") or ()
        if isinstance(one, dict)
    ]
    return told or [FieldError(fields.get(refused.code, otherwise), refused.vi, refused.en)]
