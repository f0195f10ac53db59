"""Growth of the copies with the number of qubits, from hand-made accuracy curves."""

import numpy as np
import pytest

from quantum_advantage.study.accuracy import ENVELOPE, AccuracyCurve, exponents
from quantum_advantage.study.spec import CurveSpec

TASK = "observables:alpha=0.9,game=two"


def curve(
    protocol: str,
    qubits: int,
    copies_at_target: float,
    backend: str = "qsim",
) -> AccuracyCurve:
    """Returns 20 equal batches whose accuracy rises linearly to 0.7 at the given copies."""
    copies = np.array([copies_at_target, 2 * copies_at_target], dtype=np.int64)
    correct = np.tile([700, 900], (20, 1))
    key = CurveSpec(TASK, protocol, qubits, backend, 1000, 0)
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


# Places.


def slopes(curves):
    return {(e.protocol, e.place): e.fit.slope for e in exponents(curves, lambda key: (0.7,))}


def test_curves_of_different_noisy_places_are_fitted_apart():
    places = {
        "qvm:weber": 1,
        "qvm:willow_pink": 2,
        "qvm:weber,pairs=3.4-3.3+1.4-2.4": 3,
        "engine:chip": 4,
        "qsim:readout=0.1": 5,
        "qsim:readout=0.2": 6,
    }
    curves = [
        curve("bell", n, 4 * 2 ** (rate * n), backend=place)
        for place, rate in places.items()
        for n in (2, 3, 4)
    ]
    curves += [curve("bell", n, 2) for n in (2, 3, 4)]
    expected = {("bell", place): pytest.approx(rate) for place, rate in places.items()}
    assert slopes(curves) == expected | {("bell", ""): pytest.approx(0, abs=1e-12)}


@pytest.mark.parametrize("noise", ["", ":readout=0.1"])
def test_circuits_of_both_simulators_and_the_law_are_one_curve(noise):
    """The same noise in circuits and in the law is one place, named after qsim."""
    curves = [
        curve("bell", 2, 4 * 2**2, f"qsim{noise}"),
        curve("bell", 3, 4 * 2**3, f"stim{noise}"),
        curve("bell", 4, 4 * 2**4, f"law{noise}"),
    ]
    assert slopes(curves) == {("bell", f"qsim{noise}" if noise else ""): pytest.approx(1)}


@pytest.mark.parametrize("noise", ["", ":readout=0.1"])
def test_circuits_speak_where_the_law_ran_in_the_same_place(noise):
    curves = [curve("bell", n, 400, f"qsim{noise}") for n in (2, 3, 4)]
    curves += [curve("bell", n, 2**n, f"law{noise}") for n in (2, 3, 4)]
    (slope,) = slopes(curves).values()
    assert slope == pytest.approx(0, abs=1e-12)


def test_law_speaks_where_the_circuits_ran_elsewhere():
    curves = [curve("bell", n, 400, "qvm:weber") for n in (2, 3, 4)]
    curves += [curve("bell", n, 4 * 2**n, "law") for n in (2, 3, 4)]
    assert slopes(curves) == {
        ("bell", "qvm:weber"): pytest.approx(0, abs=1e-12),
        ("bell", ""): pytest.approx(1),
    }


def test_sizes_of_two_places_do_not_add_up():
    curves = [curve("bell", n, 2, "qvm:weber") for n in (2, 4)]
    assert not slopes([*curves, curve("bell", 6, 2, "qvm:rainbow"), curve("bell", 8, 2)])


def test_envelope_of_a_noisy_place_holds_what_ran_there():
    curves = [curve("local_pauli", n, 4 * 3**n, "qvm:weber") for n in (2, 3, 4)]
    curves += [curve("mutually_unbiased:times=3", n, 2 * 2**n, "law") for n in (2, 3, 4)]
    found = slopes(curves)
    assert found[ENVELOPE, "qvm:weber"] == pytest.approx(np.log2(3), rel=0.01)
    assert found[ENVELOPE, ""] == pytest.approx(1)


def test_backend_of_somebody_else_is_a_place_of_its_own():
    curves = [curve("bell", n, 2, "mine") for n in (2, 3, 4)]
    curves += [curve("bell", n, 4 * 2**n) for n in (2, 3, 4)]
    assert slopes(curves) == {
        ("bell", "mine"): pytest.approx(0, abs=1e-12),
        ("bell", ""): pytest.approx(1),
    }
