"""Sign-in by OpenID Connect: authorization code with PKCE, and sign-out at the provider too."""
