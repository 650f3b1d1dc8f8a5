"""The committed contracts, written from the code: JSON Schemas of events, OpenAPI of services,
AsyncAPI, samples; and what v1 allows.
"""
