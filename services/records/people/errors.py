"""Why nobody is searched for."""

from services.chassis.errors import ServiceError


def search_needs_one_way() -> ServiceError:
    """Neither a number, nor a passport, nor name and birth date were given; or several of them."""
    return ServiceError(
        422,
        "SEARCH_NEEDS_ONE_WAY",
        "Hãy tìm bằng một cách: số CCCD hoặc CMND, hoặc số hộ chiếu và quốc tịch, hoặc họ tên và"
        " ngày sinh.",
        "Search in one way: by the ID number, by passport number and nationality, or by name and"
        " birth date.",
    )


def number_unreadable() -> ServiceError:
    """What was given as a number is none of an ID card."""
    return ServiceError(
        422,
        "SEARCH_NUMBER_UNREADABLE",
        "Số CCCD có 12 chữ số, CMND có 9; hãy đếm lại.",
        "A CCCD has 12 digits, a CMND 9; count again.",
    )


def name_or_birth_unreadable() -> ServiceError:
    """The name has no letters, or the birth date cannot be read."""
    return ServiceError(
        422,
        "SEARCH_BIRTH_UNREADABLE",
        "Hãy gõ họ tên đầy đủ và ngày sinh dạng ngày/tháng/năm.",
        "Type the whole name, and the birth date as day/month/year.",
    )


def year_needs_place() -> ServiceError:
    """A year or month of birth alone finds too many namesakes."""
    return ServiceError(
        422,
        "SEARCH_YEAR_NEEDS_PLACE",
        "Chỉ biết năm hoặc tháng sinh thì hãy cho biết thêm huyện hoặc xã nơi ở.",
        "With the year or month of birth alone, say the district or the commune of residence, too.",
    )
