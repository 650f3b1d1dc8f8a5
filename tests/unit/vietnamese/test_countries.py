"""The country table against the value set of the EU."""

import json

from tests.support.paths import SHARED, needs_shared
from vietnamese.countries import COUNTRIES


@needs_shared
def test_the_table_has_exactly_the_codes_of_the_value_set() -> None:
    value_set = json.loads((SHARED / "dcc" / "valuesets" / "country-2-codes.json").read_text())[
        "valueSetValues"
    ]
    assert set(COUNTRIES) == set(value_set)


def test_every_country_has_a_name_in_both_languages() -> None:
    assert all(country.name_vi and country.name_en for country in COUNTRIES.values())
    assert COUNTRIES["VN"].name_vi == "Việt Nam"
    assert COUNTRIES["DE"].name_vi == "Đức"
    assert COUNTRIES["DE"].name_en == "Germany"
