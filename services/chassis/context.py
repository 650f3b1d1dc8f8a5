"""What a process holds, as routes reach it."""

from typing import Any

from fastapi import Request


# async: FastAPI runs what is not in a thread
async def held_context(request: Request) -> Any:
    """The context that the app was made with.

    A service declares `Ctx = Annotated[Context, Depends(held_context)]` once, and routes take it
    as a parameter of that type.
    """
    return request.app.state.context
