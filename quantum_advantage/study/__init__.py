"""How many copies: specs, ladders, batches, counts and summaries."""
