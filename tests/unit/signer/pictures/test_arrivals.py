"""Only what has arrived takes room, and who takes most of it makes room for others."""

from contextlib import ExitStack

import pytest

from services.signer.pictures.arrivals import Arrivals, NoRoomError


def test_many_who_send_nothing_take_no_room() -> None:
    arrivals = Arrivals(100)
    with ExitStack() as sent:
        for _ in range(1_000):
            sent.enter_context(arrivals.receive("slow"))
        honest = sent.enter_context(arrivals.receive("honest"))
        honest.add(bytes(100))
        assert len(honest.content) == 100


def test_whoever_holds_most_loses_its_largest_and_is_told_so() -> None:
    arrivals = Arrivals(100)
    with (
        arrivals.receive("greedy") as small,
        arrivals.receive("greedy") as large,
        arrivals.receive("other") as other,
        arrivals.receive("honest") as honest,
    ):
        small.add(bytes(20))
        large.add(bytes(40))
        other.add(bytes(30))
        honest.add(bytes(25))
        assert [len(one.content) for one in (small, large, other, honest)] == [20, 0, 30, 25]
        with pytest.raises(NoRoomError):
            large.add(b"x")
        assert not large.content


def test_who_would_hold_most_itself_is_refused() -> None:
    arrivals = Arrivals(100)
    with arrivals.receive("other") as other, arrivals.receive("greedy") as greedy:
        other.add(bytes(30))
        greedy.add(bytes(60))
        with pytest.raises(NoRoomError):
            greedy.add(bytes(60))
        assert len(other.content) == 30


def test_what_is_being_read_stays_and_what_is_done_gives_its_room_back() -> None:
    arrivals = Arrivals(100)
    with arrivals.receive("greedy") as read, arrivals.receive("honest") as honest:
        read.add(bytes(90))
        read.is_read = True
        with pytest.raises(NoRoomError):
            honest.add(bytes(20))
        assert len(read.content) == 90
    with arrivals.receive("honest") as honest:
        honest.add(bytes(100))
