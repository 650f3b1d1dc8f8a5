"""The edge of the containers: nginx, its configuration, and what of it is written from the
services' code.
"""
