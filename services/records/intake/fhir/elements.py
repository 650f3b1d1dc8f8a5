"""Elements of a FHIR resource, which is foreign JSON: each is asked for with the shape that FHIR gives it."""

from collections.abc import Iterator, Mapping, Sequence

from services.records.intake.fhir import codes

Element = Mapping[str, object]

_USES = ("official", "usual", "home", "mobile", "", "work", "secondary", "temp")
"""Of several names, numbers or addresses the first kind counts; what is old, a maiden name or for billing does not."""


class MisshapenError(Exception):
    """An element has another shape than FHIR gives it; `field` is the JSON name of what it would have told of a dose."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def text_in(holder: Element, name: str, field: str) -> str:
    """A primitive element, trimmed; empty where it is absent."""
    value = holder.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise MisshapenError(field)
    return value.strip()


def texts_in(holder: Element, name: str, field: str) -> list[str]:
    """A repeating primitive element; what is empty in it is left out."""
    value = holder.get(name)
    if not isinstance(value, list | None):
        raise MisshapenError(field)
    return [text for one in value or () if (text := text_in({name: one}, name, field))]


def element_in(holder: Element, name: str, field: str) -> Element:
    """A complex element; empty where it is absent."""
    value = holder.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise MisshapenError(field)
    return value


def elements_in(holder: Element, name: str, field: str) -> Sequence[Element]:
    """A repeating complex element."""
    value = holder.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise MisshapenError(field)
    return value


def modified(resource: Element) -> bool:
    """Whether it carries what may turn its meaning in a way that is not known here, and which FHIR forbids to ignore."""
    return "modifierExtension" in resource or "implicitRules" in resource


def current(holder: Element, name: str, field: str) -> list[Element]:
    """A repeating element by its `use`, the one that counts first."""
    ranked = [(use, one) for one in elements_in(holder, name, field) if (use := text_in(one, "use", field)) in _USES]
    return [one for _, one in sorted(ranked, key=lambda pair: _USES.index(pair[0]))]


def identifier(holder: Element, systems: Sequence[str], type_code: str, field: str) -> str:
    """The value of the identifier in the first of `systems` that has one, or else of one that names no system but is of that type."""
    found: dict[str, str] = {}
    for one in current(holder, "identifier", field):
        system = text_in(one, "system", field)
        if value := text_in(one, "value", field):
            typed = not system and type_code in coded(element_in(one, "type", field), codes.IDENTIFIER_TYPE, field)
            found.setdefault(type_code if typed else system, value)
    return next((found[name] for name in (*systems, type_code) if name in found), "")


def coded(concept: Element, system: str | None, field: str) -> Iterator[str]:
    """The codes of a concept, in one system or in any."""
    for coding in elements_in(concept, "coding", field):
        if (code := text_in(coding, "code", field)) and system in (None, text_in(coding, "system", field)):
            yield code


def worded(concept: Element, field: str) -> Iterator[str]:
    """How a concept is written for people: its text, then the names of its codes."""
    for name in (text_in(concept, "text", field), *(text_in(one, "display", field) for one in elements_in(concept, "coding", field))):
        if name:
            yield name
