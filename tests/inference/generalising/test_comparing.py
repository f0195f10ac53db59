import os

import numpy as np
import pytest

from quantum_advantage.core.usage import UsageError
from quantum_advantage.formats.heisenberg_folder import heisenberg_sizes, read_heisenberg
from quantum_advantage.inference.generalising.comparing import (
    compare_methods,
    neighbour_correlators,
)
from quantum_advantage.inference.generalising.frames import Grid
from quantum_advantage.measurements.vector_shadows import shadows_of_vectors
from quantum_advantage.systems.heisenberg import draw_couplings, ground_state

PUBLIC = os.environ.get("HEISENBERG_DATA")
GRID = Grid(2, 4)


@pytest.fixture(scope="module")
def systems():
    couplings = draw_couplings(2, 4, 40, seed=1)
    states = [ground_state(2, 4, one) for one in couplings]
    vectors = [state.vector() for state in states]
    records = shadows_of_vectors(vectors, 200, np.random.default_rng(2))
    exact = neighbour_correlators(GRID, np.array([state.correlators() for state in states]))
    return couplings, records, exact


def test_all_methods_meet_the_same_splits_and_ours_is_the_best(systems):
    couplings, records, exact = systems
    names = ("local_kernel", "nearby_lasso", "gaussian_kernel", "training_mean")
    found = {c.method: c for c in compare_methods(GRID, couplings, records, exact, names, splits=2)}
    assert list(found) == list(names)
    assert all(len(one.errors) == 2 for one in found.values())
    assert found["local_kernel"].mean < found["nearby_lasso"].mean < found["training_mean"].mean
    alone = compare_methods(GRID, couplings, records, exact, ("training_mean",), splits=2)
    assert alone == [found["training_mean"]]


def test_records_of_the_tested_half_are_not_looked_at(systems):
    couplings, records, exact = systems
    order = np.random.default_rng(0).permutation(40)
    other = list(records)
    for system in order[20:]:
        other[system] = records[order[0]]
    first, again = (
        compare_methods(GRID, couplings, ones, exact, ("local_kernel",), splits=1)
        for ones in (records, other)
    )
    assert first == again


def test_mistakes_are_one_line(systems):
    couplings, records, exact = systems
    with pytest.raises(UsageError, match="methods must be some of local_kernel"):
        compare_methods(GRID, couplings, records, exact, ("magic",))
    with pytest.raises(UsageError, match="of all 40 systems, at least 8, not 39 and 40"):
        compare_methods(GRID, couplings, records[:-1], exact)


@pytest.mark.slow
@pytest.mark.skipif(not PUBLIC, reason="HEISENBERG_DATA names no folder of the public data")
@pytest.mark.parametrize(("size", "most"), [((4, 5), 0.056), ((6, 5), 0.048)])
def test_states_of_the_public_data_are_predicted_with_500_copies_of_half_of_them(size, most):
    if size not in heisenberg_sizes(PUBLIC):
        pytest.skip(f"{PUBLIC} holds no systems of {size}")
    data, grid = read_heisenberg(PUBLIC, *size), Grid(*size)
    records = [record[:500] for record in data.records]
    exact = neighbour_correlators(grid, data.correlators)
    (found,) = compare_methods(grid, data.couplings, records, exact, ("local_kernel",))
    assert found.mean <= most
