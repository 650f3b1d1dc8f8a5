"""The generated Python client against the running services: what an app does with it."""

from io import BytesIO
from pathlib import Path
from typing import Any

import httpx

from contracts.access import Role
from deploy.local import issuer
from tests.support.stack import System
from web.clients.records import AuthenticatedClient
from web.clients.records.api.batches import (
    download_batch_rows_csv,
    list_batch_rows,
    push_batch,
    read_batch,
)
from web.clients.records.api.doses import correct_dose, read_dose
from web.clients.records.api.worklist import list_worklist
from web.clients.records.models import BatchCreated, Correction, PersonPatch, Problem, State
from web.clients.records.types import File
from web.clients.signer import Client
from web.clients.signer.api.trust import list_revocations, read_trust_list
from web.clients.signer.api.verification import verify_passport
from web.clients.signer.models import PageRevoked, TrustedSigners, VerifyAnswer, VerifyRequest
from web.clients.signer.types import File as SignerFile


def _client(running: System, role: Role = Role.SERVICE, **limits: Any) -> AuthenticatedClient:
    return AuthenticatedClient(
        base_url=running.stack.origin,
        token=issuer.token(running.stack.home, role, **limits),
        timeout=httpx.Timeout(60),
    )


async def test_an_app_pushes_watches_and_reads_back_a_file(
    with_made_up_people: System, made_up: Path
) -> None:
    doses = (made_up / "doses.csv").read_bytes()
    async with _client(with_made_up_people) as client:
        pushed = await push_batch.asyncio_detailed(
            client=client,
            body=File(BytesIO(doses), mime_type="text/csv"),
            idempotency_key="an-app-pushes",
        )
        assert isinstance(pushed.parsed, BatchCreated), pushed.content
        batch_id = pushed.parsed.batch_id
        await with_made_up_people.settled(batch_id)
        batch = await read_batch.asyncio(batch_id, client=client)
        assert batch and not isinstance(batch, Problem)
        assert batch.received == batch.accepted + batch.rejected
        assert batch.accepted == sum(batch.states.additional_properties.values())

        first = await list_batch_rows.asyncio(batch_id, client=client, limit=10)
        assert first and not isinstance(first, Problem) and first.next_
        second = await list_batch_rows.asyncio(
            batch_id, client=client, limit=10, cursor=first.next_
        )
        assert second and not isinstance(second, Problem)
        assert first.items[-1].row < second.items[0].row
        table = await download_batch_rows_csv.asyncio(batch_id, client=client)
        assert isinstance(table, File)
        assert table.payload.read().count(b"\n") > batch.received


async def test_an_app_corrects_a_row_of_its_worklist_and_is_told_what_does_not_fit(
    with_made_up_people: System, made_up: Path
) -> None:
    await with_made_up_people.push((made_up / "doses.csv").read_bytes())
    async with _client(with_made_up_people, Role.PROVINCE, areas=["01"]) as client:
        page = await list_worklist.asyncio(client=client, limit=1)
        assert page and not isinstance(page, Problem)
        dose = page.items[0].dose
        assert dose.state is State.NEEDS_CORRECTION
        corrected = await correct_dose.asyncio(
            dose.dose_id,
            client=client,
            body=Correction(
                reason="as the card says",
                version=dose.version,
                person=PersonPatch(full_name=f"{dose.person.full_name} An"),
            ),
        )
        assert corrected and not isinstance(corrected, Problem)
        assert (corrected.version, corrected.date_given) == (dose.version + 1, dose.date_given)

        missing = await read_dose.asyncio(999_999_999, client=client)
        assert isinstance(missing, Problem)
        assert (missing.status, missing.detail_vi != "") == (404, True)


async def test_a_verifying_app_reads_lists_and_has_a_code_checked_without_a_token(
    with_made_up_people: System,
) -> None:
    async with Client(base_url=with_made_up_people.stack.origin) as client:
        signers = await read_trust_list.asyncio(client=client)
        assert isinstance(signers, TrustedSigners) and signers.items
        revoked = await list_revocations.asyncio(client=client)
        assert isinstance(revoked, PageRevoked)
        verdict = await verify_passport.asyncio(client=client, body=VerifyRequest(qr="HC1:NONE"))
        assert isinstance(verdict, VerifyAnswer) and not verdict.valid
        picture = await verify_passport.asyncio(
            client=client, body=SignerFile(BytesIO(b"GIF89a"), mime_type="image/gif")
        )
        assert picture and not isinstance(picture, VerifyAnswer) and picture.status == 422
