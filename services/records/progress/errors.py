"""Why a daily total cannot be reported."""

from services.chassis.errors import ServiceError


def facility_not_yours() -> ServiceError:
    """The caller may not report for this facility."""
    return ServiceError(
        403,
        "FACILITY_NOT_YOURS",
        "Bạn không được báo cáo cho cơ sở này.",
        "You may not report for this facility.",
    )


def day_out_of_range() -> ServiceError:
    """The day is before the programme, or in the future."""
    return ServiceError(
        422,
        "DAY_OUT_OF_RANGE",
        "Ngày báo cáo phải từ 08/03/2021 đến hôm nay.",
        "The day must lie between 8 March 2021 and today.",
    )


def place_not_yours() -> ServiceError:
    """The area or facility is beyond the caller's reach."""
    return ServiceError(
        403,
        "PLACE_NOT_YOURS",
        "Nơi này ngoài phạm vi của bạn; hãy bỏ trống để xem phạm vi của mình.",
        "This place is beyond your reach; leave it out to see your own.",
    )


def one_place_only() -> ServiceError:
    """Both an area and a facility were asked for."""
    return ServiceError(
        422,
        "ONE_PLACE_ONLY",
        "Hãy chọn một địa bàn hoặc một cơ sở tiêm, không phải cả hai.",
        "Choose an area or a facility, not both.",
    )


def level_too_large() -> ServiceError:
    """The units that were asked for do not lie within the place."""
    return ServiceError(
        422,
        "LEVEL_TOO_LARGE",
        "Cấp này không nằm trong nơi đã chọn; hãy chọn cấp nhỏ hơn.",
        "Units of this level do not lie within the place; choose a smaller level.",
    )
