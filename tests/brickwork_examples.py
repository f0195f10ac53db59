"""Brickwork states, and what their dials prepare on average."""

import cirq
import numpy as np

from quantum_advantage.circuits.request import Request, resolver_values
from quantum_advantage.systems.random_states import random_states


def states(n, mixing, depolarize=0.0, seed=3):
    return random_states(n, mixing, seed, np.random.default_rng(seed), depolarize)


def averaged(preparation, copies, label="a"):
    """Averages the states that the dials prepare, system by system, with a standard error."""
    n = preparation.qubits
    line = cirq.LineQubit.range(n)
    circuit, dials = preparation.circuit(line, label), preparation.dials(label)
    columns = preparation.draw(copies, label)
    request = Request(circuit, dials, columns, copies * preparation.systems)
    # Shots of equal settings have equal states.
    _, shots, places = np.unique(
        np.stack(columns, axis=1), axis=0, return_index=True, return_inverse=True
    )
    vectors = np.stack(
        [
            cirq.Simulator(dtype=np.complex128)
            .simulate(
                cirq.resolve_parameters(circuit, resolver_values(request, shot)), qubit_order=line
            )
            .final_state_vector
            for shot in shots
        ]
    )[places.ravel()]
    matrices = np.einsum("si,sj->sij", vectors, vectors.conj())
    matrices = matrices.reshape(preparation.systems, copies, 2**n, 2**n)
    return matrices.mean(axis=1), matrices.std(axis=1) / np.sqrt(copies)
