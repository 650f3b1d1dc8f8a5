"""Addresses as people type them: any password comes through, and no error quotes one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from deploy.local.address import AddressError, bus_address, postgres_address
from services.chassis.db import async_url

_SIGNS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=20)


@given(_SIGNS)
def test_a_password_may_hold_any_sign_written_as_it_is_but_for_a_percent_sign(
    password: str,
) -> None:
    typed = password.replace("%", "%25")
    url = postgres_address(f"postgresql://app:{typed}@db.example.vn:5433/postgres?sslmode=require")
    assert (url.username, url.password, url.host, url.port, url.database) == (
        "app",
        password,
        "db.example.vn",
        5433,
        "postgres",
    )
    # and so through the address that the services are given
    again = make_url(url.render_as_string(hide_password=False))
    assert (again.password, again.host) == (password, "db.example.vn")
    assert async_url(url.render_as_string(hide_password=False)).query == {"ssl": "require"}


@pytest.mark.parametrize(
    ("text", "password"),
    [
        ("p%40ss", "p@ss"),
        ("p@ss", "p@ss"),
        ("a$b", "a$b"),
        ("a b", "a b"),
        ("q'\"", "q'\""),
        ("h#x?y/z:w", "h#x?y/z:w"),
        ("100%", "100%"),
    ],
)
def test_the_usual_signs_come_through(text: str, password: str) -> None:
    url = postgres_address(f"postgres://app:{text}@127.0.0.1")
    assert (url.password, url.host, url.database) == (password, "127.0.0.1", "postgres")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mysql://app:s3cret@h/d",
        "app:s3cret@h",
        "postgresql://app:s3cret@h:99999/d",
        "postgresql://app:s3cret@h/d?sslcert=s3cret",
    ],
)
def test_another_form_is_told_without_what_was_typed(text: str) -> None:
    with pytest.raises(AddressError) as told:
        postgres_address(text)
    assert "s3cret" not in str(told.value) and "postgresql://" in str(told.value)


def test_a_broker_s_address_is_checked_for_its_form() -> None:
    assert bus_address("kafka://a:9092,b:9093") == "kafka://a:9092,b:9093"
    for text in ("kafka", "kafka://", "kafka://user:s3cret@h:1"):
        with pytest.raises(AddressError):
            bus_address(text)
