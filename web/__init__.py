"""What people see in a browser: pages that reach the services by their public REST alone."""
