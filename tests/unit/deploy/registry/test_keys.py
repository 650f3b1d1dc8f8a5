"""Search keys as numbers, and the limiter."""

from itertools import pairwise

from deploy.stubs.registry.behaviour import Limiter
from deploy.stubs.registry.fragments import id_keys
from deploy.stubs.registry.keys import key_numbers


def test_a_key_has_the_same_number_whatever_stands_beside_it() -> None:
    keys: list[str | int] = [
        "hoa",
        "nguyen thi hoa|1980-05-03",
        "a-key-of-exactly-16",
        7,
        (1 << 64) - 1,
        "đ",
    ]
    alone = [int(key_numbers([key])[0]) for key in keys]
    assert key_numbers(keys).tolist() == alone
    assert key_numbers(["hoa", "nguyen thi hoa|1980-05-03"]).tolist() == alone[:2]
    assert alone[3:5] == [7, (1 << 64) - 1]


def test_different_keys_have_different_numbers() -> None:
    keys = [f"{n:x}|{n % 97}" for n in range(50_000)]
    assert len(set(key_numbers(keys).tolist())) == len(keys)


def test_numbers_that_differ_in_zeros_or_length_are_kept_apart() -> None:
    numbers = ["079085123456", "79085123456", "0079085123456", "0", "00", "000000000000"]
    assert len(set(id_keys(numbers).tolist())) == len(numbers)
    assert id_keys([*numbers, "x"]).tolist() == id_keys(numbers).tolist()


def test_the_limiter_lets_through_its_rate_and_says_how_long_to_wait() -> None:
    now = 0.0
    limiter = Limiter(10, lambda: now)
    assert [limiter.wait_s() for _ in range(6)] == [0, 0, 0, 0, 0, 0.1]
    let_through = []
    while now < 20:
        if (wait := limiter.wait_s()) == 0:
            let_through.append(now)
        now += max(wait, 0.001)
    assert 195 <= len(let_through) <= 201
    assert all(later - earlier > 0.09 for earlier, later in pairwise(let_through[10:]))
