import io
import json
import logging

import pytest
import structlog

from services.chassis.telemetry import configure_logging, redact_text


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    configure_logging("records", "info")
    return stream


def test_personal_values_never_reach_a_log_line(lines: io.StringIO) -> None:
    structlog.get_logger().info(
        "seen",
        full_name="Lê Bảo Tú",
        personal_id="040176098696",
        note="number 040176098696 of somebody",
        row=7,
    )
    logging.getLogger("library").warning("duplicate key (040176098696, Lê)")
    first, second = (json.loads(line) for line in lines.getvalue().splitlines())
    assert first["full_name"] == first["personal_id"] == "[redacted]"
    assert "040176098696" not in lines.getvalue()
    assert first["row"] == 7
    assert second["service"] == "records"


def test_an_exception_is_told_by_type_and_place_and_never_by_its_text(lines: io.StringIO) -> None:
    try:
        raise ValueError("Lê Bảo Tú, 17/08/1976")
    except ValueError as error:
        structlog.get_logger().error("unexpected", exc_info=error)
    assert "1976" not in lines.getvalue()
    assert "ValueError" in lines.getvalue()
    assert "test_telemetry.py" in lines.getvalue()


@pytest.mark.parametrize(
    "text",
    ["+84912345678", "DN4790123456789", "HC1:6BF+70790T9WJWG.FKY*4GO0.O1CV2 O5 N2FBBRW1*70HS8"],
)
def test_numbers_and_codes_are_taken_out_of_texts(text: str) -> None:
    assert text not in redact_text(f"value {text} refused")
