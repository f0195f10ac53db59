import math

import cirq
import numpy as np
import pytest

from quantum_advantage.core.bits import unpack_bits
from quantum_advantage.inference.shadows import counted, reduced
from quantum_advantage.inference.shadows.purity import grouped_purity
from quantum_advantage.inference.shadows.reduced import purity, reduced_state, renyi_entropy

QUBITS = A, B, C = cirq.LineQubit.range(3)
# Pure enough for the first-order part of the error of a purity to count.
VECTOR = cirq.testing.random_superposition(8, random_state=5)
MIXED = cirq.testing.random_density_matrix(8, random_state=5)
STATE = 0.8 * np.outer(VECTOR, VECTOR.conj()) + 0.2 * MIXED


def part_of(places):
    size = len(places)
    return cirq.partial_trace(STATE.reshape((2,) * 6), places).reshape(2**size, 2**size)


@pytest.mark.parametrize("places", [(0,), (2, 0), (0, 1, 2)])
def test_reduced_state_agrees_with_the_partial_trace(draw_shadows, places):
    record = draw_shadows(STATE, 30_000, np.random.default_rng(1))
    found = reduced_state(record, [QUBITS[i] for i in places])
    exact = part_of(places)
    coefficients = [np.trace(exact @ cirq.unitary(p)).real for p in found.strings.to_cirq_dense()]
    values, errors = found.coefficients.T
    assert (np.abs(values - coefficients) <= 5 * errors + 1e-9).all()
    matrix = found.matrix()
    assert np.trace(matrix) == pytest.approx(1)
    np.testing.assert_allclose(matrix, matrix.conj().T)
    paulis = [cirq.unitary(p) for p in found.strings.to_cirq_dense()]
    assert [np.trace(matrix @ p).real for p in paulis] == pytest.approx(values.tolist())
    assert np.abs(matrix - exact).max() < 0.1


def test_qubits_of_a_reduced_state_must_be_few_and_of_the_record(draw_shadows):
    record = draw_shadows(STATE, 4, np.random.default_rng(2))
    lines = {
        "qubits must be different ones, but q\\(0\\) comes twice": [A, A],
        "qubits must be at least one": [],
        "qubit q\\(9\\) is not among the record's q\\(0\\), q\\(1\\), q\\(2\\)": [
            cirq.LineQubit(9)
        ],
        "qubits must be all qubits": [A, 1],
    }
    for line, wrong in lines.items():
        with pytest.raises(ValueError, match=line):
            reduced_state(record, wrong)
    by_place, by_mask = reduced_state(record, [1]), reduced_state(record, [False, True, False])
    assert by_place.qubits == by_mask.qubits == (B,)
    assert by_place.coefficients.tolist() == reduced_state(record, [B]).coefficients.tolist()


def test_counting_classes_gives_the_mean_over_all_pairs(draw_shadows, monkeypatch):
    record = draw_shadows(STATE, 400, np.random.default_rng(3))
    found = purity(record)
    monkeypatch.setattr(counted, "MOST_KINDS", 0)
    assert found == pytest.approx(purity(record), rel=1e-12)
    monkeypatch.undo()
    assert purity(record[:3])[1] > 5
    with pytest.raises(ValueError, match="at least 2 shots, not 1"):
        purity(record[:1])


@pytest.mark.parametrize("places", [(0, 1, 2), (2, 0)])
def test_purity_is_unbiased_with_the_stated_error(draw_shadows, places):
    records, settings = 2000, 300
    whole = draw_shadows(STATE, records * settings, np.random.default_rng(4))
    chosen = [QUBITS[i] for i in places]
    parts = (whole[i : i + settings] for i in range(0, whole.settings, settings))
    values, errors = np.array([purity(part, chosen) for part in parts]).T
    exact = np.trace(part_of(places) @ part_of(places)).real
    assert abs(values.mean() - exact) < 4 * values.std() / np.sqrt(records)
    # Of the part that is bounded from above 7.5ᵏ is at most 1.07ᵏ times too much.
    assert 0.95 * values.std() < np.sqrt((errors**2).mean()) < 1.2 * values.std()


def test_several_shots_for_each_basis_give_the_grouped_estimate(draw_shadows):
    record = draw_shadows(STATE, 500, np.random.default_rng(5), times=8)
    bits = unpack_bits(record.outcomes, 3).reshape(500, 8, 3)
    value, error = purity(record, [A, C])
    assert (value, error) == grouped_purity(bits[:, :, [0, 2]])
    assert abs(value - np.trace(part_of((0, 2)) @ part_of((0, 2))).real) < 4 * error


def test_entropy_is_the_logarithm_of_the_purity(draw_shadows):
    record = draw_shadows(STATE, 5000, np.random.default_rng(6))
    value, error = purity(record, [B])
    expected = -math.log2(value), error / value / math.log(2)
    assert renyi_entropy(record, [B]) == pytest.approx(expected, rel=0.15)


def test_entropy_of_a_purity_that_is_not_positive_is_infinite(draw_shadows, monkeypatch):
    record = draw_shadows(STATE, 50, np.random.default_rng(7))
    monkeypatch.setattr(reduced, "purity", lambda record, qubits: (-0.1, 0.2))
    assert renyi_entropy(record) == (math.inf, math.inf)
