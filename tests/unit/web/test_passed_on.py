"""A file that somebody uploads on a page reaches the service without being whole in memory."""

import os
from tempfile import SpooledTemporaryFile
from typing import Any, cast

import httpx
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from web.clients.records import AuthenticatedClient
from web.clients.records.api.batches import push_batch
from web.clients.records.types import File
from web.desk.passed_on import PassedOn


async def test_a_file_is_sent_on_in_pieces_and_arrives_whole() -> None:
    content = os.urandom(3_000_000)
    pieces: list[bytes] = []

    async def records(scope: Scope, receive: Receive, send: Send) -> None:
        pieces.extend([piece async for piece in Request(scope, receive).stream()])
        await JSONResponse({}, 500)(scope, receive, send)

    with SpooledTemporaryFile(max_size=1_000) as file:
        file.write(content)  # a form's reader leaves off at its end
        client = AuthenticatedClient(
            base_url="http://records",
            token="of nobody",
            httpx_args={"transport": httpx.ASGITransport(records)},
        )
        sent = File(payload=cast(Any, PassedOn(UploadFile(cast(Any, file)))))
        await push_batch.asyncio_detailed(client=client, body=sent)
    assert b"".join(pieces) == content
    assert max(map(len, pieces)) < 1_000_000
