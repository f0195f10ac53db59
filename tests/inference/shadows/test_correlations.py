import cirq
import numpy as np
import pytest

from quantum_advantage.inference.shadows.correlations import correlations, two_point

QUBITS = A, B, C = cirq.LineQubit.range(3)
STATE = cirq.testing.random_density_matrix(8, random_state=4)
CLUMPS = [cirq.Z(A) * cirq.X(B), cirq.X(A) + 0.5 * cirq.Z(B) - 1]
OTHERS = [cirq.PauliString(cirq.Y(C)), cirq.Z(C) + 0.3 * cirq.X(C)]


def mean(observable):
    return np.trace(cirq.PauliSum.wrap(observable).matrix(qubits=QUBITS) @ STATE).real


def connected(a, b):
    return mean(cirq.PauliSum.wrap(a) * cirq.PauliSum.wrap(b)) - mean(a) * mean(b)


@pytest.mark.parametrize("times", [1, 2])
def test_correlations_of_clumps_are_unbiased_with_the_stated_errors(draw_shadows, times):
    records, settings = 400, 200
    whole = draw_shadows(STATE, records * settings, np.random.default_rng(1), times=times)
    parts = (whole[i : i + settings] for i in range(0, whole.settings, settings))
    found = np.array([correlations(part, CLUMPS, OTHERS) for part in parts])
    values, errors = np.moveaxis(found, -1, 0)
    spread = values.std(axis=0, ddof=1)
    exact = [connected(a, b) for a, b in zip(CLUMPS, OTHERS, strict=True)]
    assert (np.abs(values.mean(axis=0) - exact) < 4 * spread / np.sqrt(records)).all()
    stated = np.sqrt((errors**2).mean(axis=0))
    assert (stated > 0.95 * spread).all()
    assert (stated < 1.25 * spread).all()


def test_product_of_means_is_that_over_different_settings(draw_shadows):
    from quantum_advantage.inference.shadows.expectations import contributions

    record = draw_shadows(STATE, 30, np.random.default_rng(2))
    a, b = CLUMPS[1], OTHERS[0]
    first, second, both = contributions(record, [a, b, a * b]).T
    pairs = np.outer(first, second)
    expected = both.mean() - (pairs.sum() - np.trace(pairs)) / (30 * 29)
    assert correlations(record, [a], [b])[0, 0] == pytest.approx(expected)


@pytest.mark.parametrize("letter", "XYZ")
def test_two_point_functions_agree_with_the_state(draw_shadows, letter):
    record = draw_shadows(STATE, 20_000, np.random.default_rng(3))
    found = two_point(record, letter)
    pauli = getattr(cirq, letter)
    for i, a in enumerate(QUBITS):
        for j, b in enumerate(QUBITS):
            value, error = found[i, j]
            assert abs(value - connected(pauli(a) * 1.0, pauli(b) * 1.0)) < 5 * error
            assert 0 < error < 0.04
    assert found.tolist() == found.swapaxes(0, 1).tolist()


def test_error_of_a_correlation_that_was_never_seen_covers_it(draw_shadows):
    vector = np.zeros(8)
    vector[[0, 7]] = 2**-0.5
    bases = np.array([[0, 2, 2], [1, 2, 0]] * 20)
    record = draw_shadows(np.outer(vector, vector), None, np.random.default_rng(5), bases=bases)
    value, error = correlations(record, cirq.Z(A) * 1.0, cirq.Z(B) * 1.0)[0]
    assert abs(value - 1) < 1.96 * error


def test_clumps_must_come_in_pairs(draw_shadows):
    record = draw_shadows(STATE, 4, np.random.default_rng(4))
    with pytest.raises(ValueError, match="second must have 2 observables as first, not 1"):
        correlations(record, CLUMPS, OTHERS[:1])
    with pytest.raises(ValueError, match="letter must be X, Y or Z, not 'I'"):
        two_point(record, "I")
    with pytest.raises(ValueError, match="must have real coefficients"):
        correlations(record, [cirq.PauliString(cirq.X(A))], [cirq.PauliString(cirq.Y(A))])
    assert correlations(record, CLUMPS[1], OTHERS[1]).shape == (1, 2)
    assert correlations(record, [], []).shape == (0, 2)
    assert correlations(record[:1], CLUMPS[:1], OTHERS[:1])[0, 1] == np.inf
