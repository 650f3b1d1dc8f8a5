"""The doses of one person, and where each stands: for the citizen, and for who asks by look-up."""
