"""What a person is found by in a search: the keys of the contract."""

import hashlib
import inspect

from contracts import keys
from deploy.stubs.registry.fragments import Registered


def person_keys(person: Registered) -> list[str]:
    """The keys that a registered person is filed under."""
    return keys.person_keys(person.full_name, person.date_of_birth, person.commune_code)


FINGERPRINT = hashlib.blake2b(inspect.getsource(keys).encode(), digest_size=4).hexdigest()
"""Tells an index made by these rules from one made by others."""
