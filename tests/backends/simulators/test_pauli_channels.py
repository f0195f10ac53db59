"""Channels as mixtures of Pauli errors."""

from __future__ import annotations

from itertools import product

import cirq
import numpy as np
import pytest

from quantum_advantage.backends.simulators.pauli_channels import (
    GATES,
    bit_law,
    is_pauli_channel,
    pauli_probabilities,
    twirled,
)

CHANNELS = (
    cirq.amplitude_damp(0.2),
    cirq.generalized_amplitude_damp(0.7, 0.3),
    cirq.KrausChannel(cirq.kraus(cirq.amplitude_damp(0.1))),
    cirq.rx(0.3),
    cirq.PhasedFSimGate(0.2, phi=0.3),
    cirq.depolarize(0.1, 2),
    cirq.asymmetric_depolarize(0.1, 0.02, 0.05),
)


def transfer_of(gate):
    """Returns the matrix of a channel on vectorised density matrices."""
    return sum(np.kron(k, k.conj()) for k in cirq.kraus(gate))


@pytest.mark.parametrize("gate", CHANNELS, ids=str)
def test_a_twirl_is_the_mean_over_conjugations_by_all_paulis(gate):
    words = product([cirq.unitary(g) for g in GATES], repeat=gate.num_qubits())
    paulis = [np.kron(*word) if len(word) == 2 else word[0] for word in words]
    both = [np.kron(p, p.conj()) for p in paulis]
    mean = sum(p.conj().T @ transfer_of(gate) @ p for p in both) / len(both)
    np.testing.assert_allclose(transfer_of(twirled(gate)), mean, atol=1e-9)


@pytest.mark.parametrize("gate", CHANNELS[-2:], ids=str)
def test_a_mixture_of_paulis_is_its_own_twirl(gate):
    assert is_pauli_channel(gate)
    assert is_pauli_channel(cirq.KrausChannel(cirq.kraus(gate)))
    assert twirled(gate) == gate
    general = cirq.KrausChannel(cirq.kraus(gate))
    np.testing.assert_allclose(pauli_probabilities(gate), pauli_probabilities(general), atol=1e-12)


@pytest.mark.parametrize("gate", CHANNELS[:-2], ids=str)
def test_other_channels_are_no_mixtures_of_paulis(gate):
    assert not is_pauli_channel(gate)
    assert is_pauli_channel(twirled(gate))


@pytest.mark.parametrize("gate", CHANNELS[:3], ids=str)
def test_the_law_of_a_bit_is_that_of_the_populations(gate):
    law = bit_law(gate)
    for bit in (0, 1):
        state = np.zeros((2, 2))
        state[bit, bit] = 1
        after = sum(k @ state @ k.conj().T for k in cirq.kraus(gate))
        np.testing.assert_allclose(law[bit], after.diagonal().real, atol=1e-12)


def test_a_channel_that_makes_bits_of_coherences_has_no_law_of_the_bit():
    assert bit_law(cirq.ry(0.2)) is None
    assert bit_law(cirq.KrausChannel([cirq.unitary(cirq.H)])) is None
