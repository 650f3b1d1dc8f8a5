"""Why a webhook is not registered or found."""

from services.chassis.errors import ServiceError


def webhook_not_found() -> ServiceError:
    """There is none with this id, or it is somebody else's."""
    return ServiceError(
        404, "WEBHOOK_NOT_FOUND", "Không có webhook này.", "There is no such webhook."
    )


def too_many_webhooks(most: int) -> ServiceError:
    """The caller has as many as it may."""
    return ServiceError(
        409,
        "TOO_MANY_WEBHOOKS",
        f"Mỗi bên có nhiều nhất {most} webhook; hãy xóa bớt.",
        f"A caller has at most {most} webhooks; delete one first.",
    )


def webhook_disabled() -> ServiceError:
    """Nothing is sent any more."""
    return ServiceError(
        409,
        "WEBHOOK_DISABLED",
        "Webhook này đã bị tắt; hãy đăng ký lại.",
        "This webhook is disabled; register it anew.",
    )


def address_refused(vi: str, en: str) -> ServiceError:
    """Nothing may be sent to the address."""
    return ServiceError(
        422,
        "WEBHOOK_ADDRESS_REFUSED",
        f"Không gửi được tới địa chỉ này: {vi}.",
        f"Nothing is sent to this address: {en}.",
    )
