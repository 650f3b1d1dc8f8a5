"""Certificates as people see them: opened, as a code, on a page, in an e-mail."""
