"""The one list of everything that is mounted: whoever builds a page adds its router here."""

from typing import Final

from fastapi import APIRouter

from web.home import routes as home
from web.signing_in import routes as signing_in

ROUTERS: Final[tuple[APIRouter, ...]] = (
    home.router,
    signing_in.router,
)
