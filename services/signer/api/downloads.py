"""Answers that are files: pictures and pages, made off the event loop and kept by nobody on the
way.
"""

import asyncio
from collections.abc import Callable

from fastapi import Response

from services.chassis.http import problems

PNG, SVG, PDF = "image/png", "image/svg+xml", "application/pdf"


def described(
    media_type: str, description: str, *refusals: int
) -> dict[int | str, dict[str, object]]:
    """The OpenAPI responses of a route that answers with a file."""
    schema = {"schema": {"type": "string", "format": "binary"}}
    return {
        200: {"description": description, "content": {media_type: schema}},
        **problems(*refusals),
    }


async def file_response(
    make: Callable[[], bytes], media_type: str, name: str | None = None
) -> Response:
    """Answers with what `make` makes.

    `name`: under which a browser saves it, which tells nothing of the person.
    """
    named = {"Content-Disposition": f'inline; filename="{name}"'} if name else {}
    return Response(
        await asyncio.to_thread(make),
        media_type=media_type,
        headers={"Cache-Control": "no-store", **named},
    )
