"""Everything on one machine: embedded database and bus, stand-ins, the services behind one
origin.
"""
