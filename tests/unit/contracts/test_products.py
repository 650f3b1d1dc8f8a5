"""The product table against the value sets of the EU and the ministry's list."""

import csv
import json

import pytest

from contracts.products import PRODUCTS, PROPHYLAXES, Product
from tests.support.paths import SHARED, needs_shared

VALUE_SETS = SHARED / "dcc" / "valuesets"


def value_set(name: str) -> dict[str, dict[str, object]]:
    loaded: dict[str, dict[str, object]] = json.loads((VALUE_SETS / f"{name}.json").read_text())[
        "valueSetValues"
    ]
    return loaded


@needs_shared
@pytest.mark.parametrize("product", PRODUCTS.values(), ids=lambda product: product.code)
def test_every_product_carries_a_legal_triple(product: Product) -> None:
    legal = {
        (entry["vaccine-code"], entry["vaccine-manufacturer"]): entry["sct-codes"]
        for entry in value_set("vaccine-encoding-instructions").values()
    }
    codes = legal[product.eu_mp, product.eu_ma]
    assert isinstance(codes, list)
    assert product.eu_vp in codes


@needs_shared
@pytest.mark.parametrize("product", PRODUCTS.values(), ids=lambda product: product.code)
def test_no_product_carries_a_deprecated_code(product: Product) -> None:
    assert value_set("vaccine-medicinal-product")[product.eu_mp]["active"]
    assert value_set("vaccine-mah-manf")[product.eu_ma]["active"]
    assert value_set("vaccine-prophylaxis")[product.eu_vp]["active"]


@needs_shared
def test_english_names_are_those_of_the_value_sets() -> None:
    makers, kinds = value_set("vaccine-mah-manf"), value_set("vaccine-prophylaxis")
    for product in PRODUCTS.values():
        assert product.manufacturer_en == makers[product.eu_ma]["display"]
    for kind in PROPHYLAXES.values():
        assert kind.name_en == kinds[kind.code]["display"]


@needs_shared
def test_primary_doses_are_those_of_the_ministry() -> None:
    with (SHARED / "vaccines.csv").open(encoding="utf-8") as file:
        listed = {row["eu_mp"]: int(row["primary_doses"]) for row in csv.DictReader(file)}
    assert {product.eu_mp: product.primary_doses for product in PRODUCTS.values()} == listed


def test_every_product_has_a_prophylaxis_that_people_can_read() -> None:
    assert {product.eu_vp for product in PRODUCTS.values()} == set(PROPHYLAXES)
