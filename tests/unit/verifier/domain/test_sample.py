"""The promises, on the shared sample."""

import pytest

from deploy.accuracy.measure import Measured, measure
from deploy.accuracy.promises import PROMISES, Promise
from deploy.accuracy.registry import Registry
from deploy.accuracy.sample import read_doses, read_people
from tests.support.paths import SHARED, needs_shared

SAMPLE = SHARED / "sample"


@pytest.fixture(scope="module")
def measured() -> Measured:
    return measure(read_doses(SAMPLE), Registry(read_people(SAMPLE)))


@needs_shared
@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.text)
def test_the_sample_holds_what_was_promised(measured: Measured, promise: Promise) -> None:
    value, holds = promise.check(measured)
    assert holds, value


@needs_shared
def test_most_wrong_rows_are_no_longer_left_to_people(measured: Measured) -> None:
    wrong = measured.total("repair", "either", "suggest", "people")
    assert wrong.eligible > wrong.doses / 2
