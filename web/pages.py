"""The one list of everything that is mounted: whoever builds a page adds its router here."""

from typing import Final

from fastapi import APIRouter

from web.design import routes as design
from web.desk import (
    check_pages,
    complaint_pages,
    find_pages,
    supplement_list_pages,
    supplement_pages,
)
from web.home import routes as home
from web.signing_in import routes as signing_in
from web.verify import routes as verify

ROUTERS: Final[tuple[APIRouter, ...]] = (
    home.router,
    signing_in.router,
    verify.router,
    find_pages.router,
    check_pages.router,
    supplement_pages.router,
    supplement_list_pages.router,
    complaint_pages.router,
    design.router,
)
