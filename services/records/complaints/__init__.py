"""Complaints of citizens, the offices that answer them, and their e-mails."""
