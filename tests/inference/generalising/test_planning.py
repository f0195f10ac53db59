import numpy as np
import pytest

from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.generalising.frames import Grid
from quantum_advantage.inference.generalising.methods import Related, local_kernel
from quantum_advantage.inference.generalising.planning import (
    LearningCurve,
    MeasuredError,
    fit_learning_curve,
    measured_errors,
)
from quantum_advantage.inference.generalising.targets import pair_correlators
from quantum_advantage.measurements.vector_shadows import shadows_of_vectors
from quantum_advantage.systems.heisenberg import draw_couplings, ground_state

GRID = Grid(2, 4)


@pytest.fixture(scope="module")
def measured():
    couplings = draw_couplings(2, 4, 120, seed=1)
    states = [ground_state(2, 4, one) for one in couplings]
    vectors = [state.vector() for state in states[:60]]
    records = shadows_of_vectors(vectors, 400, np.random.default_rng(2))
    exact = np.array([[state.correlators()[bond] for bond in GRID.bonds] for state in states])
    return couplings, records, exact


def test_errors_without_exact_values_are_those_against_exact_values(measured):
    couplings, records, exact = measured
    for count, copies in ((15, 400), (60, 400)):
        own = records[:count], couplings[:count]
        (found,) = measured_errors(*own, GRID, (count,), (copies,))
        part = [record[:copies] for record in records[:count]]
        targets = pair_correlators(part, GRID.bonds)[..., 0]
        every = tuple(range(len(GRID.bonds)))
        related = Related(GRID, GRID.bonds, couplings[:count], targets, couplings[60:], every)
        off = local_kernel(related, np.random.default_rng(1)).values - exact[60:]
        # Other systems are tested, and the model learns from one more.
        assert abs(found.square - (off**2).mean()) < 4 * found.spread
        assert found.spread < 0.6 * (off**2).mean()


def test_the_curve_falls_with_systems_and_predicts_a_larger_run(measured):
    couplings, records, _ = measured
    points = measured_errors(records, couplings[:60], GRID, (10, 30), (100, 400))
    curve = fit_learning_curve(points)
    assert curve.by_systems > 0.05
    (last,) = measured_errors(records, couplings[:60], GRID, (60,), (400,))
    for point in (*points, last):
        off = curve.error(point.systems, point.copies) ** 2 - point.square
        assert abs(off) < 4 * point.spread
    assert curve.systems_for(curve.error(200, 400), 400) == 200


def test_the_cheapest_is_cheaper_than_all_others():
    curve = LearningCurve(2.0, 0.4, 0.3)
    copies = (50, 100, 1000)
    systems, chosen = curve.cheapest(0.05, copies)
    assert curve.error(systems, chosen) <= 0.05
    assert systems * chosen == min(curve.systems_for(0.05, t) * t for t in copies)


def test_what_the_points_do_not_tell_is_refused(measured):
    couplings, records, _ = measured
    points = [MeasuredError(n, 100, 0.01, 0.001) for n in (10, 20, 30)]
    with pytest.raises(UsageError, match="three points or more"):
        fit_learning_curve(points)
    with pytest.raises(UsageError, match="not of 1"):
        fit_learning_curve(points[:1])
    with pytest.raises(UsageError, match="more systems do not help"):
        LearningCurve(1.0, 0.0, 0.3).systems_for(0.1, 100)
    with pytest.raises(UsageError, match="systems must be at most 60, not 61"):
        measured_errors(records, couplings[:60], GRID, (61,), (100,))
    with pytest.raises(UsageError, match="copies must be at most 400"):
        measured_errors(records, couplings[:60], GRID, (60,), (500,))
