"""`/why`: why a passport is not there yet, and what to do; `/foreigners`: for those of them."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from contracts import standing
from web.citizen.visitors import Visitor
from web.rendering import page

router = APIRouter()
_EXPLAINED = (
    standing.WAITING,
    standing.CORRECTION,
    standing.REVIEW,
    standing.SIGNING,
    standing.DOSE_WRONG,
    standing.ISSUED,
)


@router.get("/why")
async def show_why(request: Request, visitor: Visitor) -> Response:
    """The way of a dose, station by station, in the words of the one table."""
    return page(
        request,
        "citizen/why.html",
        way=[standing.STAGES[stage] for stage in standing.WAY],
        explained=[
            {
                "at": standing.WAY.index(one.stage),
                "stands": one,
                "holder": standing.HOLDERS[one.holder],
                "bring": [standing.PAPERS[paper] for paper in one.bring],
            }
            for one in _EXPLAINED
        ],
    )


@router.get("/foreigners")
async def show_foreigners(request: Request, visitor: Visitor) -> Response:
    """What is other for who has no Vietnamese number."""
    return page(request, "citizen/foreigners.html")
