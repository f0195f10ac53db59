"""What of the paper is shown by which experiment: Huang et al., Science 376, 1182 (2022)."""

from __future__ import annotations

# The item of the paper, and the experiment here. The table of the README is the same.
ITEMS = (
    ("Theorem 1: observables of a hidden state", "predicting_observables"),
    ("the same on a noisy processor", "device_noise"),
    ("Theorem 2: principal component", "principal_component"),
    ("Theorem 3: model of a process", "learning_processes"),
    ("supervised model, trained small and noiseless", "learned_predictions"),
    ("symmetry of dynamics, without labels", "learning_dynamics"),
    ("the same on noisy processors, 40 qubits", "dynamics_on_processors"),
)
