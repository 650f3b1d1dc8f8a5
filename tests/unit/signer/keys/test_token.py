"""What only a PKCS#11 token knows: PINs, a device that goes away, certificates beside it, keys that
are gone.
"""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pkcs11
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pkcs11 import Attribute, ObjectClass

from services.chassis.errors import TransientError
from services.signer.hcert.cose import Algorithm, is_genuine
from services.signer.keys.__main__ import run
from services.signer.keys.backends import key_store
from services.signer.keys.certify import certify_root, certify_signer, new_key
from services.signer.keys.files import open_key_folder
from services.signer.keys.port import KeyUnavailableError
from services.signer.keys.ring import KeyRing, LiveRing
from services.signer.keys.token import Pkcs11Token, TokenKey
from tests.support.softhsm import OFFICER_PIN, PIN, TestToken, make_token, softhsm  # noqa: F401

NOW = datetime(2022, 4, 1, tzinfo=UTC)


@pytest.fixture
def token(softhsm: Path) -> TestToken:
    """A token with one key."""
    made = make_token(softhsm, NOW)
    made.add_key(NOW)
    return made


def ring_of(token: TestToken, now: datetime = NOW) -> KeyRing:
    """Its ring, in production."""
    return key_store(token.cfg, "VN", "production", lambda: now)()


def drop_sessions(token: TestToken) -> None:
    """Ends every session of this process, as a device that restarts does."""
    pkcs11.lib(str(token.cfg.module)).reinitialize()


def test_production_signs_with_a_token(token: TestToken) -> None:
    signer = ring_of(token).active
    assert is_genuine(
        signer.public_key, signer.envelope.algorithm, b"claims", signer.sign(b"claims")
    )


def test_a_lost_session_is_a_passing_error_and_the_next_try_signs(token: TestToken) -> None:
    signer = ring_of(token).active
    signer.sign(b"before")
    drop_sessions(token)
    with pytest.raises(TransientError, match="hochieu"):
        signer.sign(b"claims")
    assert is_genuine(
        signer.public_key, signer.envelope.algorithm, b"claims", signer.sign(b"claims")
    )


# the library's own searches end with a complaint, when their session was lost in the middle
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_token_that_is_gone_is_waited_for_and_found_again(token: TestToken) -> None:
    live = LiveRing(key_store(token.cfg, "VN", "production", lambda: NOW))
    place, away = token.folder / "tokens", token.folder / "away"
    shutil.move(place, away)
    place.mkdir()
    drop_sessions(token)
    for _ in range(3):
        with pytest.raises(TransientError):
            live.active.sign(b"claims")
        with pytest.raises(TransientError):
            live.read_again()
    place.rmdir()
    shutil.move(away, place)
    live.read_again()
    assert len(live.active.sign(b"claims")) == 64


def test_a_wrong_pin_is_tried_once_and_a_right_one_in_the_file_needs_no_restart(
    token: TestToken,
) -> None:
    read = key_store(token.cfg, "VN", "production", lambda: NOW)
    token.cfg.pin_file.write_text("wrong-pin")
    with pytest.raises(KeyUnavailableError, match="refuses the PIN") as refused:
        read()
    assert "wrong-pin" not in str(refused.value)
    with (
        pkcs11.lib(str(token.cfg.module))
        .get_token(token_label="hochieu")
        .open(rw=True, so_pin=OFFICER_PIN) as session
    ):
        session.init_pin("wrong-pin")
    with pytest.raises(KeyUnavailableError):
        read()  # it would be right by now: the token was not asked again
    with (
        pkcs11.lib(str(token.cfg.module))
        .get_token(token_label="hochieu")
        .open(rw=True, so_pin=OFFICER_PIN) as session
    ):
        session.init_pin(PIN)
    token.cfg.pin_file.write_text(PIN)
    assert read().active


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_while_a_token_refuses_its_pin_work_waits_and_is_not_put_aside(token: TestToken) -> None:
    signer = ring_of(token).active
    token.cfg.pin_file.write_text("wrong-pin")
    drop_sessions(token)
    for _ in range(3):
        with pytest.raises(TransientError):
            signer.sign(b"claims")


@pytest.mark.parametrize(
    ("change", "said"),
    [({"token": "another"}, "KEYS_TOKEN"), ({"module": Path("/nowhere.so")}, "nowhere.so")],
)
def test_a_wrong_setting_is_named(token: TestToken, change: dict[str, object], said: str) -> None:
    with pytest.raises(KeyUnavailableError, match=said):
        key_store(token.cfg.model_copy(update=change), "VN", "production", lambda: NOW)()


def test_a_certificate_may_lie_in_the_folder_in_place_of_the_token(token: TestToken) -> None:
    now = NOW + timedelta(days=1)
    id = run(["make"], token.cfg, now)
    assert f"{id}  dsc-ES256-2022-04-02  waits for its certificate" in run(["list"], token.cfg, now)
    before = ring_of(token, now).active.envelope.kid
    (public,) = [key.public_key for key in _keys(token) if key.id.hex() == id]
    certificate = certify_signer(public, token.root.key, token.root.certificate, "test", now)
    token.cfg.dir.mkdir()
    (token.cfg.dir / "new.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    ring = ring_of(token, now)
    assert ring.active.certificate == certificate
    assert set(ring.signers) == {before, ring.active.envelope.kid}
    assert len(ring.active.sign(b"claims")) == 64


def test_a_private_key_in_the_folder_of_certificates_is_refused_by_name(token: TestToken) -> None:
    open_key_folder(token.cfg.dir, Algorithm.ES256, "VN", "test", NOW)
    with pytest.raises(KeyUnavailableError, match=r"-[0-9a-f]{16}\.pem holds a private key"):
        ring_of(token)


def test_a_key_that_was_destroyed_still_renders_and_signs_no_more(token: TestToken) -> None:
    old = ring_of(token).active.envelope.kid
    drop_sessions(token)
    with (
        pkcs11.lib(str(token.cfg.module))
        .get_token(token_label="hochieu")
        .open(rw=True, user_pin=PIN) as session
    ):
        for key in list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})):
            key.destroy()
    drop_sessions(token)
    with pytest.raises(KeyUnavailableError, match="make"):
        ring_of(token)
    token.add_key(NOW)
    ring = ring_of(token)
    assert ring.envelope(old).kid == old
    assert ring.active.envelope.kid != old
    with pytest.raises(KeyUnavailableError):
        ring.signers[old].sign(b"claims")


def test_a_certificate_of_a_root_that_is_not_ours_is_not_believed_for_lying_in_the_token(
    token: TestToken,
) -> None:
    before = set(ring_of(token).signers)
    stranger = new_key(Algorithm.ES256)
    root = certify_root(stranger, "XX", "other", NOW)
    foreign = certify_signer(new_key(Algorithm.ES256).public_key(), stranger, root, "other", NOW)
    assert token.cfg.module
    Pkcs11Token(token.cfg.module, token.cfg.token, token.cfg.pin_file).add_certificate(
        foreign, b"foreign", "foreign"
    )
    assert set(ring_of(token).signers) == before


def test_the_private_half_cannot_be_taken_out_of_the_token(token: TestToken) -> None:
    ring_of(token)
    drop_sessions(token)
    with (
        pkcs11.lib(str(token.cfg.module))
        .get_token(token_label="hochieu")
        .open(user_pin=PIN) as session
    ):
        (key,) = session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})
        assert (key[Attribute.SENSITIVE], key[Attribute.EXTRACTABLE]) == (True, False)


def test_the_list_tells_how_long_each_key_may_still_sign(token: TestToken) -> None:
    assert "signs 81 more days  valid 629 more days" in run(
        ["list"], token.cfg, NOW + timedelta(days=100)
    )
    with pytest.raises(KeyUnavailableError, match="make"):
        ring_of(token, NOW + timedelta(days=183))


def test_a_certificate_of_another_key_or_of_another_root_is_not_taken(token: TestToken) -> None:
    stranger = new_key(Algorithm.ES256)
    with pytest.raises(KeyUnavailableError, match="no key in the token"):
        token.add(
            certify_signer(
                stranger.public_key(), token.root.key, token.root.certificate, "test", NOW
            ),
            NOW,
        )
    (own,) = _keys(token)
    other_root = certify_root(stranger, "VN", "other", NOW)
    with pytest.raises(KeyUnavailableError, match="CSCA"):
        token.add(certify_signer(own.public_key, stranger, other_root, "test", NOW), NOW)
    assert "there already" in token.add(token.root.certificate, NOW)


def _keys(token: TestToken) -> list[TokenKey]:
    assert token.cfg.module
    return Pkcs11Token(token.cfg.module, token.cfg.token, token.cfg.pin_file).keys("dsc")
