"""The shadow kernel against its definition, and its parts against exact values."""

import cirq
import numpy as np
import pytest
from shadow_examples import random_records, traces

from quantum_advantage import measure_shadow
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.shadows.agreements import count_agreements
from quantum_advantage.inference.shadows.shadow_kernel import (
    first_order,
    mean_exponentials,
    one_qubit_overlaps,
    one_qubit_purity,
    shadow_kernel,
)

RECORDS = random_records(5, 4, 8, seed=3)


def pair_means(values_of):
    """Returns the mean over all pairs of shots, those of a shot with itself left out."""
    found = np.empty((len(RECORDS),) * 2)
    for i, one in enumerate(RECORDS):
        for j, other in enumerate(RECORDS):
            values = values_of(traces(one, other))
            found[i, j] = values[~np.eye(8, dtype=bool)].mean() if i == j else values.mean()
    return found


@pytest.mark.parametrize("gamma", [0.5, 1.0, 3.0])
def test_inner_mean_is_that_of_the_definition(gamma):
    expected = pair_means(lambda t: np.exp(gamma * t.mean(axis=2)))
    assert np.allclose(mean_exponentials(count_agreements(RECORDS), gamma), expected)


def test_linear_kernel_is_a_product_of_means_and_needs_no_pairs():
    assert np.allclose(one_qubit_overlaps(RECORDS), pair_means(lambda t: t.mean(axis=2)))


def test_first_order_is_the_limit_of_small_gamma():
    counts, overlaps = count_agreements(RECORDS), one_qubit_overlaps(RECORDS)
    gaps = [
        abs(mean_exponentials(counts, gamma) - first_order(overlaps, gamma)).max()
        for gamma in (0.02, 0.01)
    ]
    assert gaps[0] / gaps[1] == pytest.approx(4, rel=0.1)


def test_normalised_kernel_does_not_overflow():
    means = np.array([[900.0, 899.0], [899.0, 900.0]])
    assert np.allclose(shadow_kernel(means, 100.0), [[1, np.exp(-100)], [np.exp(-100), 1]])


def test_pairs_of_a_shot_with_itself_move_no_principal_direction():
    """The proof of the module: what they add is the same for all states."""
    means = mean_exponentials(count_agreements(RECORDS))
    centre = np.eye(4) - 1 / 4
    without = centre @ shadow_kernel(means, 0.2) @ centre
    with_them = centre @ shadow_kernel(means + 0.7 * np.eye(4), 0.2) @ centre
    one, other = (np.linalg.eigh(matrix)[1][:, -1] for matrix in (without, with_them))
    assert abs(one @ other) == pytest.approx(1)


def test_purity_is_the_diagonal_of_the_overlaps():
    diagonal = one_qubit_overlaps(RECORDS).diagonal()
    assert np.allclose([one_qubit_purity(record)[0] for record in RECORDS], diagonal)


def test_purity_error_is_the_jackknife():
    (record,) = random_records(3, 1, 9, seed=5)
    left_out = []
    for shot in range(9):
        kept = [t for t in range(9) if t != shot]
        values = traces(record, record).mean(axis=2)[np.ix_(kept, kept)]
        left_out.append(values[~np.eye(8, dtype=bool)].mean())
    expected = np.sqrt(8 / 9 * ((left_out - np.mean(left_out)) ** 2).sum())
    assert one_qubit_purity(record)[1] == pytest.approx(expected)


def test_purities_have_no_bias_and_errors_that_fit():
    """60 records of one state: a polarised qubit beside half of a pair, exactly (1 + 1/2)/2."""
    a, b, c = cirq.LineQubit.range(3)
    circuit = cirq.Circuit(cirq.X(a) ** 0.3, cirq.H(b), cirq.CNOT(b, c))
    found = np.array(
        [
            one_qubit_purity(measure_shadow(circuit, cirq.Simulator(seed=s), 100, seed=s))
            for s in range(60)
        ]
    )
    off = (found[:, 0] - 2 / 3) / found[:, 1]
    assert abs(off.mean()) < 4 / np.sqrt(60)
    assert 0.6 < off.std() < 1.4


def test_what_cannot_be_is_refused():
    with pytest.raises(UsageError, match="gamma must be a number"):
        mean_exponentials(np.ones((1, 1, 3), dtype=np.int64), gamma=-1)
    with pytest.raises(UsageError, match="at least one pair"):
        mean_exponentials(np.zeros((1, 1, 3), dtype=np.int64))
    with pytest.raises(UsageError, match="tau must be a number"):
        shadow_kernel(np.eye(2), tau=float("nan"))
    with pytest.raises(UsageError, match="at least 3 shots"):
        one_qubit_purity(RECORDS[0][:2])
