"""Clusters: errors with one cause, and the rules that correct them."""
