"""Growth of the copies with the number of qubits, from hand-made accuracy curves."""

import numpy as np
import pytest

from quantum_advantage.study.summary import ENVELOPE, AccuracyCurve, CurveKey, exponents

TASK = "observables:alpha=0.9,game=two"


def curve(protocol: str, qubits: int, copies_at_target: float) -> AccuracyCurve:
    """Returns 20 equal batches whose accuracy rises linearly to 0.7 at the given copies."""
    copies = np.array([copies_at_target, 2 * copies_at_target], dtype=np.int64)
    correct = np.tile([700, 900], (20, 1))
    key = CurveKey(TASK, protocol, qubits, "qsim", "circuit", 1000, 0)
    return AccuracyCurve(key, copies, correct, np.full((20, 2), 1000))


def fits(curves):
    return {(e.protocol, e.target): e for e in exponents(curves, lambda key: (0.7,))}


def test_constant_copies_have_slope_zero():
    found = fits([curve("bell", n, 2) for n in (2, 4, 6)])
    assert found["bell", 0.7].fit.slope == pytest.approx(0, abs=1e-12)


def test_doubling_copies_have_slope_one():
    found = fits([curve("random_clifford", n, 4 * 2**n) for n in (2, 3, 4)])
    assert found["random_clifford", 0.7].fit.slope == pytest.approx(1)


def test_envelope_takes_the_best_conventional_protocol_at_each_size():
    curves = [curve("local_pauli", n, 4 * 3**n) for n in (2, 3, 4)]
    curves += [curve("random_clifford", n, 400 * 2**n) for n in (2, 3, 4)]
    curves += [curve("mutually_unbiased:times=3", n, 2 * 2**n) for n in (2, 3, 4)]
    assert fits(curves)[ENVELOPE, 0.7].fit.slope == pytest.approx(1)


def test_protocols_without_a_bound_stay_out_of_the_envelope():
    curves = [curve(name, n, 2) for n in (2, 3, 4) for name in ("bell", "known_question")]
    assert (ENVELOPE, 0.7) not in fits(curves)


def test_two_sizes_are_too_few():
    assert not fits([curve("bell", n, 2) for n in (2, 4)])
