"""The keys that sign. Only the signer reaches them; a key file serves a laptop and tests,
production brings a PKCS#11 module.
"""
