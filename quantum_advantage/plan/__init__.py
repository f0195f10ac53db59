"""Plans: what an experiment will cost and prove, before a single copy is spent."""
