"""The application of the pages."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx
from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from services.chassis.db import Database
from services.chassis.edge import Edge
from services.chassis.encryption import Sealer
from services.chassis.errors import ServiceError, TransientError
from services.chassis.http import Check, operations
from services.chassis.limits import RateLimits
from services.chassis.telemetry import Metrics
from web.asking import Services
from web.asset_names import STATIC
from web.built_files import BuiltFiles
from web.context import Context
from web.cookies import Jar
from web.errors import TOO_MANY_SIGN_INS
from web.page_errors import answer_error
from web.page_headers import PageHeaders, origin_of, policy
from web.sessions.keeper import SessionKeeper
from web.settings import Settings
from web.signing_in.provider import Provider
from web.templating import Templates

MIGRATIONS = Path(__file__).parent / "migrations"


def make_context(cfg: Settings, db: Database, services: Services, metrics: Metrics) -> Context:
    """What a process holds, of the parts that it has opened."""
    provider = Provider(cfg.oidc, f"{cfg.public_origin}/signed-in")
    sealer = Sealer.of(cfg.seal)

    def clock() -> datetime:
        return datetime.now(UTC)

    return Context(
        cfg=cfg,
        sessions=SessionKeeper(db, sealer, provider, cfg.session, clock),
        provider=provider,
        services=services,
        sealer=sealer,
        jar=Jar(cfg.is_https),
        templates=Templates(),
        sign_ins=RateLimits(
            cfg.session.counters, {"address": cfg.session.per_address}, TOO_MANY_SIGN_INS
        ),
        metrics=metrics,
        clock=clock,
    )


def create_pages(
    routers: Sequence[APIRouter],
    *,
    context: Context,
    metrics: Metrics,
    ready: Mapping[str, Check],
) -> FastAPI:
    """Every page, its assets below `/assets`, and `/web/healthz`, `/readyz`, `/metrics` beside."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.context = context
    for router in routers:
        app.include_router(router)
    app.include_router(operations(metrics, ready), prefix="/web")
    if STATIC.is_dir():
        app.mount("/assets", BuiltFiles(directory=STATIC))
    for kind in (
        ServiceError,
        TransientError,
        RequestValidationError,
        HTTPException,
        httpx.HTTPError,
    ):
        app.add_exception_handler(kind, answer_error)
    # signing in and out leads to the provider, and browsers hold the end of that way to this too
    targets = {origin_of(context.cfg.oidc.issuer)} - {origin_of(context.cfg.public_origin)}
    app.add_middleware(PageHeaders, policy=policy(sorted(targets)))
    app.add_middleware(Edge, metrics=metrics, answer_error=answer_error, hsts=context.cfg.http.hsts)
    return app
