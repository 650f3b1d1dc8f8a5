"""Names of vaccines as clinics type them: known in any order, and no product made of two names,
or of a vaccine that is none of ours.
"""

from itertools import permutations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contracts.products import PRODUCTS
from services.records.domain.field_parsers import read_product
from services.records.domain.product_matching import match_product
from services.records.domain.product_names import ALIASES, NAMES, OTHERS
from services.records.domain.row_error import Unread

CODES = sorted(PRODUCTS)
PAIRS = st.tuples(st.sampled_from(CODES), st.sampled_from(CODES)).filter(
    lambda pair: pair[0] != pair[1]
)
AROUND = st.lists(
    st.sampled_from(
        [
            "COVID-19 Vaccine",
            "vắc xin",
            "0,5 ml",
            "(người lớn)",
            "5-11 tuổi",
            "mũi 2",
            "inactivated",
            "30mcg/0.3ml",
        ]
    ),
    max_size=3,
)
BETWEEN = st.sampled_from([" ", " - ", "/", ", ", " (", " + ", " hoặc ", " hay ", "; ", " & "])


def test_every_name_alone_and_with_every_other_of_its_product_is_the_product() -> None:
    for code, names in NAMES.items():
        for name in names:
            assert read_product(name.upper()) == code, name
        for one, other in permutations(names, 2):
            assert read_product(f"{one} ({other})") == code, (one, other)


@given(PAIRS, st.data(), BETWEEN, AROUND)
def test_no_words_of_two_products_read_as_one(
    pair: tuple[str, str], data: st.DataObject, between: str, around: list[str]
) -> None:
    names = [data.draw(st.sampled_from(NAMES[code])) for code in pair]
    text = " ".join([between.join(names), *around])
    assert read_product(text) is Unread.UNKNOWN, text


@given(PAIRS, st.data())
def test_no_shuffled_words_of_two_products_read_as_one(
    pair: tuple[str, str], data: st.DataObject
) -> None:
    names = [data.draw(st.sampled_from(NAMES[code])) for code in pair]
    words = data.draw(st.permutations([word for name in names for word in name.split()]))
    read = read_product(" ".join(words))
    # `biotech pfizer` of `bharat biotech` and `pfizer`: then `bharat` is left, which is a name of
    # its own
    assert read is Unread.UNKNOWN, words


@given(st.sampled_from(CODES), st.sampled_from(OTHERS), st.data(), BETWEEN, st.booleans())
def test_a_vaccine_that_is_none_of_ours_never_becomes_one(
    code: str, other: str, data: st.DataObject, between: str, first: bool
) -> None:
    assert read_product(other) is Unread.UNKNOWN
    assume(other != "covax")  # the programme by which many came
    name = data.draw(st.sampled_from(NAMES[code]))
    assert read_product(between.join([other, name] if first else [name, other])) is Unread.UNKNOWN


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Sinopharm (Vero Cell)", "bbibp-corv"), ("Sinopharm Vero Cell", "bbibp-corv"),
        ("Vero Cell - Sinopharm", "bbibp-corv"),
        ("COVID-19 Vaccine (Vero Cell), Inactivated", "bbibp-corv"),
        ("SARS-CoV-2 Vaccine (Vero Cell), Inactivated", "bbibp-corv"),
        ("BBIBP-CorV (Sinopharm, Beijing)", "bbibp-corv"), ("Sinopharm", "bbibp-corv"),
        ("Sinopharm BBIBP 0,5 ml", "bbibp-corv"),
        ("Hayat-Vax (Sinopharm)", "hayat-vax"), ("Sinopharm Hayat - Vax", "hayat-vax"),
        ("Hayat-Vax by Sinopharm's licence", "hayat-vax"),
        ("Comirnaty 30mcg/0.3ml", "comirnaty"), ("Comirnaty 30 µg/0,3 ml", "comirnaty"),
        ("Pfizer-BioNTech COVID-19 Vaccine", "comirnaty"),
        ("Pfizer Biotech", "comirnaty"), ("Pfizer (nắp cam) trẻ em 5-11 tuổi", "comirnaty"),
        ("VX phòng Covid-19 Pfizer (Mỹ)", "comirnaty"),
        ("AstraZeneca (Vaxzevria)", "vaxzevria"),
        ("COVID-19 Vaccine AstraZeneca 0,5ml/liều", "vaxzevria"),
        ("Astra Zeneca (COVAX)", "vaxzevria"),
        ("ChAdOx1-S [recombinant]", "vaxzevria"), ("COVISHIELD (Serum Institute of India)",
        "vaxzevria"),
        ("Covid-19 Vaccine Moderna", "spikevax"), ("Spikevax 0,5 ml", "spikevax"),
        ("mRNA-1273 100 mcg", "spikevax"),
        ("Moderna mRNA-1273 (Takeda)", "spikevax"), ("Sputnik-V (Gam-COVID-Vac)", "sputnik-v"),
        ("Gam-COVID-Vac của Nga", "sputnik-v"),
        ("Janssen (Johnson & Johnson)", "janssen"), ("J&J", "janssen"), ("Ad26.COV2.S", "janssen"),
        ("Abdala (CIGB-66)", "abdala"),
        ("Covaxin (Bharat Biotech)", "covaxin"), ("'Pfizer", "comirnaty"),
        ('="Pfizer"', "comirnaty"), ("Ｐｆｉｚｅｒ", "comirnaty"),
        ("Pfi\u200bzer", "comirnaty"), ("Astrazenecca", "vaxzevria"), ("Modena", "spikevax"),
    ],
)  # fmt: skip
def test_known_names_in_any_order_with_brackets_and_a_strength_are_the_product(
    written: str, code: str
) -> None:
    assert read_product(written) == code


@pytest.mark.parametrize(
    "written",
    ["Hayat-Vax (Vero Cell)", "Sinopharm Vũ Hán", "CoronaVac (Vero Cell), Inactivated",
     "Sputnik Light", "Comirnaty Bivalent (Omicron BA.4-5)",
     "Pfizer 1273", "Phizer Modena", "vaccine", "mRNA", "Vắc xin Nga", "0,5 ml", "Oxford",
     "Sputnik của Sinopharm", "AZ Takeda", "Covid vac",
     "Pfizer ABC", "x" * 1_000],
)  # fmt: skip
def test_what_is_not_surely_one_of_ours_is_told_so(written: str) -> None:
    assert read_product(written) is Unread.UNKNOWN


def test_a_name_that_is_known_at_once_is_what_matching_finds() -> None:
    for name, code in ALIASES.items():
        for text in (name, name.upper(), name.capitalize()):
            assert read_product(text) == match_product(text) == code
