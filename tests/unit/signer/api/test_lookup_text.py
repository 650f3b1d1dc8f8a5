"""What is typed on the look-up page comes in its one form."""

import pytest
from pydantic import ValidationError

from services.signer.api.models import LookupRequest
from tests.support.encodings import FORMS, Form

ASKED = {"full_name": "Đỗ Thị Ấn", "date_of_birth": "03/05/1980", "personal_id": "068180000001"}
REST = {"sex": "female", "last_dose_date": "2021-10-12", "email": "an@example.vn"}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_look_up_in_every_form_asks_for_the_same_person(form: Form) -> None:
    lookup = LookupRequest.model_validate(
        {**REST, **{name: form(text) for name, text in ASKED.items()}}
    )
    assert {name: getattr(lookup, name) for name in ASKED} == ASKED


@pytest.mark.parametrize(
    "changed",
    [
        {"full_name": "x" * 201},
        {"full_name": "\u200b"},
        {"personal_id": 7},
        {"date_of_birth": "1" * 81},
    ],
)
def test_what_is_no_look_up_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        LookupRequest.model_validate({**REST, **ASKED, **changed})
