"""Pages: what people see of the three services, and a backend for their browsers."""
