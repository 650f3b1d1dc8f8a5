"""Query parameters that no route knows: a filter misspelt and passed over would answer with more
than was asked for.
"""

import re
from collections.abc import Iterator
from contextvars import ContextVar
from itertools import islice
from typing import Annotated, Any, Final

from fastapi import Depends, Query, Request
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

UNKNOWN: Final = "parameter_unknown"
"""The type of the one error that names them all, in its context; `invalid` makes one of each."""

_MOST_NAMED = 20
# whoever swaps name and value sends data as a name: what looks like data is not told back
_A_NAME, _DATA = re.compile(r"[A-Za-z][A-Za-z0-9_.\[\]-]{0,39}"), re.compile("[0-9]{5}")
_strange: ContextVar[tuple[list[str], list[str]] | None] = ContextVar("strange", default=None)


def query_names(dependant: Dependant) -> Iterator[str]:
    """The names of the query parameters that a route takes, itself or by what it depends on."""
    for field in dependant.query_params:
        model = field.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            yield from (part.alias or name for name, part in model.model_fields.items())
        else:
            yield field.alias
    for inner in dependant.dependencies:
        yield from query_names(inner)


async def _looked_at(request: Request) -> None:
    """Finds out what is not known; it is told with everything else that is wrong, once the
    caller is known.
    """
    _strange.set(None)
    if request.query_params:
        known = set(query_names(request.scope["route"].dependant))
        unknown = (name for name in dict.fromkeys(request.query_params) if name not in known)
        if strange := list(map(_shown, islice(unknown, _MOST_NAMED))):
            _strange.set((strange, sorted(known)))


def _shown(name: str) -> str:
    return name if _A_NAME.fullmatch(name) and not _DATA.search(name) else "?"


class _Sent(BaseModel):
    """The query as it was sent; it has no fields, so that nothing of it stands in a contract."""

    model_config = ConfigDict(extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _known(cls, sent: Any) -> Any:
        if strange := _strange.get():
            names, known = strange
            raise PydanticCustomError(
                UNKNOWN, "unknown parameters", {"names": names, "known": known}
            )
        return sent


async def known_parameters(
    looked_at: Annotated[None, Depends(_looked_at)], sent: Annotated[_Sent, Query()]
) -> None:
    """A dependency by which a route refuses query parameters that it does not know."""
