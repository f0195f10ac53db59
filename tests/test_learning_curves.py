"""The tables of ``benchmarks/learning_curves.py`` and ``benchmarks/phases.py``, at small sizes."""

import importlib.util
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from quantum_advantage.inference.generalising.frames import Grid

ROOT = Path(__file__).parents[1]


def loaded(name):
    # As where a benchmark is run by its file: others lie beside it.
    sys.path.insert(0, str(ROOT / "benchmarks"))
    spec = importlib.util.spec_from_file_location(f"table_{name}", ROOT / "benchmarks" / name)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(ROOT / "benchmarks"))
    return module


@pytest.fixture(scope="module")
def curves():
    yield (module := loaded("learning_curves.py"))
    del sys.modules[module.__name__]


@pytest.fixture(scope="module")
def phases():
    yield (module := loaded("phases.py"))
    del sys.modules[module.__name__]


def numbers(text):
    return [float(one) for one in re.findall(r"-?\d+\.?\d*", text)]


def test_the_slope_of_a_power_law_is_its_power(curves):
    rng = np.random.default_rng(1)
    x = (5, 10, 20, 50)
    curve = [curves.Errors(n**-0.6 * rng.chisquare(20, (4, 100)) / 20) for n in x]
    for same in (True, False):
        value, low, high = numbers(curves.slope(x, curve, same_tests=same))
        assert low < -0.3 < high
        assert value == pytest.approx(-0.3, abs=0.02)


def test_errors_state_a_root_mean_square_within_its_interval(curves):
    value, low, high = numbers(str(curves.Errors(np.random.default_rng(1).random((3, 50)))))
    assert low < value < high
    assert value == pytest.approx(np.sqrt(0.5), abs=0.05)


def test_every_shape_up_to_distance_four_is_asked(curves):
    shapes = curves._shapes(Grid(4, 4))
    assert shapes == [(1, 0), (2, 0), (1, 1), (3, 0), (2, 1), (3, 1), (2, 2)]


def test_all_quantities_are_predicted_better_than_by_the_mean(curves, monkeypatch):
    monkeypatch.setattr(curves, "SQUARE", Grid(2, 3))
    monkeypatch.setattr(curves, "FOR_ALL", 20)
    monkeypatch.setattr(curves, "TESTED", 30)
    rows = [line.split("|")[2:4] for line in curves.quantities_table() if line.startswith("| ")][1:]
    assert len(rows) == 4 + 1 + 2  # shapes, the energy, entropies
    for predicted, mean in rows:
        assert numbers(predicted)[0] < numbers(mean)[0]


def test_the_smallest_grid_has_the_errors_that_the_page_states(curves):
    # The table is made row by row: larger grids are not played.
    row = next(line for line in curves.sizes_table() if line.startswith("| 2 x 3"))
    page = (ROOT / "docs" / "generalising.md").read_text().splitlines()
    (stated,) = (line for line in page if line.startswith("| 2 x 3"))
    # Rounding on another processor may change single outcomes.
    assert numbers(row) == pytest.approx(numbers(stated), abs=2e-3)


def test_more_copies_divide_better(phases):
    few, many = (phases.shares("phases", 18, t, 12, 2)["kernel_10"] for t in (5, 300))
    assert len(few) == 2
    assert np.mean(many) > np.mean(few)


def test_shares_are_those_of_all_readings(phases, monkeypatch):
    monkeypatch.setattr(phases, "COPIES", (20,))
    monkeypatch.setattr(phases, "SMALL_QUBITS", 8)
    monkeypatch.setattr(phases, "SMALL_SETS", 2)
    rows = [line for line in phases.copies_table() if line.startswith("| 20 |")]
    assert len(rows) == len(phases.SMALL_TASKS)
    for row in rows:
        shares = numbers(row)[1:]
        assert len(shares) == len(phases.SHARES)
        assert all(0.5 <= share <= 1 for share in shares)
