"""The border officer's page: whether a code is to be believed, also without a network."""
