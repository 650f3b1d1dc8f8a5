"""`/trust-list`, `/revocations`, `/verifier-data`: what a verifier fetches to work offline."""

from base64 import b64encode
from typing import Annotated

from cryptography.hazmat.primitives.serialization import Encoding
from fastapi import APIRouter, Depends, Query

from services.chassis.auth import Public
from services.chassis.http import problems
from services.chassis.paging import (
    Page,
    PageRequest,
    page_request,
)
from services.chassis.representations import Keeping
from services.signer.api import models
from services.signer.api.dependencies import Ctx
from services.signer.documents.verifier_data import sign_verifier_data
from services.signer.domain.revocation_hashes import UNKNOWN_KID, HashType, hash_of
from services.signer.hcert.cose import encode_kid
from services.signer.store import certificates as store

router = APIRouter(
    tags=["trust"],
    dependencies=[Depends(Public("verifiers of every country need them, and they name nobody"))],
)


@router.get(
    "/trust-list",
    summary="The document signers that are to be believed",
    dependencies=[Depends(Keeping("public, max-age=300"))],
)
async def read_trust_list(context: Ctx) -> models.TrustedSigners:
    """This issuer's own, and those that it was told of."""
    items = [
        models.TrustedSigner.model_validate(item) for item in context.trust.as_json(context.clock())
    ]
    keys = [models.TrustedPublicKey.model_validate(key) for key in context.trust.keys_as_json()]
    roots = [
        b64encode(root.public_bytes(Encoding.DER)).decode("ascii") for root in context.ring.roots
    ]
    return models.TrustedSigners(items=items, roots=roots, keys=keys)


@router.get(
    "/revocations",
    summary="What this issuer revoked, as hashes",
    responses=problems(422, 503),
    dependencies=[Depends(Keeping("public, max-age=60"))],
)
async def list_revocations(
    context: Ctx,
    pages: Annotated[PageRequest, Depends(page_request(1000))],
    hash_type: Annotated[HashType, Query(description="what is hashed")] = "UCI",
) -> Page[models.Revoked]:
    """In the order they were revoked, as long as the certificate has not expired.

    What was not signed here has the key identifier `UNKNOWN_KID`, and no hash of a signature.
    """
    after = pages.after(int)
    async with context.db.begin() as tx:
        rows = await store.revocations(tx, context.clock(), after[0] if after else 0, pages.limit)
    items = [
        models.Revoked(
            kid=encode_kid(row.kid) if row.kid is not None else UNKNOWN_KID,
            hash_type=hash_type,
            hash=b64encode(
                hash_of(hash_type, row.uvci, row.signature or b"", context.profile.country)
            ).decode("ascii"),
            expires_at=row.expires_at,
        )
        for row in rows
        if row.signature is not None or hash_type != "SIGNATURE"
    ]
    return pages.page(items, rows, lambda row: (row.id,))


@router.get(
    "/verifier-data",
    summary="Trust list, revocations and value sets, signed",
    responses=problems(503),
    dependencies=[Depends(Keeping("public, max-age=60"))],
)
async def read_verifier_data(context: Ctx) -> models.VerifierData:
    """All that a verifier needs offline, in one signed piece; it is made at most once a minute."""
    return models.VerifierData(signed=await sign_verifier_data(context))
