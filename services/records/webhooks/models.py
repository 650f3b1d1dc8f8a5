"""What the routes of webhooks take and give."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from services.records.webhooks.rules import WebhookEvent

_ADDRESS = "where messages are posted: https, a public address, and no user name or fragment in it"


class NewWebhook(BaseModel):
    """A webhook to register."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(min_length=10, max_length=500, description=_ADDRESS)
    events: list[WebhookEvent] = Field(
        min_length=1, max_length=10, description="what to be told; `ping` comes by the test alone"
    )


class Webhook(BaseModel):
    """A webhook of the caller's."""

    webhook_id: int
    url: str
    events: list[WebhookEvent]
    created_at: datetime
    disabled_at: datetime | None = Field(
        description="nothing was taken for a day, or the address answered 410; register it anew"
    )
    notice: str | None = Field(description="why it is disabled, in Vietnamese")
    notice_en: str | None = Field(description="the same in English")


class WebhookWithSecret(Webhook):
    """A webhook with the secret that its messages are signed with, which is shown this once."""

    secret: str = Field(
        description="`whsec_…`, as libraries of Standard Webhooks take it; after a change the one"
        " before signs beside it for a day"
    )


class WebhookDelivery(BaseModel):
    """One message: whether it was taken, and what the last try came to."""

    message_id: str = Field(description="the header `webhook-id`: the same at every try")
    event: WebhookEvent
    created_at: datetime
    tries: int
    delivered_at: datetime | None
    next_try_at: datetime | None = Field(description="null: it was taken, or given up")
    outcome: str | None = Field(
        description="of the last try: the status that was answered, or what kind of error"
    )
