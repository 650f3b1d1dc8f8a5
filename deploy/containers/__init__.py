"""What the containers bring beside the services: a probe, a mail sink on ports, secret files, and a
rehearsal of the whole stack.
"""
