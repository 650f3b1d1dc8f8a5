"""Alembic's entry point; the work is the chassis's."""

from services.chassis.migrate import run_env

run_env()
