"""Who a typed person is: comparing with the registry, repairing what is safe to repair, suggesting
the rest.
"""
