"""The desk of clinics and stations."""
