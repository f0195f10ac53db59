"""Certificates: right answers that no learner without a quantum memory would give so often."""
