"""What a certificate and a passport say, and what must hold before either is made: pure functions
over frozen data.
"""
