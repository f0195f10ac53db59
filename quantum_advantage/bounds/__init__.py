"""What no learner without a quantum memory can do: one theorem and its proof a module."""
