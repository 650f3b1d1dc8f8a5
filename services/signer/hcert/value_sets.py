"""Codes that certificates of other countries may carry: the value sets of the eHealth Network,
release 2.12.0.
"""

from vietnamese.countries import COUNTRIES

DISEASES = frozenset({"840539006"})
COUNTRY_CODES = frozenset(COUNTRIES)
PROPHYLAXES = frozenset(
    [
        "1119305005",
        "1119349007",
        "J07BX03",
        "1162643001",
        "1157024006",
        "29061000087103",
        "28531000087107",
        "30141000087107",
        "1187593009",
    ]
)
PRODUCTS = frozenset(
    [
        "EU/1/20/1528",
        "EU/1/20/1507",
        "EU/1/21/1529",
        "EU/1/20/1525",
        "EU/1/21/1618",
        "EU/1/21/1624",
        "EU/1/21/1580",
        "EU/1/22/1709",
        "CVnCoV",
        "NVX-CoV2373",
        "Sputnik-V",
        "Convidecia",
        "EpiVacCorona",
        "BBIBP-CorV",
        "Inactivated-SARS-CoV-2-Vero-Cell",
        "CoronaVac",
        "Covaxin",
        "Covishield",
        "Covid-19-recombinant",
        "R-COVI",
        "CoviVac",
        "Sputnik-Light",
        "Hayat-Vax",
        "Abdala",
        "WIBP-CorV",
        "MVC-COV1901",
        "Covovax",
        "Vidprevtyn",
        "VLA2001",
        "EpiVacCorona-N",
        "Sputnik-M",
        "Covid-19-adsorvida-inativada",
        "NVSI-06-08",
        "YS-SC2-010",
        "SCTV01C",
        "Covifenz",
        "AZD2816",
        "Soberana-02",
        "Soberana-Plus",
    ]
)
MANUFACTURERS = frozenset(
    [
        "ORG-100001699",
        "ORG-100030215",
        "ORG-100001417",
        "ORG-100031184",
        "ORG-100006270",
        "ORG-100013793",
        "ORG-100020693",
        "ORG-100010771",
        "ORG-100024420",
        "ORG-100032020",
        "ORG-100001981",
        "ORG-100007893",
        "ORG-100023050",
        "ORG-100033914",
        "ORG-100000788",
        "ORG-100036422",
        "ORG-100026614",
        "ORG-100008549",
        "ORG-100036914",
        "Gamaleya-Research-Institute",
        "Vector-Institute",
        "Sinovac-Biotech",
        "Bharat-Biotech",
        "Fiocruz",
        "Chumakov-Federal-Scientific-Center",
        "CIGB",
        "Sinopharm-WIBP",
        "Instituto-Butantan",
        "NVSI",
        "Yisheng-Biopharma",
        "Finlay-Institute",
    ]
)
NUCLEIC_ACID_TEST, RAPID_TEST = "LP6464-4", "LP217198-3"
TEST_TYPES = frozenset({NUCLEIC_ACID_TEST, RAPID_TEST})
NOT_DETECTED, DETECTED = "260415000", "260373001"
TEST_RESULTS = frozenset({NOT_DETECTED, DETECTED})
HIGHEST_TEST_DEVICE = 3_999
"""Devices are numbered, and new ones appeared every week until about 3,100; this issuer makes no
test certificates and keeps no list.
"""
