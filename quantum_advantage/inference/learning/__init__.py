"""Models that learn to read records, with labels and without."""
