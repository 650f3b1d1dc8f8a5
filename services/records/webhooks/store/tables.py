"""The tables of webhooks."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Uuid,
    func,
    text,
)

from services.chassis.encryption import SealedField
from services.records.schema import metadata

webhook = Table(
    "webhook",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("owner", String, nullable=False, comment="a facility, or a token's subject"),
    Column("registered_by", String, nullable=False, comment="subject of the token"),
    Column("reach", ARRAY(String), nullable=False, comment="of the token it was registered with"),
    Column("url", String, nullable=False),
    Column("events", ARRAY(String), nullable=False),
    Column("secret", LargeBinary, nullable=False, comment="sealed"),
    Column("old_secret", LargeBinary, comment="sealed; it signs too until `old_until`"),
    Column("old_until", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("disabled_at", DateTime(timezone=True)),
    Column("disabled_by", String, comment="what was answered last"),
    Index("webhook_owner", "owner"),
)
# what has happened, in the transaction in which it did; gone once it was made messages of
webhook_news = Table(
    "webhook_news",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", String, nullable=False),
    Column("ids", ARRAY(BigInteger), nullable=False, comment="of batches, doses or complaints"),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("due_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("webhook_news_due", "due_at"),
)
webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    Column("id", Uuid, primary_key=True, server_default=text("gen_random_uuid()")),
    Column(
        "webhook_id",
        BigInteger,
        ForeignKey("webhook.id", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("kind", String, nullable=False),
    Column("body", String, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("due_at", DateTime(timezone=True), server_default=func.now()),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    Column("delivered_at", DateTime(timezone=True)),
    Column("outcome", String, comment="of the last try"),
    Index("webhook_delivery_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    Index("webhook_delivery_webhook", "webhook_id", "created_at"),
)

SECRET = SealedField(b"webhook:%d/secret")
