"""`/`, which nobody signs in for."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from web.guards import OpenPage
from web.rendering import page
from web.sessions.session import Session

router = APIRouter()
Visitor = Annotated[
    Session | None, Depends(OpenPage("the front door: it says what there is, and of nobody"))
]


@router.get("/")
async def show_home(request: Request, visitor: Visitor) -> Response:
    """The front door."""
    return page(request, "home/index.html")
