"""The unknown: systems that nature hands out, each prepared as a Cirq circuit with dials."""
