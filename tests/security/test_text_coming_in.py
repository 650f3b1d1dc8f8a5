"""NUL and halves of surrogate pairs are refused wherever text comes in, and odd requests never
make an error of ours.
"""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.types import Message

from services.chassis.parameters import query_names
from tests.support.tokens import TestIssuer
from tests.support.walk import REACHED, SERVICES, Call, app_of, calls, client_of, filled

_NUL, _HALF = "\0", "\ud800"
_JSON = "application/json"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> TestIssuer:
    return TestIssuer(tmp_path_factory.mktemp("issuer"))


def _documents(app: FastAPI, call: Call, text: str) -> Iterator[Any]:
    """The body that a route documents, `text` in each of its texts in turn, and as a name."""
    schemas = app.openapi()["components"]["schemas"]
    operation = app.openapi()["paths"][call.route.path_format][call.method.lower()]
    schema = operation["requestBody"]["content"].get(_JSON, {}).get("schema", {})
    yield from _with(schema, schemas, text, 4)
    yield {text: 1}
    yield [text]
    yield text


def _with(schema: Any, schemas: Any, text: str, depth: int) -> Iterator[Any]:
    if not depth:
        return
    if name := schema.get("$ref"):
        yield from _with(schemas[name.rpartition("/")[2]], schemas, text, depth)
    for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from _with(part, schemas, text, depth)
    for name, part in schema.get("properties", {}).items():
        yield from ({name: value} for value in _with(part, schemas, text, depth - 1))
    if "items" in schema:
        yield from ([value] for value in _with(schema["items"], schemas, text, depth - 1))
    if schema.get("type") == "string":
        yield f"a{text}b"


@pytest.mark.parametrize("text", [_NUL, _HALF], ids=["nul", "half"])
@pytest.mark.parametrize("service", SERVICES)
async def test_no_text_of_any_body_holds_them(service: str, text: str, issuer: TestIssuer) -> None:
    app = app_of(service, issuer)
    async with client_of(app) as client:
        for call in calls(app, issuer):
            if not call.takes_body or call.path.endswith(("/batches", "/batches/preview")):
                continue  # a file's rows are read one by one, and refused one by one
            for document in _documents(app, call, text):
                escaped = json.dumps(document).encode()
                raw = json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")
                for body in (escaped, raw, escaped.decode().encode("utf-16")):
                    answer = await client.request(
                        call.method,
                        filled(call.path),
                        content=body,
                        headers={**call.headers, "Content-Type": _JSON},
                    )
                    assert answer.status_code == 422, (call.name, document)
                    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("service", SERVICES)
async def test_no_path_query_or_header_holds_them(service: str, issuer: TestIssuer) -> None:
    app = app_of(service, issuer)
    async with client_of(app) as client:
        for call in calls(app, issuer):
            path = filled(call.path)
            odd: list[tuple[str, dict[str, Any]]] = [
                (f"{path}?{name}=a%00b", {}) for name in query_names(call.route.dependant)
            ]
            odd += [(f"{path}?a%00b=1", {}), (path, {"Idempotency-Key": b"1234567\x008"})]
            odd += [(path, {"X-Purpose": b"\x00"}), (path, {"Referer": b"\x00"})]
            if "{" in call.path:
                odd.append((filled(call.path, "a%00b"), {}))
            for url, headers in odd:
                answer = await client.request(call.method, url, headers={**call.headers, **headers})
                assert (answer.status_code, answer.json()["code"]) == (422, "REQUEST_INVALID"), url
            # a half in a path or query is no text at all, and arrives as a sign that says so
            half = await client.request(
                call.method, f"{filled(call.path, '%ED%A0%80')}?%ED=%ED%A0%80", headers=call.headers
            )
            assert half.status_code < 500, call.name


_header_names = st.sampled_from(
    ["authorization", "content-type", "content-length", "content-encoding", "accept", "host",
     "idempotency-key", "x-purpose", "x-forwarded-for", "traceparent", "range", "if-none-match",
     "cookie", "expect", "transfer-encoding", "x-request-id", "accept-language", "origin"]
)  # fmt: skip
_header_values = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [b"Bearer", b"Bearer  ", b"bearer e30.e30.e30", b"Basic OjA=", b"application/json",
         b"application/x+json; charset=\xff", b"multipart/form-data", b"gzip, gzip", b"-1",
         b"99999999999999999999", b"bytes=0-", b"text/csv", b"image/png", b"0" * 4000,
         b"multipart/form-data; boundary=", b"00-" + b"0" * 32 + b"-" + b"0" * 16 + b"-00"]
    ),
)  # fmt: skip
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=12,
)
_bodies = st.one_of(
    st.binary(max_size=200),
    _json.map(lambda value: json.dumps(value).encode()),
    st.integers(1, 30_000).map(lambda depth: b"[" * depth),
    st.integers(1, 9_000).map(lambda depth: b'{"a":' * depth),
    st.sampled_from([b"\xef\xbb\xbf{}", b"NaN", b"1" * 9_000, b"\xff\xfe", b'{"people":[{}]}']),
)


@pytest.mark.parametrize("service", SERVICES)
def test_whatever_headers_and_body_are_sent_the_fault_is_never_ours(
    service: str, issuer: TestIssuer
) -> None:
    app = app_of(service, issuer)
    every = calls(app, issuer)

    @settings(
        max_examples=150, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(
        call=st.sampled_from(every),
        known=st.booleans(),
        place=st.text(max_size=12),
        query=st.binary(max_size=40),
        headers=st.lists(st.tuples(_header_names, _header_values), max_size=4),
        body=st.none() | _bodies,
        whole=st.booleans(),
    )
    def every_request(
        call: Call,
        known: bool,
        place: str,
        query: bytes,
        headers: list[tuple[str, bytes]],
        body: bytes | None,
        whole: bool,
    ) -> None:
        sent = [(name.encode(), value) for name, value in headers]
        if known:
            sent += [(k.lower().encode(), v.encode()) for k, v in call.headers.items()]
        if body is not None:
            sent.append((b"content-type", _JSON.encode()))
        path = filled(call.path, place.encode("utf-8", "replace").decode())
        status = asyncio.run(_status(app, call.method, path, query, sent, body or b"", whole))
        assert status is None or status < 500, (call.name, status)
        assert status != REACHED or known or not call.headers, "nobody came through"

    every_request()


async def _status(
    app: FastAPI,
    method: str,
    path: str,
    query: bytes,
    headers: list[tuple[bytes, bytes]],
    body: bytes,
    whole: bool,
) -> int | None:
    """The status of the answer as the server would get it; None where there was none."""
    sent, said = iter([body]), []

    async def receive() -> Message:
        part = next(sent, None)
        if part is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": part, "more_body": not whole}

    async def answered(message: Message) -> None:
        if message["type"] == "http.response.start":
            said.append(message["status"])

    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(),
        "query_string": query, "http_version": "1.1", "scheme": "http", "headers": headers,
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "root_path": "",
    }  # fmt: skip
    await app(scope, receive, answered)
    return said[0] if said else None
