"""Simulators: factorised, bit-sliced, two copies, tensors; and local noise."""
