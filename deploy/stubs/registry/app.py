"""The stub's routes: the ministry's three, its own control, and the probes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from contracts.example_values import EXAMPLE_VALUES
from contracts.registry import Changes, LookupAnswer, LookupRequest, SearchAnswer, SearchRequest
from deploy.stubs.registry.behaviour import Behaviour, Conduct
from deploy.stubs.registry.edge import Gate, install, own_programs_only, read
from deploy.stubs.registry.register import Order, OrderError, Register
from services.chassis.docs import add_docs
from services.chassis.errors import ServiceError
from services.chassis.http import Problem, problems
from services.chassis.openapi import SERVERS, operation_id, tags_of
from services.chassis.openapi_examples import add_examples
from services.chassis.parameters import known_parameters

_JSON = "application/json"
_REFUSALS = problems(401, 413, 422, 429, 503)


@dataclass(slots=True)
class Desk:
    """What the process holds; the register comes when it is loaded."""

    conduct: Conduct
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    token: str | None = None
    register: Register | None = None

    def people(self) -> Register:
        """The register; ServiceError 503 until it is loaded."""
        if self.register is None:
            raise ServiceError(
                503,
                "LOADING",
                "Đang nạp dữ liệu.",
                "The people are being loaded.",
                headers={"Retry-After": "2"},
            )
        return self.register


class Control(BaseModel):
    """Orders to the stub: how to behave from now on, and what happens to people."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    behaviour: Behaviour | None = None
    changes: list[Order] = []


class Controlled(BaseModel):
    """How the stub behaves now, how many people it has, and the sequence of its last change."""

    behaviour: Behaviour
    people: int
    sequence: int


def create_app(desk: Desk) -> FastAPI:
    """The application; its OpenAPI is the contract that the ministry's endpoint has too, so the
    control is not in it.
    """
    app = FastAPI(
        title="Population registry",
        description=(
            "Looks people up by their numbers, finds them by search keys, and tells what has"
            " changed."
        ),
        version="1",
        openapi_url="/registry/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # it would send on to whatever name stands in Host
        separate_input_output_schemas=False,
        servers=SERVERS,
        openapi_tags=tags_of({"registry": "The population registry, as the ministry offers it."}),
        generate_unique_id_function=operation_id,
    )
    install(app)
    add_docs(app, "registry")
    strict = Depends(known_parameters)
    app.include_router(
        _contract(desk),
        prefix="/registry/v1",
        dependencies=[strict, Depends(Gate(desk.conduct, desk.token))],
    )
    app.include_router(
        _control(desk),
        prefix="/registry/v1",
        include_in_schema=False,
        dependencies=[strict, Depends(own_programs_only)],
    )
    app.include_router(_probes(desk), prefix="/registry", dependencies=[strict])
    _complete_schema(app)
    return app


def contract_document() -> dict[str, Any]:
    """The registry's OpenAPI."""
    return create_app(Desk(Conduct(Behaviour(), lambda: 0.0))).openapi()


def _complete_schema(app: FastAPI) -> None:
    """Adds the schemas of bodies that are read by hand, and of problem documents."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        schemas = document["components"]["schemas"]
        for model in (LookupRequest, SearchRequest, Problem):
            own = model.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(own.pop("$defs", {}))
            schemas[model.__name__] = own
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        for path in document["paths"].values():
            for operation in path.values():
                operation.setdefault("security", [])
        add_examples(document, EXAMPLE_VALUES)
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _body(model: type[BaseModel]) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": True, "content": {_JSON: {"schema": schema}}}}


def _contract(desk: Desk) -> APIRouter:
    router = APIRouter(tags=["registry"])

    def as_of() -> bytes:
        return desk.now().isoformat(timespec="milliseconds").encode()

    def answered(body: bytes, wrong: str | None) -> Response:
        return Response(body[: len(body) // 2] if wrong == "malformed" else body, media_type=_JSON)

    @router.post(
        "/people:lookup",
        summary="People by their numbers",
        responses={200: {"model": LookupAnswer}, **_REFUSALS},
        openapi_extra=_body(LookupRequest),
        response_class=Response,
    )
    async def lookup_people(request: Request) -> Response:
        ids = (await read(request, LookupRequest)).ids
        wrong = desk.conduct.wrong()
        if wrong == "fewer":
            ids = ids[: len(ids) // 2]
        people = b",".join(desk.people().lookup(ids))
        return answered(
            b'{"as_of":"%b","asked":%d,"people":[%b]}' % (as_of(), len(ids), people), wrong
        )

    @router.post(
        "/people:search",
        summary="People by search keys",
        responses={200: {"model": SearchAnswer}, **_REFUSALS},
        openapi_extra=_body(SearchRequest),
        response_class=Response,
    )
    async def search_people(request: Request) -> Response:
        asked = await read(request, SearchRequest)
        wrong = desk.conduct.wrong()
        queries = [query.keys for query in asked.queries]
        if wrong == "fewer":
            queries = queries[: len(queries) // 2]
        results = [
            b'{"people":[%b],"more":%b}' % (b",".join(people), b"true" if more else b"false")
            for people, more in desk.people().search(queries, asked.limit)
        ]
        return answered(b'{"as_of":"%b","results":[%b]}' % (as_of(), b",".join(results)), wrong)

    @router.get(
        "/changes", summary="What has changed since", responses=problems(401, 422, 429, 503)
    )
    async def list_changes(
        since: Annotated[
            int, Query(ge=0, description="sequence of the last change that is known")
        ] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 500,
    ) -> Changes:
        feed = desk.people().feed
        items = feed[since : since + limit]
        return Changes(items=items, next=items[-1].sequence if since + limit < len(feed) else None)

    return router


def _control(desk: Desk) -> APIRouter:
    router = APIRouter()

    def controlled() -> Controlled:
        register = desk.people()
        return Controlled(
            behaviour=desk.conduct.now, people=len(register), sequence=len(register.feed)
        )

    @router.get("/control")
    async def show() -> Controlled:
        return controlled()

    @router.post("/control")
    async def control(request: Request) -> Controlled:
        orders = await read(request, Control)
        for place, order in enumerate(orders.changes):
            try:
                desk.people().apply(order, desk.now())
            except OrderError as error:
                raise ServiceError(
                    409,
                    "ORDER_REFUSED",
                    "Không thực hiện được.",
                    f"changes.{place}: {error}; those before it are done.",
                ) from error
        if orders.behaviour is not None:
            desk.conduct.switch(orders.behaviour)
        return controlled()

    return router


def _probes(desk: Desk) -> APIRouter:
    router = APIRouter(tags=["operations"])

    @router.get("/healthz", summary="The process lives")
    async def check_health() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/readyz", summary="The people are loaded", responses=problems(503))
    async def check_readiness() -> dict[str, str]:
        desk.people()
        return {"status": "ready"}

    return router
