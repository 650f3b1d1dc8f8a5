"""Where the police are with a dose: what the verifier tells of its case, shown beside the dose."""
