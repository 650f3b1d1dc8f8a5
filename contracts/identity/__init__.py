"""Whether a typed person is a known one: how names and births compare, and the one table by which a
difference is repaired.

The verifier decides by it. Records and the signer ask it whose a dose or a look-up is: nobody is
known by two rules.
"""
