"""All SQL of the signer: what was decided, signed and revoked, and the renewal of what is about to
expire.
"""
