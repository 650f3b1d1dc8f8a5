"""Webhooks, what they are to be told, and what was sent."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"


def _time(name: str, *, required: bool = False) -> sa.Column[object]:
    default = sa.text("now()") if required else None
    return sa.Column(
        name, sa.DateTime(timezone=True), nullable=not required, server_default=default
    )


def _number() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False)


def upgrade() -> None:
    op.create_table(
        "webhook",
        _number(),
        sa.Column("owner", sa.String(), nullable=False, comment="a facility, or a token's subject"),
        sa.Column("registered_by", sa.String(), nullable=False, comment="subject of the token"),
        sa.Column(
            "reach",
            postgresql.ARRAY(sa.String()),
            nullable=False,
            comment="of the token it was registered with",
        ),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("events", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False, comment="sealed"),
        sa.Column("old_secret", sa.LargeBinary(), comment="sealed; it signs too until `old_until`"),
        _time("old_until"),
        _time("created_at", required=True),
        _time("disabled_at"),
        sa.Column("disabled_by", sa.String(), comment="what was answered last"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("webhook_owner", "webhook", ["owner"])
    op.create_table(
        "webhook_news",
        _number(),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column(
            "ids",
            postgresql.ARRAY(sa.BigInteger()),
            nullable=False,
            comment="of batches, doses or complaints",
        ),
        _time("at", required=True),
        _time("due_at", required=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("webhook_news_due", "webhook_news", ["due_at"])
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Uuid(), nullable=False, server_default=sa.text("gen_random_uuid()")),
        sa.Column("webhook_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        _time("created_at", required=True),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()")),
        sa.Column("tries", sa.SmallInteger(), nullable=False, server_default="0"),
        _time("delivered_at"),
        sa.Column("outcome", sa.String(), comment="of the last try"),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"], ondelete="CASCADE"),
    )
    op.create_index(
        "webhook_delivery_due",
        "webhook_delivery",
        ["due_at"],
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("webhook_delivery_webhook", "webhook_delivery", ["webhook_id", "created_at"])


def downgrade() -> None:
    for table in ("webhook_delivery", "webhook_news", "webhook"):
        op.drop_table(table)
