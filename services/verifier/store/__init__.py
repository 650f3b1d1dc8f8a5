"""All SQL of the verifier."""
