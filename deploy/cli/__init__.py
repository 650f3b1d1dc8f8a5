"""The command line `hochieu`."""
