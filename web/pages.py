"""The one list of everything that is mounted: whoever builds a page adds its router here."""

from typing import Final

from fastapi import APIRouter

from web.cases import bulk_routes, thread_routes
from web.cases import routes as cases
from web.citizen import complaint_routes, help_routes, look_up_routes, opened_passport
from web.design import routes as design
from web.desk import (
    check_pages,
    complaint_pages,
    find_pages,
    job_stream,
    supplement_list_pages,
    supplement_pages,
)
from web.desk import routes as desk
from web.desk import upload_routes as desk_uploads
from web.own_page import routes as own_page
from web.progress import cluster_pages, finding_pages, list_files
from web.progress import routes as progress
from web.signing_in import routes as signing_in
from web.verify import routes as verify

ROUTERS: Final[tuple[APIRouter, ...]] = (
    look_up_routes.router,
    opened_passport.router,
    complaint_routes.router,
    help_routes.router,
    own_page.router,
    bulk_routes.police_router,
    bulk_routes.desk_router,
    thread_routes.police_router,
    thread_routes.desk_router,
    cases.router,
    progress.router,
    list_files.router,
    cluster_pages.router,
    finding_pages.router,
    desk_uploads.router,
    job_stream.router,
    desk.router,
    signing_in.router,
    verify.router,
    find_pages.router,
    check_pages.router,
    supplement_pages.router,
    supplement_list_pages.router,
    complaint_pages.router,
    design.router,
)
