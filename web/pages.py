"""The one list of everything that is mounted: whoever builds a page adds its router here."""

from typing import Final

from fastapi import APIRouter

from web.cases import bulk_routes, thread_routes
from web.cases import routes as cases
from web.design import routes as design
from web.desk import routes as desk
from web.desk import upload_routes as desk_uploads
from web.home import routes as home
from web.progress import cluster_pages, finding_pages
from web.progress import routes as progress
from web.signing_in import routes as signing_in
from web.verify import routes as verify

ROUTERS: Final[tuple[APIRouter, ...]] = (
    home.router,
    bulk_routes.police_router,
    bulk_routes.desk_router,
    thread_routes.police_router,
    thread_routes.desk_router,
    cases.router,
    progress.router,
    cluster_pages.router,
    finding_pages.router,
    desk_uploads.router,
    desk.router,
    signing_in.router,
    verify.router,
    design.router,
)
