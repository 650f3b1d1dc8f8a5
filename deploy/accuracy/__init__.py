"""How well the verifier's matching does what was promised, by type of error."""
