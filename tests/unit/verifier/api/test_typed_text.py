"""What is typed into a check comes in its one form, a guardian's like a patient's."""

import pytest
from pydantic import ValidationError

from services.verifier.api.models import Checks
from tests.support.encodings import FORMS, Form


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_check_in_every_form_is_of_the_same_person(form: Form) -> None:
    fields = {
        "full_name": "Đỗ Thị Ấn",
        "date_of_birth": "03/05/2015",
        "personal_id": "068180000001",
    }
    given = {name: form(text) for name, text in fields.items()}
    [person] = Checks.model_validate({"people": [{**given, "guardian": given}]}).people
    assert person.guardian is not None
    for read in (person, person.guardian):
        assert {name: getattr(read, name) for name in fields} == fields


@pytest.mark.parametrize("name", ["x" * 201, "a\x00b", 7, None, "\u0301\u0323" * 500_000])
def test_what_is_no_text_of_a_person_is_refused(name: object) -> None:
    with pytest.raises(ValidationError):
        Checks.model_validate({"people": [{"full_name": name}]})
