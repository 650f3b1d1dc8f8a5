"""Uploads: a file of doses becomes doses on record, and every row of it gets an answer.

`ingest.py` holds the act; `docs/ingest_upload.md` explains its steps.
"""
