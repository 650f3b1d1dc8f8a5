"""Builds, lints and signs certificates, and is the only service that can reach a key."""
