"""The population registry's stand-in: a real server of its own over made-up people, with the
ministry's contract and switchable faults.
"""
