"""Letters that tell where doses stand: to who asked for a passport that is not ready, and to whom
papers are asked of.
"""
