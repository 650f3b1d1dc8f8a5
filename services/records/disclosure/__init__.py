"""Who is shown personal data, how much of it, and what the audit keeps of each access."""
