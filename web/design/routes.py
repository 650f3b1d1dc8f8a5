"""`/design`: every component alive, with long, empty and wrong content."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from web.design.difference import compare_letters
from web.guards import OpenPage
from web.rendering import page
from web.sessions.session import Session

router = APIRouter()
Visitor = Annotated[
    Session | None, Depends(OpenPage("the components of pages, with made-up words"))
]
LONG_NAME: Final = "Công Tằng Tôn Nữ Thị Nguyễn Hoàng Phương Thảo Quỳnh Như Ngọc"
_NAMES: Final = (
    ("Nguyễn Thị Hoà", "Nguyễn Thị Hòa"),
    ("Trần Văn Ngoc", "Trần Văn Ngọc"),
    ("Lê Đăng Khoa", "Lê Đâng Khoa"),
    ("Phạm Thị Thu Hà", "Phạm Thu Hà"),
    ("001185012345", "001185012346"),
)


@router.get("/design")
async def show_design(request: Request, visitor: Visitor) -> Response:
    """The components, for those who build pages and those who judge them."""
    return page(
        request,
        "design/design.html",
        long_name=LONG_NAME,
        differences=[compare_letters(left, right) for left, right in _NAMES],
    )
