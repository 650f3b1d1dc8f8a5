"""Foreign passport numbers as they are typed. One reader for all services, so that what one stores
another finds.
"""

import re

_BETWEEN = re.compile(r"[\s.\-\u00ad\u200b\u2010-\u2015]+")


def read_passport(text: str) -> str:
    """The number in its one form: capitals, without blanks, hyphens and dots (`c 123-4567` as
    `C1234567`).
    """
    return _BETWEEN.sub("", text).upper()
