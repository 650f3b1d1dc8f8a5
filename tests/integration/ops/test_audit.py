import asyncio

import pytest
from typer.testing import CliRunner

from contracts.topics import RECORDED
from deploy.audit.run import audit
from deploy.cli.main import program
from tests.integration.ops.conftest import Trio
from tests.support.bus import an_event, take

# batch 1: 1 renewed, 2 needs correction, 3 refused, one row rejected; batch 2: 4 was corrected from
# batch 1, and 1 said nothing new
_CONTENT = (
    "batch_id, row, digest, province_code, district_code, commune_code, product, lot, dose_number,"
    " dose_kind, date_given, person"
)
_DOSE = (
    f"INSERT INTO dose (id, facility_code, source_id, version, {_CONTENT}) SELECT n, 'F', 's' || n,"
    " 1, 1, n, 0, '', '', '', 'P', 'L', 1, 'primary', '2021-01-01', '' FROM generate_series(1, 4)"
    " AS n"
)
RECORDS = (
    _DOSE,
    (
        f"INSERT INTO dose_history (dose_id, version, {_CONTENT}, replaced_by, reason)"
        f" SELECT id, version, {_CONTENT}, '', '' FROM dose WHERE id = 4"
    ),
    "UPDATE dose SET version = 2, batch_id = 2 WHERE id = 4",
    (
        "INSERT INTO batch (id, submitted_by, media_type, received, accepted, rejected) VALUES (1,"
        " 'x', 'y', 5, 4, 1), (2, 'x', 'y', 2, 2, 0)"
    ),
    (
        "INSERT INTO batch_row (batch_id, row, outcome, source_id, dose_id, errors) VALUES (1, 5,"
        " 'rejected', '', NULL, '[]'), (2, 2, 'unchanged', 's1', 1, '[]'), (2, 1, 'warned', 's4',"
        " 4, '[]')"
    ),
    (
        "INSERT INTO dose_status (dose_id, version, state, grade, uvci, refusal) VALUES (1, 1,"
        " 'issued', 'exact', 'R1', NULL), (2, 1, 'needs_correction', 'mismatch', NULL, NULL), (3,"
        " 1, 'eligible', 'exact', NULL, 'TOO_YOUNG'), (4, 2, 'issued', 'exact', 'U4', NULL)"
    ),
    (
        "INSERT INTO problem (dose_id, version, grade, reasons, facility_code, residence,"
        " in_review) VALUES (2, 1, 'mismatch', '{}', 'F', '', false)"
    ),
)
VERIFIER = (
    (
        "INSERT INTO verification (dose_id, version, batch_id, source_id, facility_code, residence,"
        " grade, algorithm) SELECT id, v, 1, '', '', '', CASE id WHEN 2 THEN 'mismatch' ELSE"
        " 'exact' END, 'a' FROM (VALUES (1, 1), (2, 1), (3, 1), (4, 1), (4, 2)) AS told (id, v)"
    ),
)
_INTENT = "dose_id, version, edition, uvci, kid, person, date_given, claims, issued_at, expires_at"
SIGNER = (
    (
        f"INSERT INTO intent ({_INTENT}) SELECT id, v, e, u, '', 0, '2021-01-01', '', now(), now()"
        " + days * interval '1 day' FROM (VALUES (1, 1, 1, 'U1', -1), (1, 1, 2, 'R1', 9), (4, 1,"
        " 1, 'U3', 9), (4, 2, 1, 'U4', 9)) AS made (id, v, e, u, days)"
    ),
    (
        "INSERT INTO signature (dose_id, version, edition, signature) SELECT dose_id, version,"
        " edition, '' FROM intent WHERE uvci <> 'U3'"
    ),
    "INSERT INTO revocation (uvci, reason, expires_at) VALUES ('U3', 'superseded', now())",
)


@pytest.fixture
async def sound(trio: Trio) -> Trio:
    """Databases that agree."""
    for name, statements in {"records": RECORDS, "verifier": VERIFIER, "signer": SIGNER}.items():
        await trio.write(name, *statements)
    return trio


async def found(trio: Trio) -> dict[str, list[str]]:
    """Codes with their examples."""
    report = await audit(trio.urls, trio.bus)
    return {code: finding.examples for code, finding in report.findings.items()}


async def test_databases_that_agree_are_clean(sound: Trio) -> None:
    report = await audit(sound.urls, sound.bus)
    assert report.findings == {}
    assert (report.doses, report.batches) == (4, 2)


async def test_empty_databases_are_clean(trio: Trio) -> None:
    assert await found(trio) == {}


@pytest.mark.parametrize(
    ("database", "statement", "expected"),
    [
        ("records", "UPDATE batch SET received = 6 WHERE id = 1", {"RECEIVED": ["1: 6 ≠ 4 + 1"]}),
        ("records", "DELETE FROM batch_row WHERE row = 2", {"ACCEPTED": ["2: 2 ≠ 1"]}),
        ("records", "DELETE FROM batch_row WHERE row = 5", {"REJECTED": ["1: 1 ≠ 0"]}),
        ("records", "DELETE FROM dose_history", {"ACCEPTED": ["1: 4 ≠ 3"]}),
        ("records", "DELETE FROM dose_status WHERE dose_id = 2", {"PENDING": ["2"],
        "STILL_ON_WORKLIST": ["2"]}),
        ("records", "UPDATE dose_status SET version = 1 WHERE dose_id = 4", {"PENDING": ["4"],
        "OF_NOTHING": ["4"]}),
        ("records", "UPDATE dose_status SET refusal = NULL WHERE dose_id = 3",
        {"NOT_CERTIFIED": ["3"]}),
        ("records", "DELETE FROM problem", {"NOT_ON_WORKLIST": ["2"]}),
        ("records", "UPDATE dose_status SET state = 'withdrawn' WHERE dose_id = 2",
        {"STILL_ON_WORKLIST": ["2"]}),
        ("verifier", "DELETE FROM verification WHERE dose_id = 3", {"NOT_VERIFIED": ["3"]}),
        ("verifier", "UPDATE verification SET grade = 'review' WHERE dose_id = 2",
        {"OTHER_GRADE": ["2"]}),
        ("verifier", "UPDATE verification SET dose_id = 9 WHERE version = 2",
        {"NOT_VERIFIED": ["4"], "VERIFIED_NOTHING": ["9"], "NOT_LET_THROUGH": ["4"]}),
        ("signer", "DELETE FROM signature WHERE dose_id = 1", {"ISSUED_WITHOUT": ["1"],
        "UNSIGNED": ["1"]}),
        ("signer", "INSERT INTO revocation (uvci, reason, expires_at) VALUES ('U4', '', now())",
        {"ISSUED_WITHOUT": ["4"]}),
        ("signer", "INSERT INTO revocation (uvci, reason, expires_at) VALUES ('U1', '', now())",
        {"EDITIONS": ["1"]}),
        ("signer", "UPDATE intent SET uvci = 'U9' WHERE uvci = 'R1'", {"OTHER_UVCI": ["1"]}),
        ("signer", "DELETE FROM intent WHERE uvci = 'U1'", {"EDITIONS": ["1"]}),
        ("signer", "DELETE FROM intent WHERE uvci = 'R1'", {"OTHER_UVCI": ["1"],
        "NOT_RENEWED": ["1"]}),
        ("signer", "DELETE FROM signature WHERE edition = 2", {"OTHER_UVCI": ["1"],
        "NOT_RENEWED": ["1"], "UNSIGNED": ["1"]}),
        ("signer", "UPDATE intent SET expires_at = now() - interval '1 s' WHERE uvci = 'U4'",
        {"NOT_RENEWED": ["4"]}),
        (
            "signer",
            "DELETE FROM revocation; INSERT INTO signature (dose_id, version, signature) VALUES "
            "(4, 1, '')",
            {"OF_NOTHING": ["4"], "TWICE": ["4"]},
        ),
        (
            "signer",
            "INSERT INTO outbox (topic, key, type, event_id, time, headers, value) VALUES ('', "
            "'', '', '', now(), '{}', '')",
            {"OUTBOX": ["signer: 1"]},
        ),
    ],
)  # fmt: skip
async def test_each_thing_that_is_off_is_found(
    sound: Trio, database: str, statement: str, expected: dict[str, list[str]]
) -> None:
    await sound.write(database, statement)
    assert await found(sound) == expected


_HELD = (
    "UPDATE dose_status SET state = 'in_review', grade = 'review', uvci = NULL, reasons ="
    " '{ID_OF_ANOTHER, PERSON_CHANGED}' WHERE dose_id = 4"
)
_PROBLEM = (
    "INSERT INTO problem (dose_id, version, grade, reasons, facility_code, residence, in_review)"
    " VALUES (4, 2, 'review', '{}', 'F', '', true)"
)
_OLDER_IS_VALID = (
    "DELETE FROM revocation",
    "INSERT INTO revocation (uvci, reason, expires_at) VALUES ('U4', '', now())",
    "INSERT INTO signature (dose_id, version, edition, signature) VALUES (4, 1, 1, '')",
)


async def test_a_certificate_of_before_a_change_of_person_is_right_while_people_decide_of_it(
    sound: Trio,
) -> None:
    await sound.write("records", _HELD, _PROBLEM)
    await sound.write(
        "verifier", "UPDATE verification SET grade = 'review' WHERE dose_id = 4 AND version = 2"
    )
    await sound.write("signer", *_OLDER_IS_VALID)
    assert await found(sound) == {}
    await sound.write(
        "records", "UPDATE dose_status SET reasons = '{ID_OF_ANOTHER}' WHERE dose_id = 4"
    )
    assert await found(sound) == {"OF_NOTHING": ["4"]}


async def test_dead_letters_and_events_that_were_not_worked_off_are_found(sound: Trio) -> None:
    await sound.bus.publish(
        [an_event(RECORDED.name + ".dlq"), an_event(RECORDED.name), an_event(RECORDED.name)]
    )
    await take(sound.bus, [RECORDED.name], "verifier", lambda taken: len(taken) >= 1, max_events=1)
    assert await found(sound) == {
        "UNREAD": [f"verifier ← {RECORDED.name}: 1"],
        "DEAD_LETTERS": [f"{RECORDED.name}.dlq: 1"],
    }


async def test_the_command_prints_what_is_off_and_exits_1_and_0_when_nothing_is(
    sound: Trio,
) -> None:
    addresses = [f"--{name}={url}" for name, url in sound.urls.items()]

    def run() -> tuple[int, str]:
        result = CliRunner().invoke(program(), ["audit", *addresses, f"--bus-url={sound.bus_url}"])
        return result.exit_code, result.output

    code, output = await asyncio.to_thread(run)
    assert code == 0, output
    assert "4 mũi tiêm" in output
    await sound.write("signer", "DELETE FROM signature WHERE dose_id = 1")
    code, output = await asyncio.to_thread(run)
    assert code == 1
    assert "UNSIGNED" in output


async def test_a_database_that_does_not_answer_is_no_finding(sound: Trio) -> None:
    addresses = [f"--{name}={url}" for name, url in sound.urls.items() if name != "signer"]
    arguments = [
        "audit",
        *addresses,
        "--signer=postgresql://nobody@127.0.0.1:1/none",
        f"--bus-url={sound.bus_url}",
    ]
    result = await asyncio.to_thread(CliRunner().invoke, program(), arguments)
    assert result.exit_code == 2
    assert "does not answer" in result.output
