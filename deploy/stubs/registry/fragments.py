"""A person as the piece of JSON that every answer is joined from, and a number as the integer it is
found by.
"""

from collections.abc import Iterable, Sequence
from json.encoder import encode_basestring
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

LONGEST = 18
"""Digits of a number, at most."""


class Registered(Protocol):
    """The fields of a registered person, whatever holds them."""

    @property
    def personal_id(self) -> str: ...
    @property
    def old_ids(self) -> Iterable[str]: ...
    @property
    def full_name(self) -> str: ...
    @property
    def date_of_birth(self) -> str: ...
    @property
    def sex(self) -> str: ...
    @property
    def nationality(self) -> str: ...
    @property
    def province_code(self) -> str: ...
    @property
    def district_code(self) -> str: ...
    @property
    def commune_code(self) -> str: ...
    @property
    def status(self) -> str: ...


def fragment(person: Registered) -> bytes:
    """One person in UTF-8 JSON. Only the name is escaped: all else has been checked to be plain."""
    old = ",".join([f'"{number}"' for number in person.old_ids])
    return (
        f'{{"personal_id":"{person.personal_id}","old_ids":[{old}],"full_name":{encode_basestring(person.full_name)},'
        f'"date_of_birth":"{person.date_of_birth}","sex":"{person.sex}","nationality":"{person.nationality}",'
        f'"province_code":"{person.province_code}","district_code":"{person.district_code}","commune_code":"{person.commune_code}",'
        f'"status":"{person.status}"}}'
    ).encode()


def id_keys(numbers: Sequence[str]) -> NDArray[np.uint64]:
    """The integers under which numbers are kept: a 1 before each saves its zeros and its length;
    what no number can be is left out.
    """
    text = "1" + " 1".join(numbers)
    plain = text.replace(" ", "").encode()
    # the common case in one go, where nothing but digits was joined
    if (
        plain.isdigit()
        and len(text) - len(plain) == len(numbers) - 1
        and max(map(len, numbers)) <= LONGEST
    ):
        return np.fromstring(text, np.uint64, sep=" ")
    sound = (
        number
        for number in numbers
        if number.isascii() and number.isdigit() and len(number) <= LONGEST
    )
    return np.array([int("1" + number) for number in sound], np.uint64)
