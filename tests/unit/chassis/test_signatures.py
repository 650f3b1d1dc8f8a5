"""Who wrote an event: only the topic's writer, all of it, and under its own id."""

import json
import os
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from contracts.topics import ISSUED, TOPICS, VERIFIED, Topic
from deploy.audit.letters import returned
from deploy.local import event_keys
from deploy.local.home import Home
from services.chassis.bus import Event
from services.chassis.bus.codec import from_headers, to_headers
from services.chassis.bus.event_keys import EventKeyError, key_id, text_of
from services.chassis.bus.settings import DLQ_SUFFIX
from services.chassis.bus.signatures import (
    KEY_ID,
    SIGNATURE,
    EventSigner,
    Gate,
    Signatures,
    UntrustedEventError,
)
from tests.support.bus import NOON, an_event
from tests.support.signatures import signatures, signatures_of


@pytest.fixture
def all_keys(tmp_path: Path) -> dict[str, Signatures]:
    """Of each service."""
    return signatures(tmp_path)


def of(topic: Topic) -> Event:
    """An event of that topic as its writer would put it."""
    return replace(an_event(topic.name), type=topic.name, source=topic.writer)


def gate(signing: Signatures, topic: Topic) -> Gate:
    """That service's gate of a topic."""
    return signing.gate(topic.name, topic.writer, topic.readers)


def reason(gate: Gate, event: Event) -> str:
    """Why the gate refuses."""
    with pytest.raises(UntrustedEventError) as refused:
        gate.admits(event)
    return refused.value.reason


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_of_all_services_only_the_writer_of_a_topic_is_believed_by_its_readers(
    all_keys: dict[str, Signatures], topic: Topic
) -> None:
    for reader in topic.readers:
        for name, signing in all_keys.items():
            event = signing.signer.sign(of(topic))
            if name in (topic.writer, reader):
                assert gate(all_keys[reader], topic).admits(event)
            elif name in topic.readers:
                assert not gate(all_keys[reader], topic).admits(event)
            else:
                assert reason(gate(all_keys[reader], topic), event) == "wrong_writer"


CHANGES: dict[str, Callable[[Event], Event]] = {
    "value": lambda event: replace(event, value=b'{"doses":[]}'),
    "id": lambda event: replace(event, id="another"),
    "key": lambda event: replace(event, key="another"),
    "source": lambda event: replace(event, source="another"),
    "time": lambda event: replace(event, time=event.time + timedelta(microseconds=1)),
    "border": lambda event: replace(event, id=event.id + event.key[0], key=event.key[1:]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_that_an_event_says_can_be_changed(
    all_keys: dict[str, Signatures], change: str
) -> None:
    signed = all_keys["verifier"].signer.sign(of(VERIFIED))
    assert reason(gate(all_keys["signer"], VERIFIED), CHANGES[change](signed)) == "wrong_signature"


def test_an_event_cannot_be_moved_to_another_topic_of_the_same_writer(
    all_keys: dict[str, Signatures],
) -> None:
    signed = all_keys["records"].signer.sign(of(TOPICS[0]))
    moved = replace(signed, topic="doses.withdrawn.v1")
    assert reason(gate(all_keys["signer"], TOPICS[3]), moved) == "wrong_type"
    renamed = replace(moved, type="doses.withdrawn.v1")
    assert reason(gate(all_keys["signer"], TOPICS[3]), renamed) == "wrong_signature"


def test_an_event_without_a_signature_or_of_a_strange_key_is_refused(
    all_keys: dict[str, Signatures], tmp_path: Path
) -> None:
    signer = gate(all_keys["signer"], VERIFIED)
    assert reason(signer, of(VERIFIED)) == "unsigned"
    stranger = signatures(tmp_path / "stranger")["verifier"]
    assert reason(signer, stranger.signer.sign(of(VERIFIED))) == "unknown_key"
    signed = all_keys["verifier"].signer.sign(of(VERIFIED))
    for text in ("", "A", "é", "A" * 86, urlsafe_b64encode(b"x" * 64).decode()):
        headers = {**signed.headers, SIGNATURE: text}
        assert reason(signer, replace(signed, headers=headers)) in ("unsigned", "wrong_signature")


def test_a_replayed_letter_and_what_went_over_kafka_are_believed(
    all_keys: dict[str, Signatures],
) -> None:
    signed = all_keys["verifier"].signer.sign(of(VERIFIED))
    letter = replace(
        signed, topic=VERIFIED.name + DLQ_SUFFIX, headers={**signed.headers, "dlq_x": ""}
    )
    headers = to_headers(returned(returned(letter)))
    assert {"ce_signature", "ce_signaturekid"} <= {name for name, _ in headers}
    come = from_headers(VERIFIED.name, signed.key.encode(), headers, signed.value, NOON)
    assert come.id.endswith("/replayed/replayed")
    assert gate(all_keys["signer"], VERIFIED).admits(come)


def test_a_part_is_its_reader_s_own_and_other_readers_pass_it_over(
    all_keys: dict[str, Signatures],
) -> None:
    whole = all_keys["verifier"].signer.sign(of(VERIFIED))
    part = replace(whole, id=f"{whole.id}/1", value=b'{"doses":[1]}')
    signer, records = (gate(all_keys[name], VERIFIED) for name in ("signer", "records"))
    assert reason(signer, part) == "wrong_signature"
    vouched = signer.vouch(part, whole)
    assert signer.admits(vouched)
    assert not records.admits(vouched)


def test_while_signatures_are_only_observed_nothing_forged_is_vouched_for(
    all_keys: dict[str, Signatures], tmp_path: Path
) -> None:
    observing = signatures_of(tmp_path, "signer", "observed")
    forged = of(VERIFIED)
    observed = gate(observing, VERIFIED)
    assert observed.admits(forged)
    part = observed.vouch(replace(forged, id="x/1"), forged)
    assert reason(gate(all_keys["signer"], VERIFIED), part) == "unsigned"


def test_a_key_is_changed_while_both_are_believed_and_then_the_old_one_is_not(
    all_keys: dict[str, Signatures], tmp_path: Path
) -> None:
    home, old = Home(tmp_path), all_keys["verifier"].signer
    next_file = event_keys.add_next(home, "verifier")
    with pytest.raises(EventKeyError, match="still signs"):
        event_keys.retire(home, old.kid)
    next_file.replace(event_keys.private_file(home, "verifier"))
    changed = signatures(tmp_path)
    new = changed["verifier"].signer
    assert new.kid != old.kid
    for signer in (old, new):
        assert gate(changed["signer"], VERIFIED).admits(signer.sign(of(VERIFIED)))
    reader = gate(changed["signer"], VERIFIED)
    event_keys.main([str(tmp_path), "retire", old.kid])
    # the set is looked at again a moment later
    os.utime(event_keys.writers_file(home))
    changed["signer"].keys._looked -= 10
    assert reason(reader, old.sign(of(VERIFIED))) == "unknown_key"
    assert reader.admits(new.sign(of(VERIFIED)))
    event_keys.writers_file(home).write_text('{"keys": [')
    changed["signer"].keys._looked -= 10
    assert reader.admits(new.sign(of(VERIFIED)))


def test_a_service_whose_key_its_readers_do_not_believe_does_not_start(
    all_keys: dict[str, Signatures], tmp_path: Path
) -> None:
    home = Home(tmp_path)
    event_keys.private_file(home, "signer").replace(event_keys.private_file(home, "records"))
    with pytest.raises(SystemExit, match=r"writers\.json does not hold"):
        signatures_of(tmp_path, "records")
    event_keys.writers_file(home).write_text(json.dumps({"keys": [{"kty": "RSA"}]}))
    with pytest.raises(SystemExit, match="cannot be read"):
        signatures_of(tmp_path, "verifier")


def test_a_thumbprint_is_that_of_rfc_8037() -> None:
    public = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    assert text_of(public) == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    assert (
        key_id(Ed25519PublicKey.from_public_bytes(public))
        == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    )


def test_the_signatures_of_one_key_differ_and_name_it(all_keys: dict[str, Signatures]) -> None:
    signer: EventSigner = all_keys["signer"].signer
    first, second = (signer.sign(of(ISSUED)) for _ in range(2))
    assert first.headers[KEY_ID] == second.headers[KEY_ID] == signer.kid
    assert first.headers[SIGNATURE] != second.headers[SIGNATURE]
