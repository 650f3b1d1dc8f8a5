"""All SQL of records: batches and their rows, doses and their versions, statuses and the
worklist.
"""
