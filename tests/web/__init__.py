"""Pages in a browser, on the running system."""
