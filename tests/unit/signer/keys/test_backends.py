"""What holds for every key store: files of a folder, and a PKCS#11 token."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.signer.hcert.cose import Algorithm, check_signatures, is_genuine
from services.signer.issuance.service import sign
from services.signer.keys.backends import key_store
from services.signer.keys.ring import KeyRing, LiveRing
from services.signer.settings import KeysSettings
from tests.support.softhsm import make_token, softhsm  # noqa: F401

NOW = datetime(2022, 4, 1, tzinfo=UTC)
HALF_A_YEAR = timedelta(days=183)


class Store:
    """A key store whose clock the test sets; `rotate` does what is done there when a key's time is
    over.
    """

    def __init__(self, cfg: KeysSettings, rotate: Callable[[datetime], object]) -> None:
        self.now = NOW
        self._rotate = rotate
        self.read: Callable[[], KeyRing] = key_store(cfg, "VN", "test", lambda: self.now)

    def rotate(self, now: datetime) -> None:
        """Lets time pass, and a new key be there."""
        self.now = now
        self._rotate(now)


@pytest.fixture(
    params=[(kind, algorithm) for kind in ("files", "token") for algorithm in Algorithm],
    ids=lambda p: f"{p[0]}-{p[1].name}",
)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Each store with one key of each algorithm."""
    kind, algorithm = request.param
    if kind == "files":
        return Store(KeysSettings(dir=tmp_path, algorithm=algorithm.name), lambda now: None)
    token = make_token(request.getfixturevalue("softhsm"), NOW)
    token.add_key(NOW, algorithm)
    return Store(
        token.cfg.model_copy(update={"algorithm": algorithm.name}),
        lambda now: token.add_key(now, algorithm),
    )


def test_what_a_key_signs_verifies_with_its_certificate_and_passes_the_desks_check(
    store: Store,
) -> None:
    signer = store.read().active
    claims = [b"one", b"another", b"", b"x" * 70_000]
    signatures = sign(signer, claims)
    check_signatures(signer.public_key, signer.envelope, claims, signatures)
    signed = [signer.envelope.to_be_signed(one) for one in claims]
    assert all(
        is_genuine(signer.public_key, signer.envelope.algorithm, *pair)
        for pair in zip(signed, signatures, strict=True)
    )
    assert not is_genuine(signer.public_key, signer.envelope.algorithm, signed[0], signatures[1])


def test_signing_the_same_again_gives_a_signature_that_is_as_good(store: Store) -> None:
    signer = store.read().active
    again = [signer.sign(b"the same") for _ in range(2)]
    assert all(
        is_genuine(signer.public_key, signer.envelope.algorithm, b"the same", one) for one in again
    )


def test_every_reading_finds_the_same_keys_with_their_root(store: Store) -> None:
    first, second = store.read(), store.read()
    assert first.active.envelope.kid == second.active.envelope.kid
    assert set(first.signers) == set(second.signers) == {first.active.envelope.kid}
    (root,) = first.roots
    first.active.certificate.verify_directly_issued_by(root)


def test_after_half_a_year_another_key_signs_and_the_old_one_still_renders(store: Store) -> None:
    old = store.read().active.envelope.kid
    store.rotate(NOW + HALF_A_YEAR)
    ring = store.read()
    assert ring.active.envelope.kid != old
    assert ring.envelope(old).kid == old


def test_a_process_that_started_before_finds_a_new_key_when_something_names_it(
    store: Store,
) -> None:
    live = LiveRing(store.read)
    old = live.active.envelope.kid
    store.rotate(NOW + HALF_A_YEAR)
    assert live.active.envelope.kid == old
    new = store.read().active.envelope.kid
    assert live.envelope(new).kid == new
    assert live.active.envelope.kid == new
    assert set(live.signers) == {old, new}
    with pytest.raises(KeyError):
        live.envelope(b"\0" * 8)
