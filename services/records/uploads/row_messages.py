"""What rows are told, as it is kept: a code for each message that the code knows by heart.

A wrong row has some ten messages, of a hundred letters each in two languages. Kept as prose they
would be many times the upload. So only a message that names something is kept whole.
"""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from services.records.domain import dose_rules
from services.records.domain.dose import FIELDS
from services.records.domain.row_error import RowError
from services.records.suggestions import errors as suggestion_errors
from services.records.uploads import errors
from services.records.uploads.formats import row_errors
from services.records.uploads.formats.fhir import entry_errors

_OF_FIELDS = (*FIELDS, "version", "dose_id", "accept_suggestion", "person")
_WHOLE: Final = "*"
"""Stands for the next of the messages that are kept whole."""


def _known_by_heart() -> dict[str, RowError]:
    constants = [
        message
        for module in (dose_rules, errors, row_errors, entry_errors, suggestion_errors)
        for message in vars(module).values()
        if isinstance(message, RowError)
    ]
    rules = [rule.error for rule in dose_rules.RULES]
    faults = [message for _, message in dose_rules.FAULTS.values()]
    of_fields = [
        make(field)
        for make in (row_errors.wrong_shape, row_errors.cell_error, row_errors.number_cut)
        for field in _OF_FIELDS
    ]
    of_texts = [
        RowError(field, code, vi, en)
        for _, code, vi, en in dose_rules.TEXT_FAULTS
        for field in FIELDS
    ]
    known: dict[str, RowError] = {}
    for message in (*constants, *rules, *faults, *of_fields, *of_texts):
        known.setdefault(_key(message), message)
    return known


def _key(message: RowError) -> str:
    return f"{message.field}={message.code}"


KNOWN = MappingProxyType(_known_by_heart())
"""By field and code. Two messages of one code differ now and then: the second is kept whole."""


class KeptMessages(NamedTuple):
    """`codes`: a key a message with blanks between, in order, or `*`; None: none. `whole`: the
    messages behind each `*`.
    """

    codes: str | None
    whole: list[dict[str, str]]


def kept(messages: Sequence[RowError]) -> KeptMessages:
    """Messages as they are kept."""
    keys = [key if KNOWN.get(key := _key(message)) == message else _WHOLE for message in messages]
    whole = [
        message.as_json() for key, message in zip(keys, messages, strict=True) if key == _WHOLE
    ]
    # without codes the whole ones stand for themselves
    return KeptMessages(" ".join(keys) if len(whole) < len(keys) else None, whole)


def told(codes: str | None, whole: Sequence[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """Kept messages as the REST names them.

    Of a code that this release no longer knows the code itself is told.
    """
    rest = list(whole or ())
    messages: list[dict[str, Any]] = []
    for key in (codes or "").split():
        if key == _WHOLE:
            messages.append(rest.pop(0))
            continue
        field, _, code = key.partition("=")
        known = KNOWN.get(key) or RowError(field, code, code, code)
        messages.append(known.as_json())
    # what was added later stands behind
    return messages + rest
