import numpy as np
import pytest
from scipy import stats

from quantum_advantage.bounds.companion import odd_chance
from quantum_advantage.core.bits import pack_bits
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.sensing.companion import odd_share, share_error, shots_to_detect
from quantum_advantage.measurements.records import BellRecord


def test_odd_share_counts_singlets():
    bits = np.array([[1, 0], [1, 1], [0, 0], [1, 1]])
    others = np.array([[1, 0], [1, 1], [1, 1], [0, 1]])
    share, error = odd_share(BellRecord(2, pack_bits(bits), pack_bits(others)))
    assert share == pytest.approx(0.5)  # 1, 2, 0 and 1 singlets
    assert error == pytest.approx(share_error(0.5, 4))
    assert share_error(0, 100) > 0


def test_pairs_for_95_percent_without_background():
    assert shots_to_detect(odd_chance(0.01, 0.5)) == pytest.approx(401.97, abs=0.01)
    assert shots_to_detect(odd_chance(0.001, 0.5)) == pytest.approx(3996.8, abs=0.1)


@pytest.mark.parametrize(("chance", "dark"), [(0.02, 0.001), (0.0174, 0.01), (0.06, 0.04)])
def test_shots_with_background_have_the_power_and_the_false_alarms(chance, dark):
    shots = int(np.ceil(shots_to_detect(chance, dark)))
    events = stats.binom.isf(0.05, shots, dark) + 1
    assert stats.binom.sf(events - 1, shots, dark) <= 0.05
    assert stats.binom.sf(events - 1, shots, chance) == pytest.approx(0.95, abs=0.01)


def test_impossible_chances_are_refused():
    with pytest.raises(ValueError, match=r"0 <= dark < chance < 1, not 0\.2 and 0\.1"):
        shots_to_detect(0.1, 0.2)


@pytest.mark.parametrize("share", [-0.1, 1.1, np.nan])
def test_shares_outside_of_0_to_1_have_no_error(share):
    with pytest.raises(UsageError, match="share must lie in"):
        share_error(share, 10)
