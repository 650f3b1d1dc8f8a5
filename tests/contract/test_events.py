"""Golden samples, event schemas and the AsyncAPI document agree with one another."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from contracts.topics import ISSUED, TOPICS, VERIFIED, Topic
from contracts.uvci import has_right_check
from contracts.words import ELIGIBLE_GRADES, Grade
from deploy.contracts.__main__ import FOLDER
from services.chassis.bus.codec import to_headers
from services.chassis.bus.port import Event
from tests.contract.reading import committed, references

each_topic = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)


def _asyncapi() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(
        (FOLDER / "asyncapi.yaml").read_text(encoding="utf-8")
    )
    return document


def _validator(topic: Topic) -> Draft202012Validator:
    schema = committed(f"schemas/{topic.name}.json")
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


@each_topic
def test_a_sample_is_read_by_its_model_and_written_again_unchanged(topic: Topic) -> None:
    sample = committed(f"samples/{topic.name}.json")
    assert topic.model.model_validate(sample).model_dump(mode="json") == sample


def test_the_samples_have_every_grade_and_an_outcome_for_every_eligible_dose() -> None:
    told = committed(f"samples/{VERIFIED.name}.json")["doses"]
    assert sorted(dose["grade"] for dose in told) == sorted(Grade)
    issued = committed(f"samples/{ISSUED.name}.json")
    eligible = {dose["dose_id"] for dose in told if dose["grade"] in ELIGIBLE_GRADES}
    assert {dose["dose_id"] for dose in (*issued["certificates"], *issued["refused"])} == eligible


@each_topic
def test_a_sample_has_the_form_of_its_schema(topic: Topic) -> None:
    _validator(topic).validate(committed(f"samples/{topic.name}.json"))


@each_topic
def test_an_event_written_without_its_defaults_has_the_form_of_its_schema(topic: Topic) -> None:
    sample = topic.model.model_validate(committed(f"samples/{topic.name}.json"))
    _validator(topic).validate(json.loads(sample.model_dump_json(exclude_defaults=True)))


@each_topic
def test_a_field_that_a_later_version_adds_is_ignored(topic: Topic) -> None:
    sample = committed(f"samples/{topic.name}.json")
    assert topic.model.model_validate(sample | {"added_later": 1}) == topic.model.model_validate(
        sample
    )
    _validator(topic).validate(sample | {"added_later": 1})


@each_topic
def test_an_event_without_a_required_field_is_not_valid(topic: Topic) -> None:
    sample = committed(f"samples/{topic.name}.json")
    required = committed(f"schemas/{topic.name}.json")["required"]
    assert required
    for name in required:
        assert not _validator(topic).is_valid(
            {key: value for key, value in sample.items() if key != name}
        )


def test_identifiers_of_the_samples_have_their_right_check_character() -> None:
    certificates = committed("samples/certificates.issued.v1.json")["certificates"]
    assert certificates
    assert all(has_right_check(certificate["uvci"]) for certificate in certificates)


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    document = _asyncapi()
    found = references(document)
    assert found
    for reference in found:
        if reference.startswith("./"):
            assert (FOLDER / reference).is_file(), reference
            continue
        node: Any = document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]


@each_topic
def test_the_asyncapi_document_has_every_lane_with_its_writer_and_its_readers(topic: Topic) -> None:
    document = _asyncapi()
    operations = {
        (
            operation["action"],
            operation["tags"][0]["name"],
            operation["channel"]["$ref"].removeprefix("#/channels/"),
        )
        for operation in document["operations"].values()
    }
    for lane in filter(None, (topic.name, topic.express)):
        assert {lane, f"{lane}.dlq"} <= set(document["channels"])
        assert ("send", topic.writer, lane) in operations
        assert {
            service
            for action, service, address in operations
            if action == "receive" and address == lane
        } == set(topic.readers)
        assert all(("send", reader, f"{lane}.dlq") in operations for reader in topic.readers)


def test_the_headers_that_the_bus_writes_are_those_of_the_asyncapi_document() -> None:
    headers = _asyncapi()["components"]["messageTraits"]["cloudEvent"]["headers"]
    event = Event(
        id="1",
        topic=TOPICS[0].name,
        type=TOPICS[0].name,
        source="records",
        key="1",
        time=datetime(2022, 4, 1, tzinfo=UTC),
        value=b"{}",
    )
    written = {name: value.decode() for name, value in to_headers(event)}
    Draft202012Validator(headers).validate(written)
    assert set(written) == set(headers["required"])
