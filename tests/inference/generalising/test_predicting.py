import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesRegressor

from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.generalising.frames import Grid
from quantum_advantage.inference.generalising.predicting import fit
from quantum_advantage.inference.generalising.quantities import Correlator, Energy, PairPurity
from quantum_advantage.measurements.vector_shadows import shadows_of_vectors
from quantum_advantage.systems.heisenberg import draw_couplings, ground_state

GRID = Grid(2, 4)


@pytest.fixture(scope="module")
def measured():
    """Couplings and states of 80 systems, and records of the first 60."""
    couplings = draw_couplings(2, 4, 80, seed=1)
    states = [ground_state(2, 4, one) for one in couplings]
    vectors = [state.vector() for state in states[:60]]
    return couplings, states, shadows_of_vectors(vectors, 300, np.random.default_rng(2))


def exact_correlators(states, pairs):
    return np.array([[state.correlators()[pair] for pair in pairs] for state in states])


def values(predictions):
    return np.array([[float(one) for one in row] for row in predictions])


@pytest.mark.parametrize("shape", [(1, 0), (1, 1), (2, 0)])
def test_correlators_of_new_systems_are_predicted_better_than_by_their_mean(measured, shape):
    couplings, states, records = measured
    learned = fit(records, couplings[:60], GRID)
    pairs = GRID.pairs(shape)
    found = learned.predict(couplings[60:], [Correlator(*pair) for pair in pairs])
    exact = exact_correlators(states[60:], pairs)
    off = values(found) - exact
    spread = exact - exact_correlators(states[:60], pairs).mean(axis=0)
    assert np.sqrt((off**2).mean()) < 0.65 * np.sqrt((spread**2).mean())
    radius = found[0][0].radius
    assert (np.abs(off) <= radius).mean() > 0.9


def test_energies_are_predicted_with_intervals(measured):
    couplings, states, records = measured
    learned = fit(records, couplings[:60], GRID)
    found = learned.predict(couplings[60:], Energy())
    exact = np.array([[state.energy] for state in states[60:]])
    off = values(found) - exact
    assert np.sqrt((off**2).mean()) < 0.3 * exact.std()
    assert (np.abs(off) <= found[0][0].radius).mean() > 0.85


def test_purities_are_predicted(measured):
    couplings, states, records = measured
    learned = fit(records, couplings[:60], GRID)
    asked = [PairPurity(*pair) for pair in GRID.bonds]
    exact = (1 + 3 * exact_correlators(states[60:], GRID.bonds) ** 2) / 4
    found = values(learned.predict(couplings[60:], asked))
    assert ((found >= 0.25) & (found <= 1)).all()
    assert np.sqrt(((found - exact) ** 2).mean()) < 0.7 * exact.std()


def test_a_larger_grid_is_predicted_from_a_smaller_one(measured):
    couplings, _, records = measured
    learned = fit(records, couplings[:60], GRID)
    grid = Grid(2, 5)
    new = draw_couplings(2, 5, 10, seed=3)
    states = [ground_state(2, 5, one) for one in new]
    found = learned.predict(new, [Correlator(*bond) for bond in grid.bonds], grid=grid)
    exact = exact_correlators(states, grid.bonds)
    assert np.sqrt(((values(found) - exact) ** 2).mean()) < 0.6 * exact.std()


def test_any_regressor_takes_the_place_of_the_kernel(measured):
    couplings, states, records = measured
    trees = ExtraTreesRegressor(30, min_samples_leaf=3, random_state=1)
    learned = fit(records, couplings[:60], GRID, regressor=trees)
    found = learned.predict(couplings[60:], [Correlator(*bond) for bond in GRID.bonds])
    exact = exact_correlators(states[60:], GRID.bonds)
    assert np.sqrt(((values(found) - exact) ** 2).mean()) < 0.8 * exact.std()
    assert not hasattr(trees, "estimators_")  # the one that was given is as it was


def test_records_without_relation_to_couplings_teach_nothing(measured):
    """The control: every record is given the couplings of another system."""
    couplings, states, records = measured
    learned = fit(records, np.roll(couplings[:60], 1, axis=0), GRID)
    found = learned.predict(couplings[60:], [Correlator(*bond) for bond in GRID.bonds])
    exact = exact_correlators(states[60:], GRID.bonds)
    assert np.sqrt(((values(found) - exact) ** 2).mean()) > 0.9 * exact.std()


def test_too_few_calibration_systems_have_no_interval(measured):
    couplings, _, records = measured
    learned = fit(records, couplings[:60], GRID, calibration=8)
    assert learned.predict(couplings[60:61], Correlator(0, 1))[0][0].radius == np.inf
    assert learned.predict(couplings[60:61], Correlator(0, 1), level=0.8)[0][0].radius < 1


def test_mistakes_are_one_line(measured):
    couplings, _, records = measured
    with pytest.raises(UsageError, match="records must be 59, one for each system"):
        fit(records, couplings[:59], GRID)
    with pytest.raises(UsageError, match="at least 4, not 3"):
        fit(records[:3], couplings[:3], GRID)
    with pytest.raises(UsageError, match=r"records must have 6 qubits, not \[8\]"):
        fit(records, draw_couplings(2, 3, 60, seed=1), Grid(2, 3))
    with pytest.raises(UsageError, match="calibration must be at most 58"):
        fit(records, couplings[:60], GRID, calibration=59)
    learned = fit(records, couplings[:60], GRID)
    with pytest.raises(UsageError, match="two different sites below 8"):
        learned.predict(couplings[60:], Correlator(0, 8))
    with pytest.raises(UsageError, match=r"parameters must have shape \(systems, 10\)"):
        learned.predict(couplings[0], Energy())
    with pytest.raises(UsageError, match=r"pair of shape \(4, 0\) must be one that the 2 x 4"):
        learned.predict(draw_couplings(2, 5, 1, seed=1), Correlator(0, 4), grid=Grid(2, 5))
