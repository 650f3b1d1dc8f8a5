"""What a request is told that does not have the documented form: every error of it at once, in
English and in Vietnamese.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from services.chassis.parameters import UNKNOWN

MOST_LISTED: Final = 20
"""Errors in one answer: who sends a million mistakes is not sent a million texts."""
_LONGEST_FIELD = 200

# by the type of pydantic's error; in braces what its context says
_VI = MappingProxyType(
    {
        "missing": "Thiếu giá trị bắt buộc.",
        "extra_forbidden": "Trường này không có trong mẫu; hãy bỏ đi hoặc sửa tên.",
        "json_invalid": "Nội dung không phải JSON hợp lệ.",
        "string_type": "Phải là văn bản.",
        "string_too_short": "Quá ngắn: ít nhất {min_length} ký tự.",
        "string_too_long": "Quá dài: nhiều nhất {max_length} ký tự.",
        "string_pattern_mismatch": "Không đúng dạng quy định.",
        "int_type": "Phải là số nguyên.",
        "int_parsing": "Phải là số nguyên.",
        "int_parsing_size": "Số quá lớn.",
        "int_from_float": "Phải là số nguyên.",
        "float_type": "Phải là số.",
        "float_parsing": "Phải là số.",
        "bool_type": "Phải là true hoặc false.",
        "bool_parsing": "Phải là true hoặc false.",
        "greater_than": "Phải lớn hơn {gt}.",
        "greater_than_equal": "Phải từ {ge} trở lên.",
        "less_than": "Phải nhỏ hơn {lt}.",
        "less_than_equal": "Không được lớn hơn {le}.",
        "enum": "Phải là một trong: {expected}.",
        "literal_error": "Phải là một trong: {expected}.",
        "date_unreadable": "Không đọc được ngày; viết dd/mm/yyyy hoặc yyyy-mm-dd.",
        "date_year_cut": "Năm chỉ có hai chữ số nên không rõ là ngày nào; hãy viết đủ bốn chữ số.",
        "list_type": "Phải là một danh sách.",
        "tuple_type": "Phải là một danh sách.",
        "dict_type": "Phải là một đối tượng JSON.",
        "model_type": "Phải là một đối tượng JSON.",
        "model_attributes_type": "Phải là một đối tượng JSON.",
        "dataclass_type": "Phải là một đối tượng JSON.",
        "too_short": "Quá ít mục: ít nhất {min_length}.",
        "too_long": "Quá nhiều mục: nhiều nhất {max_length}.",
        "text_unstorable": "Có ký tự NUL hoặc nửa ký tự; hãy gửi văn bản nguyên vẹn.",
        "json_too_many_values": "Quá nhiều giá trị; hãy gửi nhiều nhất {most}.",
    }
)
_FAMILIES = (
    ("date", "Phải là ngày có thật, viết yyyy-mm-dd."),
    ("time", "Phải là thời điểm theo ISO 8601."),
    ("uuid", "Phải là một UUID."),
)
_OTHERWISE = "Giá trị không hợp lệ."
NO_JSON = MappingProxyType(
    {"loc": ("body",), "type": "json_invalid", "msg": "The body is no valid JSON."}
)
"""The error of a body that the framework could not even take apart."""


def members(errors: Sequence[Mapping[str, Any]], skip: int = 1) -> dict[str, Any]:
    """The members of a problem document: the first 20 errors, and how many more there were.

    An entry has field, code and both messages; never the input itself, for it may be somebody's
    data. `skip`: how many steps of a place say only where in the request it is.
    """
    entries = [entry for error in errors[:MOST_LISTED] for entry in _told(error, skip)]
    left_out = len(errors) - MOST_LISTED
    return {"errors": entries} | ({"errors_left_out": left_out} if left_out > 0 else {})


def _told(error: Mapping[str, Any], skip: int) -> Iterator[dict[str, str]]:
    context = error.get("ctx") or {}
    if error["type"] == UNKNOWN:
        for name in context["names"]:
            yield _strange(name, context["known"])
        return
    field = ".".join(map(str, error["loc"][skip:] or error["loc"]))
    yield {
        "field": field if len(field) <= _LONGEST_FIELD else f"{field[:_LONGEST_FIELD]}…",
        "code": error["type"],
        "message": error["msg"],
        "message_vi": _vietnamese(error["type"], context),
    }


def _strange(name: str, known: list[str]) -> dict[str, str]:
    takes = ", ".join(known)
    return {
        "field": name,
        "code": UNKNOWN,
        "message": f"This address takes no parameter of that name; it takes: {takes}."
        if takes
        else "This address takes no parameters.",
        "message_vi": f"Địa chỉ này không có tham số tên như vậy; các tham số có: {takes}."
        if takes
        else "Địa chỉ này không nhận tham số.",
    }


def _vietnamese(kind: str, context: Mapping[str, Any]) -> str:
    if text := _VI.get(kind):
        try:
            return text.format_map(
                {**context, "expected": str(context.get("expected", "")).replace(" or ", ", ")}
            )
        except KeyError:
            return _OTHERWISE
    return next((text for family, text in _FAMILIES if kind.startswith(family)), _OTHERWISE)
