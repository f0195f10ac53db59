"""The table of claims: what is claimed, and the test behind it."""
