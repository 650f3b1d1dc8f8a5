"""FHIR R4 bundles of Immunizations with their Patients, as the FHIR core for Viet Nam profiles
them, read as rows.
"""
