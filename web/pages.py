"""The one list of everything that is mounted: whoever builds a page adds its router here."""

from typing import Final

from fastapi import APIRouter

from web.design import routes as design
from web.home import routes as home
from web.signing_in import routes as signing_in
from web.verify import routes as verify

ROUTERS: Final[tuple[APIRouter, ...]] = (
    home.router,
    signing_in.router,
    verify.router,
    design.router,
)
