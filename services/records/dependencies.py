"""What routes ask for: the context of the process."""

from typing import Annotated

from fastapi import Depends

from services.chassis.context import held_context
from services.records.context import Context

Ctx = Annotated[Context, Depends(held_context)]
"""What the process holds."""
