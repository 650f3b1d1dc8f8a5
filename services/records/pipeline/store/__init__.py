"""SQL of the pipeline: states of doses, duplicates, replay and retention."""
