"""Ising chains: free fermions, vectors and matrix product states tell the same."""

import sys

import numpy as np
import pytest

from quantum_advantage.core.usage import UsageError
from quantum_advantage.systems.ising_chain import IsingChain, ground_tensors, ground_vector


def dense_energy(couplings):
    """H as a matrix, from Kronecker products."""
    n = len(couplings) + 1
    x, z, one = np.array([[0, 1], [1, 0]]), np.diag([1, -1]), np.eye(2)

    def product(operators):
        found = np.eye(1)
        for site in range(n):
            found = np.kron(found, operators.get(site, one))
        return found

    bonds = (-j * product({i: z, i + 1: z}) for i, j in enumerate(couplings))
    return sum(bonds) - sum(product({i: x}) for i in range(n))


def drawn(sites, seed, most=1.5):
    return np.random.default_rng(seed).uniform(0, most, sites - 1)


@pytest.mark.parametrize("sites", [2, 3, 6])
def test_energy_and_gap_are_those_of_the_matrix(sites):
    couplings = drawn(sites, sites)
    levels = np.linalg.eigvalsh(dense_energy(couplings))
    chain = IsingChain.ground(couplings)
    assert chain.energy == pytest.approx(levels[0], abs=1e-10)
    assert chain.gap == pytest.approx(levels[1] - levels[0], abs=1e-10)


@pytest.mark.parametrize("sites", [2, 3, 10])
def test_fermions_and_the_vector_have_the_same_correlators(sites):
    couplings = drawn(sites, 20 + sites)
    chain, vector = IsingChain.ground(couplings), ground_vector(couplings)
    numbers = np.arange(2**sites)
    signs = 1.0 - 2 * ((numbers >> np.arange(sites)[::-1, None]) & 1)
    assert np.allclose((signs * vector**2) @ signs.T, chain.correlators(), atol=1e-8)
    flipped = [vector @ vector[numbers ^ (1 << site)] for site in range(sites)[::-1]]
    assert np.allclose(flipped, chain.fields(), atol=1e-8)


def test_a_long_chain_adds_up_to_its_energy_and_is_gapped():
    couplings = drawn(100, 1, most=0.9)
    chain = IsingChain.ground(couplings)
    bonds = couplings * chain.correlators().diagonal(1)
    assert -bonds.sum() - chain.fields().sum() == pytest.approx(chain.energy)
    assert chain.gap >= 2 * (1 - couplings.max())


@pytest.mark.parametrize(
    ("couplings", "reason"),
    [
        ([], "one for each bond"),
        ([[0.5]], "one for each bond"),
        ([0.5, -0.1], "finite and not negative"),
        ([np.nan], "finite and not negative"),
    ],
)
def test_wrong_couplings_are_refused(couplings, reason):
    for solve in (IsingChain.ground, ground_vector, ground_tensors):
        with pytest.raises(UsageError, match=reason):
            solve(couplings)


def test_vectors_end_at_sixteen_sites():
    with pytest.raises(UsageError, match="sites must"):
        ground_vector([0.5] * 16)


def test_matrix_product_state_is_the_vector():
    pytest.importorskip("tenpy", reason="the extra 'chains' is not installed")
    couplings = drawn(8, 3)
    vector = np.ones(1)
    for tensor in ground_tensors(couplings):
        assert np.allclose(np.einsum("lsr,ksr->lk", tensor, tensor), np.eye(len(tensor)))
        vector = np.tensordot(vector, tensor, axes=1)
    assert abs(vector.ravel() @ ground_vector(couplings)) == pytest.approx(1, abs=1e-9)


def test_matrix_product_state_of_a_long_chain_has_the_correlators_of_the_fermions():
    pytest.importorskip("tenpy", reason="the extra 'chains' is not installed")
    couplings = drawn(40, 4, most=0.9)
    tensors, exact = ground_tensors(couplings), IsingChain.ground(couplings).correlators()
    flip = np.diag([1.0, -1.0])
    for first, second in ((10, 11), (15, 19)):
        # To the left of the first site the state is summed over, to the right rows are orthonormal.
        left = np.ones((1, 1))
        for site, tensor in enumerate(tensors[: second + 1]):
            letter = flip if site in (first, second) else np.eye(2)
            left = np.einsum("lk,lsr,st,ktq->rq", left, tensor, letter, tensor)
        assert np.trace(left) == pytest.approx(exact[first, second], abs=1e-6)


def test_without_tenpy_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "tenpy", None)
    with pytest.raises(
        UsageError, match=r"needs physics-tenpy: pip install 'quantum-advantage\[chains\]'"
    ):
        ground_tensors([0.5])
