"""The citizen's pages that nobody signs in for: the look-up, the passport behind its letter's link,
complaints, and help.
"""
