"""Why a bulk run cannot begin, go on, or be taken back."""

from services.chassis.errors import ServiceError


def run_not_found() -> ServiceError:
    """There is no such run or page, or not within the caller's areas."""
    return ServiceError(
        404,
        "BULK_NOT_FOUND",
        "Không có đợt xác nhận này trong phạm vi của bạn.",
        "No such bulk run within your reach.",
    )


def area_out_of_reach() -> ServiceError:
    """The run's area is not within those of the caller."""
    return ServiceError(
        403,
        "AREA_OUT_OF_REACH",
        "Địa bàn này không thuộc phạm vi của bạn.",
        "This area is not within your reach.",
    )


def kind_not_yours() -> ServiceError:
    """This role may not confirm this kind as the first."""
    return ServiceError(
        403,
        "BULK_KIND_OF_POLICE",
        "Loại này chỉ công an được xác nhận.",
        "Only the police may confirm this kind.",
    )


def nothing_waits() -> ServiceError:
    """There is no row of this kind in the area."""
    return ServiceError(
        409,
        "BULK_NOTHING_WAITS",
        "Không còn dòng nào thuộc loại này chờ xác nhận.",
        "No row of this kind waits here.",
    )


def stopped() -> ServiceError:
    """One of the kind was wrong, and nobody of the province or ministry has looked yet."""
    return ServiceError(
        409,
        "BULK_STOPPED",
        "Đã gặp một gợi ý sai, nên loại này tạm dừng ở địa bàn; hãy báo tỉnh xem lại.",
        "A suggestion was wrong, so this kind is stopped here; ask the province to look at it.",
    )


def undone() -> ServiceError:
    """The run was taken back."""
    return ServiceError(
        409,
        "BULK_UNDONE",
        "Đợt xác nhận này đã được hoàn tác; hãy bắt đầu đợt mới.",
        "This bulk run was taken back; begin another.",
    )


def page_not_waiting() -> ServiceError:
    """The page was confirmed before, or is in somebody else's hands."""
    return ServiceError(
        409,
        "BULK_PAGE_NOT_WAITING",
        "Trang này đã được xác nhận, hoặc đang ở người khác; hãy lấy trang khác.",
        "This page was confirmed, or somebody else has it; take another.",
    )


def row_not_on_page() -> ServiceError:
    """A row of the answer does not stand on the page."""
    return ServiceError(
        422,
        "BULK_ROW_NOT_ON_PAGE",
        "Có dòng không thuộc trang này; hãy tải lại trang.",
        "A row does not stand on this page; load it again.",
    )


def only_own_first() -> ServiceError:
    """A station takes back what it confirmed first, as long as nobody of the police did."""
    return ServiceError(
        403,
        "BULK_UNDO_OF_POLICE",
        "Công an đã xác nhận; chỉ công an mới hoàn tác được.",
        "The police have confirmed it; only they can take it back.",
    )


def stop_not_found() -> ServiceError:
    """There is no such stop, or not within the caller's areas."""
    return ServiceError(
        404,
        "BULK_STOP_NOT_FOUND",
        "Không có lần tạm dừng này trong phạm vi của bạn.",
        "No such stop within your reach.",
    )
