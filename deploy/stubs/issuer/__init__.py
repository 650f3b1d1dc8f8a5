"""A real OpenID provider for one machine: one account a role and area, chosen on a page."""
