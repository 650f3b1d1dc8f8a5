"""Looks at the chain of one service's audit: the whole of it, or what was added since a link that
was verified before.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from deploy.audit import store
from deploy.audit.chain import ChainCheck, Link, unchained
from deploy.audit.heads import Head
from deploy.audit.report import Report


async def check_chain(
    report: Report,
    service: str,
    snapshot: store.Snapshot,
    heads: Iterable[Head] = (),
    verified: Link | None = None,
) -> Link | None:
    """Adds what is wrong to the report, and answers the last link.

    Whoever looks again and again gives it back as `verified`: it is then a head that was copied
    outside, and the links before it are not read again.
    """
    now = datetime.now(UTC)
    own = [head for head in heads if head.service == service]
    start = 1
    if verified is not None:
        start = verified.position
        own = [head for head in own if head.position >= start]
        own.append(Head(service, now, start, verified.hash))
    else:
        report.audited += await snapshot.count("audit")
    check, last = ChainCheck(own, now, start), verified
    async for entry in store.links(snapshot, start):
        last = entry
        for wrong in check.take(entry):
            report.add(wrong.code, wrong.vi, wrong.en, f"{service}: {wrong.where}")
    for wrong in check.end():
        report.add(wrong.code, wrong.vi, wrong.en, f"{service}: {wrong.where}")
    if verified is None and (outside := await snapshot.count(store.UNCHAINED)):
        wrong = unchained(outside)
        report.add(wrong.code, wrong.vi, wrong.en, f"{service}: {wrong.where}", outside)
    return last
