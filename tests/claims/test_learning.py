import numpy as np
import pytest

from quantum_advantage.claims import learning
from quantum_advantage.claims.checking import NoDataError, Setting
from quantum_advantage.claims.learning import Paired, play_paired, recurrent_costs
from quantum_advantage.inference.learning.symbol_table import SymbolTable
from quantum_advantage.measurements.bell import bell_signs
from quantum_advantage.study.accuracy import Point
from quantum_advantage.study.batches import play_batch
from quantum_advantage.study.kinds import decisions
from quantum_advantage.study.spec import PointSpec, Spec
from quantum_advantage.tasks.observables.learned import BELL, Learned

NOISY = "qsim:depolarize=0.02,readout=0.05"


def reading(weights):
    return Learned(BELL, lambda seed: [SymbolTable(weights, 1.0, 0.0)], 0)


def test_exact_table_costs_what_the_exact_reading_costs():
    """Both count the same signs, and part only in how they break ties."""
    ratio, low, high = play_paired(8, 100, reading(bell_signs()), NOISY).ratio()
    assert low <= ratio <= high
    assert ratio == pytest.approx(1, abs=0.15)


def test_a_table_without_the_sign_of_y_is_seen():
    wrong = bell_signs() * np.array([1, 1, -1, 1])[:, None]
    ratio, _, high = play_paired(8, 50, reading(wrong), NOISY).ratio()
    assert ratio == np.inf
    assert high == np.inf


def test_ratio_is_that_of_the_crossings_with_an_interval_that_shares_the_luck():
    rng = np.random.default_rng(1)
    prefixes, games = np.array([1, 2, 4, 8]), 100
    luck = rng.integers(-8, 9, (20, 1))
    exact = np.array([55, 60, 70, 80]) + luck
    paired = Paired(prefixes, exact, exact - [3, 3, 5, 5], games)
    ratio, low, high = paired.ratio()
    level = luck.mean()
    # Linear between the prefixes: 70 % lies at 4 - shift and at 4 + shift shots.
    expected = np.interp(70, [65 - 10 + level, 65 + level, 75 + level], [2, 4, 8]) / np.interp(
        70, [60 + level, 70 + level, 80 + level], [2, 4, 8]
    )
    assert ratio == pytest.approx(expected)
    assert 1.2 < low < ratio < high < 2.2


def test_a_network_that_ran_on_no_processor_says_nothing(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    counts = decisions("learned_predictions", data / "learned_predictions.csv")
    counts.open()
    task = "observables:alpha=0.9,game=two"
    # On a place that is no processor there is nothing to be said.
    counts.append(play_batch("learned_predictions", Spec(task, "bell", 20, "qsim", 20, 50, 0), 0))
    counts.close()
    with pytest.raises(NoDataError, match="no points of bell and learned_recurrent"):
        recurrent_costs(Setting(data, True))


def test_a_training_that_failed_turns_the_row_red(monkeypatch):
    def point(protocol, copies):
        spec = PointSpec("observables", protocol, 20, "qvm:weber")
        return Point("trial", spec, 0.7, copies, None, None, 1000, None)

    points = [point("bell", 100.0), point("learned_recurrent:seed=0", 120.0)]
    monkeypatch.setattr(learning, "points_of", lambda *arguments: points)
    assert recurrent_costs(Setting(None, True)).met
    points.append(point("learned_recurrent:seed=1", None))
    found = recurrent_costs(Setting(None, True))
    assert not found.met
    assert found.value.startswith("1 of 2 trainings")
