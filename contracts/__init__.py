"""What crosses a border: the events, the REST and registry descriptions, the code lists, and golden
samples of each.
"""
