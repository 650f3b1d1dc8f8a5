"""Checks the identity on each dose against the national population registry and decides its
grade.
"""
