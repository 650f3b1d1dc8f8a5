"""Reconciles the three databases and the bus: nothing lost, nothing twice, nothing left behind."""
