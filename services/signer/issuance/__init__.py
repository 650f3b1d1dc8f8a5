"""The act of issuing, and that of renewing: verified doses become signed certificates."""
