"""A code is read however a mail, a form or an address carried it, and never as another code."""

import re
import textwrap
from collections.abc import Callable
from itertools import islice
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.uvci import SERIAL_BYTES
from services.signer.hcert.code_text import MOST, readings
from services.signer.hcert.verify import verify
from tests.unit.signer.conftest import NOW, Issuer

UNSEEN = "\ufeff\u200b\u200c\u200d\u200e\u2060\u00ad\t\0"


def _wrapped(code: str, width: int) -> str:
    return "\n".join(code[at : at + width] for at in range(0, len(code), width))


def _by_words(code: str, width: int) -> str:
    return "\n".join(textwrap.wrap(code, width, break_on_hyphens=False))


def _codes(issuer: Issuer, count: int) -> list[str]:
    """Without two spaces together, of which a mail that breaks lines at spaces keeps none."""
    codes = (
        issuer.certify(serial=number.to_bytes(SERIAL_BYTES, "big")) for number in range(1, 1_000)
    )
    return list(islice((code for code in codes if "  " not in code), count))


def _spaced_though_full(code: str, mail: str) -> int:
    """How many lines that look as if they were broken within a word were not."""
    lines, at, number = mail.split("\n"), 0, 0
    for line in lines[:-1]:
        at += len(line)
        spaced = code[at] == " "
        number += spaced and (len(line) == max(map(len, lines)) or line.endswith("-"))
        at += spaced
    return number


FORMS: dict[str, Callable[[str], str]] = {
    "space around": lambda code: f"  \t\r\n {code} \r\n\u00a0",
    "byte order mark": lambda code: "\ufeff" + code,
    "unseen marks within": lambda code: UNSEEN.join(code),
    "no-break spaces": lambda code: code.replace(" ", "\u00a0"),
    "lines of 76": lambda code: _wrapped(code, 76),
    "lines of 64, of Windows": lambda code: _wrapped(code, 64).replace("\n", "\r\n"),
    "lines of 40, with tabs": lambda code: _wrapped(code, 40).replace("\n", "\n\t"),
    "other line separators": lambda code: _wrapped(code, 60).replace("\n", "\u2028"),
    "indented": lambda code: textwrap.indent(_wrapped(code, 70), "    "),
    "quoted in an answer": lambda code: textwrap.indent(_wrapped(code, 70), "> "),
    "quoted twice": lambda code: textwrap.indent(_wrapped(code, 70), ">> "),
    "broken at spaces, which stay": lambda code: re.sub("(.{30,60} )", "\\1\r\n", code),
    "broken at spaces, which go": lambda code: re.sub("(.{30,60}) ", "\\1\r\n", code),
    "every space is a line's end": lambda code: code.replace(" ", "\n"),
    "empty lines between": lambda code: "\n\n" + _wrapped(code, 76).replace("\n", "\n\n") + "\n\n",
    "for an address": lambda code: quote(code, safe=""),
    "for a form": quote_plus,
    "for an address, over lines": lambda code: _wrapped(quote(code, safe=""), 76),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_genuine_code_is_valid_in_every_form(form: str, issuer: Issuer) -> None:
    for number, code in enumerate(_codes(issuer, 5)):
        assert verify(FORMS[form](code), issuer.trust, NOW).code == "VALID", number


@pytest.mark.parametrize("width", [50, 60, 72, 76, 78, 100])
def test_a_mail_that_breaks_lines_between_words_is_put_together_again(
    width: int, issuer: Issuer
) -> None:
    for number, code in enumerate(_codes(issuer, 10)):
        mail = _by_words(code, width)
        # of the lines that may have been broken within a word, a few may have been broken at a
        # space: more are not tried
        if _spaced_though_full(code, mail) <= 2:
            assert verify(mail, issuer.trust, NOW).code == "VALID", number


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_breaks_and_unseen_marks_anywhere_change_nothing(
    data: st.DataObject, issuer: Issuer
) -> None:
    code = issuer.certify(serial=data.draw(st.binary(min_size=SERIAL_BYTES, max_size=SERIAL_BYTES)))
    for _ in range(data.draw(st.integers(1, 12))):
        place = data.draw(st.integers(1, len(code) - 1))
        code = (
            code[:place] + data.draw(st.sampled_from(["\r\n", "\n", "\t", *UNSEEN])) + code[place:]
        )
    assert verify(code, issuer.trust, NOW).code == "VALID"


def test_a_printed_text_has_one_reading_which_is_itself() -> None:
    assert list(readings("HC1: A %20+B")) == ["HC1: A %20+B"]
    assert list(readings("")) == [""]
    assert list(readings("\ufeff\n")) == [""]


@pytest.mark.parametrize(
    "change",
    [
        str.lower,
        lambda code: code.replace("HC1:", "hc1:"),
        lambda code: "x" + code,
        lambda code: code[4:],
    ],
)
def test_what_is_no_code_stays_none(change: Callable[[str], str], issuer: Issuer) -> None:
    assert verify(change(issuer.certify()), issuer.trust, NOW).code == "NOT_HC1"


def test_there_are_few_readings_of_whatever_comes() -> None:
    for text in (
        "\n".join("A " * 20_000),
        "HC1:\n" * (MOST // 5),
        "HC1:" + "A\n" * 4_000,
        "\n".join(["A" * 300] * 13),
    ):
        assert len(list(readings(text))) < 200
        assert sum(map(len, readings(text))) < 200 * MOST
