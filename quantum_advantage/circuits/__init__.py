"""Requests for circuits with dials, and the one place where anything runs."""
