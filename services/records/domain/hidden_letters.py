"""Letters of a row that nobody sees, or that turn its direction.

What was typed stays as it is, for it may be sent back. Beside it stands where such letters are.
"""

from collections.abc import Iterator, Mapping, Sequence

from services.records.domain.dose import Raw
from services.records.domain.field_changes import FieldChange
from services.records.domain.row_error import RowError
from vietnamese.visible_text import visible


def marked_fields(texts: Mapping[str, object]) -> dict[str, str]:
    """Of the texts that hold such letters, by field: the text with these marked."""
    return {
        field: marked
        for field, text in texts.items()
        if isinstance(text, str) and (marked := visible(text)) != text
    }


def marked_changes(changes: Sequence[FieldChange]) -> list[FieldChange]:
    """Changes as people read them."""
    return [
        change._replace(before=visible(change.before), after=visible(change.after))
        for change in changes
    ]


def hidden_letters(raw: Raw) -> Iterator[RowError]:
    """A message for each cell that holds such letters."""
    for field in marked_fields(raw._asdict()):
        yield RowError(
            field,
            "HIDDEN_CHARACTERS",
            "Ô có ký tự ẩn hoặc ký tự đảo chiều chữ mà mắt không thấy; hãy xóa ô và gõ lại.",
            "The cell holds characters that nobody sees or that turn the text; clear it and type"
            " it again.",
        )
