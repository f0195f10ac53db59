import cirq
import numpy as np
import pytest

from quantum_advantage import expectations, measure_shadow
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.generalising.targets import pair_correlators
from quantum_advantage.measurements.vector_shadows import shadows_of_vectors

A, B, C = cirq.LineQubit.range(3)
STATE = cirq.Circuit(cirq.X(A), cirq.H(A), cirq.X(B), cirq.CNOT(A, B), cirq.T(C), cirq.ry(0.4)(C))


def correlator(a, b):
    return (cirq.X(a) * cirq.X(b) + cirq.Y(a) * cirq.Y(b) + cirq.Z(a) * cirq.Z(b)) / 3


def test_the_shadow_estimate_is_that_of_the_sum():
    record = measure_shadow(STATE, cirq.Simulator(seed=1), 500, seed=2)
    found = pair_correlators([record], [(0, 1), (0, 2)], by_hits=False)
    expected = expectations(record, [correlator(A, B), correlator(A, C)])
    assert np.allclose(found[0, :, 0], expected[:, 0])


def test_both_estimates_agree_with_the_truth_and_hits_have_the_smaller_error():
    vectors = np.tile(STATE.final_state_vector(), (60, 1))
    records = shadows_of_vectors(vectors, 600, np.random.default_rng(1))
    for by_hits in (True, False):
        found = pair_correlators(records, [(0, 1), (0, 2)], by_hits=by_hits)
        off = found[..., 0] - [-1.0, 0.0]
        assert (np.abs(off.mean(axis=0)) < 4 * found[..., 1].mean(axis=0) / np.sqrt(60)).all()
        # The stated errors are those that are met, within the error of a standard deviation.
        met = np.sqrt((off[:, 1] ** 2).mean())
        assert met == pytest.approx(found[:, 1, 1].mean(), rel=4 / np.sqrt(120))
    by_hits, plain = (pair_correlators(records, [(0, 1)], by_hits=b)[..., 1] for b in (True, False))
    assert (by_hits < plain).all()


def test_what_was_never_hit_is_stated_as_unknown():
    record = measure_shadow(STATE, cirq.Simulator(seed=1), 1, seed=4)
    found = pair_correlators([record], [(0, 1), (0, 2), (1, 2)])
    unhit = found[0][found[0, :, 1] == 1]
    assert len(unhit)
    assert (unhit[:, 0] == 0).all()
    assert (found[..., 1] > 0).all()


def test_mistakes_are_one_line():
    record = measure_shadow(STATE, cirq.Simulator(seed=1), 10, seed=2)
    two = measure_shadow(STATE[:, [A, B]], cirq.Simulator(seed=1), 10, seed=2)
    with pytest.raises(UsageError, match=r"records must have one number of qubits, not \[2, 3\]"):
        pair_correlators([record, two], [(0, 1)])


def test_letters_choose_correlators():
    record = measure_shadow(STATE, cirq.Simulator(seed=1), 4000, seed=5)
    for letter, pauli in (("X", cirq.X), ("Z", cirq.Z)):
        ((plain,),) = pair_correlators([record], [(0, 2)], by_hits=False, letters=letter)
        expected = expectations(record, [pauli(A) * pauli(C)])
        assert plain[0] == pytest.approx(expected[0, 0])
        ((by_hits,),) = pair_correlators([record], [(0, 1)], letters=letter)
        assert by_hits[0] == -1
    three = [pair_correlators([record], [(0, 2)], by_hits=False, letters=k) for k in "XYZ"]
    together = pair_correlators([record], [(0, 2)], by_hits=False)
    assert np.mean([one[0, 0, 0] for one in three]) == pytest.approx(together[0, 0, 0])


@pytest.mark.parametrize("letters", ["", "ZZ", "XI"])
def test_wrong_letters_are_refused(letters):
    record = measure_shadow(STATE, cirq.Simulator(seed=1), 10, seed=5)
    with pytest.raises(UsageError, match="letters must be some of XYZ"):
        pair_correlators([record], [(0, 1)], letters=letters)
