"""What a service's user may do in a database that another role owns: work with the rows, and add to
the audit.

Whoever takes a service over can neither change the audit nor switch its triggers off, for both
are the owner's.
"""

from typing import Final

from sqlalchemy import Connection, text

_NOTED: Final = "caller, roles, act, purpose, stated, kind, subjects, scope, shown"
"""What a service says of a look; number and time are the database's own."""
# all in the transaction of the migrations: between two of them nobody sees the rights half given
_RIGHTS: Final = (
    "GRANT USAGE ON SCHEMA public TO {user}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {user}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {user}",
    "REVOKE ALL ON alembic_version FROM {user}",
    "GRANT SELECT ON alembic_version TO {user}",
)
_RIGHTS_OF_THE_AUDIT: Final = (
    "REVOKE ALL ON audit, audit_chain FROM {user}",
    "GRANT SELECT ON audit, audit_chain TO {user}",
    f"GRANT INSERT ({_NOTED}) ON audit TO {{user}}",
    "GRANT EXECUTE ON FUNCTION audit_forget(timestamptz, integer) TO {user}",
)
_IS_AUDITED: Final = text("SELECT to_regclass('public.audit') IS NOT NULL")
_OWNS: Final = text(
    "SELECT pg_has_role(current_user, coalesce((SELECT relowner FROM pg_class WHERE oid ="
    " to_regclass('public.audit')), datdba), 'MEMBER') FROM pg_database WHERE datname ="
    " current_database()"
)


def grant_rights(connection: Connection, user: str) -> None:
    """Gives a service's user what it needs, and takes from it what it had beyond that.

    Of the audit only where the database has one: pages keep none, the services do.
    """
    quoted = connection.execute(text("SELECT quote_ident(:user)"), {"user": user}).scalar_one()
    audited = connection.execute(_IS_AUDITED).scalar_one()
    for right in (*_RIGHTS, *(_RIGHTS_OF_THE_AUDIT if audited else ())):
        connection.exec_driver_sql(right.format(user=quoted))


def owns_audit(connection: Connection) -> bool:
    """Whether the connected user could change the audit: its owner, who is a member of that, or a
    superuser.
    """
    return bool(connection.execute(_OWNS).scalar_one())
