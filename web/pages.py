"""The one list of everything that is mounted: whoever builds a page adds its router here."""

from typing import Final

from fastapi import APIRouter

from web.citizen import complaint_routes, help_routes, look_up_routes, passport_routes
from web.design import routes as design
from web.own_page import routes as own_page
from web.signing_in import routes as signing_in
from web.verify import routes as verify

ROUTERS: Final[tuple[APIRouter, ...]] = (
    look_up_routes.router,
    passport_routes.router,
    complaint_routes.router,
    help_routes.router,
    own_page.router,
    signing_in.router,
    verify.router,
    design.router,
)
