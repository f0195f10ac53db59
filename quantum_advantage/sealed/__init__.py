"""Sealed runs: right answers that a stranger can check from published files."""
