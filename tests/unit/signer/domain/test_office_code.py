"""An office's code is read however it is typed from paper."""

import os

from services.signer.domain.office_code import RANDOM_BYTES, new_code, read_code


def test_a_code_has_sixty_bits_and_letters_that_none_takes_for_others() -> None:
    codes = {new_code(os.urandom(RANDOM_BYTES)) for _ in range(1_000)}
    assert len(codes) == 1_000
    assert {len(code) for code in codes} == {14}
    assert not set("ILOU") & set("".join(codes))
    assert new_code(bytes(RANDOM_BYTES)) == "0000-0000-0000"
    assert new_code(b"\xff" * RANDOM_BYTES) == "ZZZZ-ZZZZ-ZZZZ"


def test_a_code_is_read_in_any_way_of_typing_it() -> None:
    for typed in ("0AB1-CD1E-FGH0", "oabl cdie fgho", " 0AB1CD1EFGH0"):
        assert read_code(typed) == "0AB1CD1EFGH0"
