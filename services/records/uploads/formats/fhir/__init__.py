"""Reads FHIR R4 bundles of Immunizations with their Patients, as VN Core profiles them."""
