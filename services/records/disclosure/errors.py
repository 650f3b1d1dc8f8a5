"""Why somebody is not shown people whole."""

from contracts.purposes import HEADER
from services.chassis.errors import ServiceError


def purpose_needed(purposes: str) -> ServiceError:
    """A list is whole only for one of these purposes."""
    return ServiceError(
        403,
        "PURPOSE_NEEDED",
        f"Chỉ xem được bản không che khi nêu mục đích ở {HEADER}: {purposes}.",
        f"It is shown whole only for a purpose stated in {HEADER}: {purposes}.",
    )


def export_masked() -> ServiceError:
    """A file leaves the house: those who steer take it masked only."""
    return ServiceError(
        403,
        "EXPORT_MASKED",
        "Tỉnh và Bộ chỉ tải được tệp đã che; việc sửa do cơ sở, trạm y tế hoặc công an làm.",
        "Province and ministry take masked files only; facilities, stations and the police "
        "correct.",
    )
