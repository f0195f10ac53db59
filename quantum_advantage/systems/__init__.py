"""The unknown: quantum systems to be learned, each prepared by a Cirq circuit with dials."""
