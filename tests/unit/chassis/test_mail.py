"""Letters: one plain address each, whatever was typed."""

from datetime import UTC, datetime

import pytest

from services.chassis.mail import MailRefusedError, begin_letter

NOW = datetime(2022, 4, 1, 9, tzinfo=UTC)
SENDER = "Hộ chiếu <khong-tra-loi@example.vn>"


@pytest.mark.parametrize(
    "odd",
    ["=?utf-8?b?YUB4LnZuLCBiQHgudm4=?=@x.vn", "=?utf-8?q?a=40x.vn?=@x.vn", "=?utf-8?q?a=0D=0ABcc=3A_b=40x.vn?=@x.vn", "a@x.vn, b@x.vn"],
)
def test_an_address_that_opens_into_something_else_gets_no_letter_and_is_not_repeated(odd: str) -> None:
    with pytest.raises(MailRefusedError) as refused:
        begin_letter(SENDER, odd, "subject", NOW)
    assert "x.vn" not in str(refused.value)


def test_a_named_letter_is_known_by_its_name_and_others_by_chance() -> None:
    named = [begin_letter(SENDER, "o'hoa+1@example.vn", "subject", NOW, name="letter-7") for _ in range(2)]
    assert {one["Message-ID"] for one in named} == {"<letter-7@example.vn>"}
    assert named[0]["To"] == "o'hoa+1@example.vn"
    assert len({begin_letter(SENDER, "a@x.vn", "subject", NOW)["Message-ID"] for _ in range(2)}) == 2
