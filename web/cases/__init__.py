"""`/cases`: disputed identities, decided by one key each; pages of certain ones; threads."""
