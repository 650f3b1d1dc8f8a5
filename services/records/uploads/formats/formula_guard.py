"""Keeps spreadsheets from running a cell's text as a formula."""

import re

# A spreadsheet whose own separator is another than the file's takes a cell apart. Quotation marks
# do not help. So an apostrophe stands before every piece that may begin a formula. Marking changes
# nothing else, so exactly that is taken off again.
_SIGN = re.compile("[=+\\-@＝＋－＠]")
_BEGINS, _FORMULA = r"(^|[,;\t\r\n])", rf"""(?=(?:[^\S\t\r\n]|["'])*{_SIGN.pattern})"""
_BARE, _MARKED = re.compile(_BEGINS + _FORMULA), re.compile(f"{_BEGINS}'{_FORMULA}")


def guarded(text: str) -> str:
    """The text with marks, so that no spreadsheet runs a piece of it as a formula."""
    return _BARE.sub(r"\1'", text) if _SIGN.search(text) else text


def unguarded(text: str) -> str:
    """The text that `guarded` was given."""
    return _MARKED.sub(r"\1", text) if "'" in text and _SIGN.search(text) else text
