"""Reads elements of a FHIR resource.

It is foreign JSON, so each element is checked for the shape that FHIR gives it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from services.records.domain.row_error import RowError
from services.records.uploads.formats.fhir import entry_errors

Element = Mapping[str, object]

Reader = tuple[Callable[..., Any], Any]
"""Reads one part of a resource, and what stands for it where it cannot be read."""


class UnreadError(Exception):
    """A part of a resource cannot be read; `row_error` is what its entry is told."""

    def __init__(self, error: RowError) -> None:
        super().__init__(error.code)
        self.row_error = error


class MisshapenError(UnreadError):
    """An element has another shape than FHIR gives it.

    `field` is the JSON name of the dose's field that it would have filled.
    """

    def __init__(self, field: str, element: str) -> None:
        super().__init__(entry_errors.wrong_shape(field, element))


def text_in(holder: Element, name: str, field: str) -> str:
    """A primitive element, trimmed; empty where it is absent."""
    value = holder.get(name)
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    raise MisshapenError(field, name)


def texts_in(holder: Element, name: str, field: str) -> list[str]:
    """A repeating primitive element, without empty texts."""
    value = holder.get(name)
    if not isinstance(value, list | None):
        raise MisshapenError(field, name)
    return [text for item in value or () if (text := text_in({name: item}, name, field))]


def flag_in(holder: Element, name: str, field: str) -> bool | None:
    """A boolean element; None where it is absent."""
    value = holder.get(name)
    if not isinstance(value, bool | None):
        raise MisshapenError(field, name)
    return value


def element_in(holder: Element, name: str, field: str) -> Element:
    """A complex element; empty where it is absent."""
    value = holder.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise MisshapenError(field, name)
    return value


def elements_in(holder: Element, name: str, field: str) -> Sequence[Element]:
    """A repeating complex element."""
    value = holder.get(name)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise MisshapenError(field, name)
    for element in value:
        if not isinstance(element, dict):
            raise MisshapenError(field, name)
    return value


def read_each(
    readers: Sequence[Reader], *arguments: object
) -> tuple[list[Any], tuple[RowError, ...]]:
    """What every reader reads, and all errors of the parts that cannot be read."""
    try:
        return [read(*arguments) for read, _ in readers], ()
    except UnreadError:
        pass
    values: list[Any] = []
    errors: dict[RowError, None] = {}
    for read, otherwise in readers:
        try:
            values.append(read(*arguments))
        except UnreadError as error:
            values.append(otherwise)
            errors[error.row_error] = None
    return values, tuple(errors)


def modified(resource: Element) -> bool:
    """Whether it carries an extension that may change its meaning.

    FHIR forbids to ignore such ones, and none is known here.
    """
    return "modifierExtension" in resource or "implicitRules" in resource


def coded(concept: Element, system: str | None, field: str) -> Iterator[str]:
    """The codes of a concept, in one system or in any."""
    for coding in elements_in(concept, "coding", field):
        if (code := text_in(coding, "code", field)) and system in (
            None,
            text_in(coding, "system", field),
        ):
            yield code


def worded(concept: Element, field: str) -> Iterator[str]:
    """How a concept is written for people: its text, then the names of its codes."""
    for name in (
        text_in(concept, "text", field),
        *(text_in(coding, "display", field) for coding in elements_in(concept, "coding", field)),
    ):
        if name:
            yield name
