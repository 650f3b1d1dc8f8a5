"""Why somebody is not told of their doses."""

from services.chassis.errors import ServiceError


def token_without_person() -> ServiceError:
    """The citizen's token names nobody."""
    return ServiceError(
        403,
        "TOKEN_WITHOUT_PERSON",
        "Phiên đăng nhập không có số định danh cá nhân.",
        "The token carries no personal ID.",
    )
