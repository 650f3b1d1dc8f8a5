"""How the services are run: command line, local runner, stand-ins, containers."""
