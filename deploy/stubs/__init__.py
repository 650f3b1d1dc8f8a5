"""Real small servers that stand in for what is outside: the population registry and the mail
server.
"""
