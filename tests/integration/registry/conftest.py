"""A registry with three people."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.support.registry import registry


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a healthy stub."""
    async with registry(tmp_path) as open_client:
        yield open_client
