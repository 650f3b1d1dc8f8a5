"""What the generated clients bear: answers of a service that is newer than they are."""

from web.clients.records.models import Row, State


def test_a_value_that_came_after_the_client_was_made_is_taken_as_it_is() -> None:
    row = Row.from_dict(
        {
            "row": 2,
            "source_id": "1",
            "dose_id": 7,
            "version": 1,
            "state": "disputed",
            "grade": None,
            "errors": [],
            "a_field_of_later": {"any": "thing"},
        }
    )
    assert isinstance(row.state, State)
    assert (str(row.state), row.state == "disputed", row.grade) == ("disputed", True, None)
    assert row.to_dict()["state"] == "disputed"
