"""Why the system did not start: which part failed, its last words, and where its whole log is."""

import re
from pathlib import Path

from services.chassis.telemetry import redact_text

_LINES, _READ_BYTES, _LINE_LENGTH = 6, 16_384, 400
_IN_ADDRESS = re.compile(r"(?<=://)[^\s/@:]*:\S*@")
_PASSWORD = re.compile(r"(?<![A-Za-z])(password[\"']?\s*[:=]\s*)\S+", re.IGNORECASE)
_IN_GROUP = re.compile(r"\s*\| (.*)")
_PLACE = re.compile(r"  File |    |Traceback |\s*\+")


class StartError(Exception):
    """The system does not start; the text says why, in both languages, and carries no secret and
    nobody's data.
    """


def failed(name: str, log: Path, since: int = 0) -> StartError:
    """The error of a part that ended or did not answer, with what it wrote to its log after the
    byte `since`.
    """
    words = last_words(log, since)
    said = "".join(f"\n    {line}" for line in words.splitlines())
    return StartError(
        f"{name} không khởi động được / did not start. Nhật ký / log: {log}"
        + (f"\nDòng cuối / last words:{said}" if said else "\nNhật ký trống / the log is empty.")
    )


def last_words(log: Path, since: int = 0) -> str:
    """The last lines of a log after the byte `since`; of a traceback the errors, not the places.
    Secrets and numbers are taken out.
    """
    try:
        with log.open("rb") as file:
            file.seek(max(since, file.seek(0, 2) - _READ_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    lines = [
        match[1] if (match := _IN_GROUP.fullmatch(line)) else line for line in text.splitlines()
    ]
    # a part that was started again says the same again
    kept = list(dict.fromkeys(line for line in lines if line.strip() and not _PLACE.match(line)))
    return "\n".join(without_secrets(line)[:_LINE_LENGTH] for line in kept[-_LINES:])


def without_secrets(text: str) -> str:
    """`text` without the user and password of addresses, other passwords, and numbers that may be a
    person's.
    """
    return redact_text(_PASSWORD.sub(r"\1***", _IN_ADDRESS.sub("***@", text)))
