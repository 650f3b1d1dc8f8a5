"""The OpenID provider to try sign-in with: its realm, and where its program comes from."""
