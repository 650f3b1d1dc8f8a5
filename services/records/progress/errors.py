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
