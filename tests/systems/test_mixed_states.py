import numpy as np
import pytest

from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.pauli_matrices import all_means
from quantum_advantage.inference.bell.spectrum import square_index
from quantum_advantage.systems.mixed_states import KINDS


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [2, 4])
def test_states_are_states(kind, n):
    rho = KINDS[kind](n, np.random.default_rng(1))
    assert rho == pytest.approx(rho.conj().T)
    assert np.trace(rho) == pytest.approx(1)
    assert np.linalg.eigvalsh(rho).min() > -1e-12


@pytest.mark.parametrize("kind", ["haar", "ghz", "ising"])
def test_these_are_pure(kind):
    means = all_means(KINDS[kind](3, np.random.default_rng(1)))
    assert (means**2).sum() == pytest.approx(2**3)


def test_the_thermal_chain_minimises_the_free_energy():
    places = square_index(PauliStrings.from_text(["ZZI", "IZZ", "XII", "IXI", "IIX"]))
    free = {}
    for kind in ("thermal", "ising"):
        rho = KINDS[kind](3, np.random.default_rng(1))
        levels = np.maximum(np.linalg.eigvalsh(rho), 1e-300)
        free[kind] = -all_means(rho)[places].sum() + (levels * np.log(levels)).sum()
    assert free["thermal"] < free["ising"]


def test_two_hidden_strings_and_their_product_are_large():
    sizes = np.sort(np.abs(all_means(KINDS["hidden"](4, np.random.default_rng(1)))))
    assert sizes[-4:] == pytest.approx([0.81, 0.9, 0.9, 1.0])
    assert sizes[:-4] == pytest.approx(0, abs=1e-12)
