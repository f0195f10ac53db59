import cirq
import numpy as np
import pytest

from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.pauli_matrices import all_means, qubits_of_numbers, sum_of_strings
from quantum_advantage.core.usage import UsageError


def matrices(n):
    """The matrices of all strings by Cirq, each at its place x + 2ⁿ z."""
    places = np.arange(4**n)
    x, z = places % 2**n, places // 2**n
    strings = PauliStrings(
        n,
        x[:, None].astype(np.uint64),
        z[:, None].astype(np.uint64),
        np.zeros(4**n, dtype=np.uint8),
    )
    return np.array([cirq.unitary(string) for string in strings.to_cirq_dense()])


@pytest.mark.parametrize("n", [1, 2, 3])
def test_means_and_sums_are_those_of_the_matrices(n):
    rng = np.random.default_rng(n)
    matrix = rng.normal(size=(2**n, 2**n)) + 1j * rng.normal(size=(2**n, 2**n))
    rho = matrix @ matrix.conj().T
    exact = np.einsum("pij,ji->p", matrices(n), rho).real
    assert all_means(rho) == pytest.approx(exact)
    numbers = rng.normal(size=4**n)
    assert sum_of_strings(numbers) == pytest.approx(np.tensordot(numbers, matrices(n), axes=1))


def test_one_undoes_the_other():
    numbers = np.random.default_rng(1).normal(size=4**5)
    assert all_means(sum_of_strings(numbers)) / 2**5 == pytest.approx(numbers)


@pytest.mark.parametrize("numbers", [1, 2, 8, 15, 4**11])
def test_numbers_of_no_qubits_are_refused(numbers):
    with pytest.raises(UsageError, match="n from 1 to 10"):
        qubits_of_numbers(numbers)
