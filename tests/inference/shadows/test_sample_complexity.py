import itertools
import math

import cirq
import numpy as np
import pytest

from quantum_advantage import measure_shadow
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.shadows.expectations import contributions, expectations
from quantum_advantage.inference.shadows.sample_complexity import (
    bernstein_errors,
    how_many_shots,
    second_moments,
)

QUBITS = A, B = cirq.LineQubit.range(2)
SUM = 0.5 * cirq.X(A) * cirq.X(B) - 1.5 * cirq.X(B) + 0.7 * cirq.Z(A) * cirq.Y(B) + 3


def every_basis_and_outcome(draw_shadows, vector):
    """The exact second moment of the contributions of a product state with certain outcomes."""
    state = np.outer(vector, vector.conj())
    bases = np.array(list(itertools.product(range(3), repeat=2)))
    record = draw_shadows(state, None, np.random.default_rng(1), bases=np.repeat(bases, 4000, 0))
    values = contributions(record, [SUM - 3])[:, 0]
    return (values**2).mean(), values.std() ** 2 * np.sqrt(2 / values.size)


def test_second_moment_of_a_string_is_three_to_its_weight():
    strings = PauliStrings.from_text(["III", "XII", "-XIY", "ZZZ"])
    assert second_moments(strings).tolist() == [0, 3, 9, 27]
    assert second_moments([-2.0 * cirq.X(A) * cirq.Z(B)]).tolist() == [36]


def test_second_moment_of_a_sum_counts_the_pairs_of_strings_that_agree():
    squares = 0.25 * 9 + 2.25 * 3 + 0.49 * 9
    assert second_moments([SUM]) == pytest.approx([squares + 2 * 0.5 * 1.5 * 3])


def test_second_moment_bounds_every_state_and_is_below_the_triangle_bound(draw_shadows):
    bound = float(second_moments([SUM])[0])
    # This product state makes ⟨XX⟩ and ⟨X⟩ of the two strings that agree opposite in sign.
    vector = np.kron([1, -1], [1, 1]) / 2
    found, error = every_basis_and_outcome(draw_shadows, vector)
    assert found < bound + 5 * error
    assert found > 0.95 * bound
    assert bound < (0.5 * 3 + 1.5 * math.sqrt(3) + 0.7 * 3) ** 2


def test_number_of_shots_follows_bernstein():
    strings = PauliStrings.from_text(["XX", "ZI"])
    expected = 2 * math.log(4 / 0.1) * (9 + 10 * 0.2 / 3) / 0.2**2
    assert how_many_shots(strings, 0.2, 0.1) == math.ceil(expected)
    assert how_many_shots(PauliStrings.from_text(["II"]), 0.2) == 0
    assert how_many_shots([SUM], 0.1) > how_many_shots([SUM], 0.2)


def test_that_many_shots_are_enough(draw_shadows):
    epsilon, delta, records = 0.5, 0.2, 300
    state = cirq.testing.random_density_matrix(4, random_state=1)
    strings = PauliStrings.from_text([a + b for a in "IXYZ" for b in "IXYZ"][1:])
    exact = [np.trace(state @ cirq.unitary(s)).real for s in strings.to_cirq_dense()]
    shots = how_many_shots(strings, epsilon, delta)
    whole = draw_shadows(state, shots * records, np.random.default_rng(2))
    parts = (whole[i * shots : (i + 1) * shots] for i in range(records))
    worst = [np.abs(expectations(part, strings)[:, 0] - exact).max() for part in parts]
    assert np.mean(np.array(worst) > epsilon) <= delta
    # The bound is no wild exaggeration: a fifth of the shots would not do.
    fewer = [whole[i * shots : i * shots + shots // 5] for i in range(records)]
    worst = [np.abs(expectations(part, strings)[:, 0] - exact).max() for part in fewer]
    assert np.mean(np.array(worst) > epsilon) > delta


def test_simultaneous_error_bars_hold_at_once(draw_shadows):
    records, shots, delta = 400, 300, 0.1
    state = cirq.testing.random_density_matrix(4, random_state=3)
    strings = PauliStrings.from_text([a + b for a in "IXYZ" for b in "IXYZ"][1:])
    exact = [np.trace(state @ cirq.unitary(s)).real for s in strings.to_cirq_dense()]
    whole = draw_shadows(state, shots * records, np.random.default_rng(4))
    missed = np.zeros(2)
    for i in range(records):
        part = whole[i * shots : (i + 1) * shots]
        found = expectations(part, strings)
        off = np.abs(found[:, 0] - exact)
        bars = bernstein_errors(part, strings, delta), found[:, 1]
        missed += [(off > bar).any() for bar in bars]
    share = missed / records
    assert share[0] <= delta / 2
    assert share[1] > 0.9


def test_bernstein_bar_covers_what_was_never_hit(draw_shadows):
    state = np.diag([1.0, 0, 0, 0])
    bases = np.zeros((50, 2), dtype=int)
    record = draw_shadows(state, None, np.random.default_rng(5), bases=bases)
    strings = PauliStrings.from_text(["ZZ", "II"])
    assert expectations(record, strings)[0] == pytest.approx([0, math.sqrt(9 / 50)])
    bar, nothing = bernstein_errors(record, strings)
    logarithm = math.log(8 / 0.05)
    assert bar == pytest.approx(math.sqrt(2 * logarithm * 9 / 50) + 14 * 9 * logarithm / (3 * 49))
    assert nothing == 0
    assert (bernstein_errors(record[:1], strings) == np.inf).all()


@pytest.mark.parametrize("delta", [0, 1, -0.1])
def test_delta_outside_its_range_is_refused(delta):
    with pytest.raises(ValueError, match="delta must lie strictly between 0 and 1"):
        how_many_shots([SUM], 0.1, delta)
    a = cirq.LineQubit(0)
    record = measure_shadow(cirq.Circuit(cirq.H(a)), cirq.Simulator(seed=1), 10, seed=1)
    with pytest.raises(ValueError, match="delta must lie strictly between 0 and 1"):
        bernstein_errors(record, cirq.X(a), delta)


def test_one_observable_is_one_and_none_need_no_shots():
    assert how_many_shots(SUM, 0.2) == how_many_shots([SUM], 0.2)
    a = cirq.LineQubit(0)
    assert how_many_shots(cirq.X(a), 0.2) == how_many_shots([cirq.X(a) * 1.0], 0.2)
    assert how_many_shots([], 0.2) == how_many_shots(cirq.PauliSum() + 2, 0.2) == 0
    assert second_moments([]).shape == (0,)


def test_epsilon_must_be_positive():
    with pytest.raises(ValueError, match="epsilon must lie strictly between 0 and inf, not 0"):
        how_many_shots([SUM], 0)


@pytest.mark.parametrize(
    ("observable", "epsilon", "delta"),
    [("XX", 1e-200, 0.1), ("XX", 1e-160, 0.1), ("XX", 0.1, 1e-320), ("X" * 700, 0.1, 0.1)],
)
def test_more_shots_than_can_be_counted_are_refused(observable, epsilon, delta):
    with pytest.raises(UsageError, match="take more shots of these observables than"):
        how_many_shots(observable, epsilon, delta)
    assert how_many_shots("XX", 1e300) == 1
