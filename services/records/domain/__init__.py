"""What a dose is: how its typed fields are read, and which rules it keeps. Pure functions over
frozen data.

How its state moves is said where it is written, in `store/status.py`.
"""
