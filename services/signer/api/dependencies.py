"""What a route is given: the context of its process."""

from typing import Annotated

from fastapi import Depends, Request

from services.signer.context import Context


# async: FastAPI runs what is not in a thread
async def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


Ctx = Annotated[Context, Depends(_context)]
