"""The script of the page `/verify`, run by Node outside a browser: what it says of codes."""

import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from services.signer.documents.verifier_data import key_as_json, value_sets_as_json
from services.signer.hcert.outcomes import MISUSES, REASONS
from services.signer.hcert.trust_list import TrustedKey
from services.signer.keys.port import Signer
from services.signer.keys.ring import KeyRing
from services.signer.keys.signed_list import sign_jws
from tests.support.paths import ROOT

_SCRIPT = ROOT / "tests" / "js" / "judge_codes.js"
_PATIENCE_S = 120


def asked(text: str, keys: Iterable[TrustedKey], now: datetime) -> dict[str, Any]:
    """A code to be judged at `now`, by whom believes these keys."""
    return {
        "text": text,
        "keys": [key_as_json(key) for key in keys],
        "value_sets": value_sets_as_json(),
        "now": now.isoformat(),
    }


def judge_all(codes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Of each code its `code`, `steps` and `misuse`."""
    return _answers({"codes": codes})


def open_all(lists: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Of each signed list (`text`, `pins`) the roots that are believed from then on, or why not."""
    return _answers({"jws": lists})


def _answers(question: Mapping[str, Any]) -> list[dict[str, Any]]:
    node = Path(sys.executable).parent / "node"
    run = subprocess.run(
        [str(node), str(_SCRIPT)],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        check=False,
        timeout=_PATIENCE_S,
    )
    assert run.returncode == 0, run.stderr
    return list(json.loads(run.stdout))


def list_of(
    ring: KeyRing,
    keys: Iterable[TrustedKey],
    now: datetime,
    *,
    revoked: bytes = b"",
    signer: Signer | None = None,
) -> str:
    """A signed list as the signer gives it, by the ring's active key or by `signer`."""
    content = {
        "issued_at": now.isoformat(),
        "country": "VN",
        "roots": [b64encode(root.public_bytes(Encoding.DER)).decode() for root in ring.roots],
        "keys": [key_as_json(key) for key in keys],
        "revoked": b64encode(revoked).decode(),
        "value_sets": value_sets_as_json(),
        "product_names": {"EU/1/20/1528": "Comirnaty"},
        "outcomes": REASONS,
        "misuses": MISUSES,
    }
    return sign_jws(signer or ring.active, content)
