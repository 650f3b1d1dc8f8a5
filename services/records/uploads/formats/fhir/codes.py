"""The systems and codes that a bundle uses, with where each is defined.

`CORE`: HL7 Viet Nam's VN Core IG (github.com/hl7vn/vn-core-ig, FHIR 4.0.1). Its profiles name the
systems and extensions below.
"""

from types import MappingProxyType

from contracts.products import PRODUCTS

CORE = "http://fhir.ehealth.gov.vn/core"

# profile vn-core-patient; the name misleads: there "citizen_id" is the CMND, the old card, and
# "national_id" the CCCD
CCCD = f"{CORE}/sid/national_id"
CMND = f"{CORE}/sid/citizen_id"
PASSPORT = f"{CORE}/sid/passport_number"
# profile vn-core-provider, slice MaCSKCB: the code that the Ministry of Health gives a facility
FACILITY = f"{CORE}/sid/provider-code"

# code system v2-0203 of HL7, which the same profiles fix beside the systems: for identifiers that
# name no system
IDENTIFIER_TYPE = "http://terminology.hl7.org/CodeSystem/v2-0203"
NATIONAL_TYPE, PASSPORT_TYPE, FACILITY_TYPE = "NI", "PPN", "PRN"

# what a performer did (value set immunization-function of FHIR R4): who ordered a dose did not give
# it
FUNCTION, ORDERED = "http://terminology.hl7.org/CodeSystem/v2-0443", "OP"

# the second is FHIR's own extension, with the code one level deeper
NATIONALITY = f"{CORE}/StructureDefinition/extension-nationality"
NATIONALITY_OF_FHIR = "http://hl7.org/fhir/StructureDefinition/patient-nationality"
# profile vn-core-address: `state`, `city`, `district` and `ward` with the General Statistics
# Office's codes
AREAS = f"{CORE}/StructureDefinition/extension-administrative-address"

CVX = "http://hl7.org/fhir/sid/cvx"
PRODUCT_OF_CVX = MappingProxyType(
    {
        "207": "spikevax", "221": "spikevax", "227": "spikevax", "228": "spikevax",
        "208": "comirnaty", "217": "comirnaty", "218": "comirnaty", "219": "comirnaty",
        "210": "vaxzevria", "212": "janssen", "502": "covaxin", "505": "sputnik-v",
        "510": "bbibp-corv",
    }
)  # fmt: skip
"""CDC's codes of administered vaccines, as WHO's map from CVX to ICD-11 tells the products
(github.com/WorldHealthOrganization/ddcc, vaccine-covid19-cvx-to-icd11); Abdala and Hayat-Vax have
none. The bivalent vaccines are other products.
"""

PRODUCT_OF_EU = MappingProxyType({product.eu_mp: product.code for product in PRODUCTS.values()})
"""Medicinal products as the value sets of the EU code them; whatever their system, no other code
looks like these.
"""
