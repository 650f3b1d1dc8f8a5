"""From the outcome of verification to what v1 answers."""

from collections.abc import Mapping
from typing import Any

from services.signer.api import models
from services.signer.hcert.cose import encode_kid
from services.signer.hcert.dcc_schema import presentable
from services.signer.hcert.outcomes import IN_V1
from services.signer.hcert.verify import HcertStep, HcertVerdict, OpenedHcert
from vietnamese.visible_text import visible

_STEP_OF = {
    "NOT_YET_VALID": models.Step.VALIDITY,
    "EXPIRED": models.Step.VALIDITY,
    "PAYLOAD_WRONG": models.Step.PAYLOAD,
}


def answer(verdict: HcertVerdict) -> models.CodeVerdict:
    """The verdict in the words of v1, and its own in `outcome`.

    Step 10, whether the statement holds today, is no step of v1: it is shown under the step whose
    code v1 gives for it.
    """
    steps = {
        models.Step(step): holds
        for step, holds in verdict.steps.items()
        if step is not HcertStep.STATEMENT
    }
    if verdict.denied:
        steps[_STEP_OF[IN_V1[verdict.denied]]] = False
    return models.CodeVerdict(
        valid=verdict.valid,
        code=IN_V1.get(verdict.code, verdict.code),
        outcome=verdict.code,
        reason_vi=verdict.reason_vi,
        reason_en=verdict.reason_en,
        steps=steps,
        certificate=_presented(verdict.opened) if verdict.opened else None,
    )


def _presented(opened: OpenedHcert) -> models.Presented:
    """Only what the schema knows: the rest of a foreign payload may be anything that CBOR can say,
    and no JSON can. Anybody may write a code, so what nobody would see in it is marked.
    """
    name: dict[str, Any]
    name, birth, entry = presentable(opened.payload)
    return models.Presented.model_validate(
        {
            "kid": encode_kid(opened.kid) if opened.kid else None,
            "issuer": _seen(opened.issuer),
            "issued_at": opened.issued_at,
            "expires_at": opened.expires_at,
            "kind": opened.kind,
            "uvci": _seen(opened.uvci),
            "name": _all_seen(name),
            "date_of_birth": _seen(birth),
            "entry": _all_seen(entry),
            "faults": list(opened.faults),
            "unknown": list(opened.unknown),
        }
    )


def _seen(value: Any) -> Any:
    return visible(value) if isinstance(value, str) else value


def _all_seen(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _seen(value) for key, value in fields.items()}
