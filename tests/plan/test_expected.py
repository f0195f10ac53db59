import numpy as np
import pytest
from scipy import stats

from quantum_advantage.backends.devices.virtual import open_virtual
from quantum_advantage.backends.names import read_backend
from quantum_advantage.core.usage import UsageError
from quantum_advantage.plan.expected import (
    DRAWN,
    Expected,
    check_foreseen,
    device_of,
    expect,
    expect_after_preflight,
    expected_damping,
    needs_playing,
    play_beforehand,
    right_answers,
)
from quantum_advantage.preflight.files import PreflightRecord
from quantum_advantage.tasks.observables.forecast import averaged_accuracy

TWO, ONE = ("observables:alpha=0.9,game=two", "observables:alpha=0.9,game=one")


def test_a_law_tells_the_accuracy_with_the_error_of_its_draws():
    found = expect(ONE, "bell", 6, (1, 4), None)
    assert found.likely.shape == (101, 2)
    assert found.likely.std(axis=0) == pytest.approx(
        np.sqrt(found.accuracy * (1 - found.accuracy) / DRAWN), rel=0.05
    )
    # One Bell shot: right if the sign agrees, (1 + α²)/2, or in half of the games without signal.
    assert found.accuracy[0] == pytest.approx(0.5 + 0.81 / 4, abs=4 * 0.5 / DRAWN**0.5)


def test_only_what_no_law_knows_is_played():
    noisy, clean = read_backend("qsim:readout=0.02"), read_backend("qsim")
    assert not needs_playing(TWO, "bell", noisy, 4)
    assert not needs_playing("purity", "bell", clean, 4)
    assert needs_playing("purity", "bell", noisy, 4)
    assert needs_playing("time_reversal", "bell_on_chain", read_backend("qvm:weber"), 4)
    # Without an exact distribution games are played without noise too; a closed form has no limit.
    assert needs_playing("time_reversal", "bell_tolerant", clean, 4)
    assert not needs_playing(TWO, "bell", clean, 100)
    with pytest.raises(ValueError, match="no noise"):
        needs_playing("purity", "bell", read_backend("law:readout=0.02"), 4)


def test_a_real_processor_is_foreseen_by_a_virtual_one():
    assert str(device_of(read_backend("engine:mine/weber"))) == "qvm:weber"
    assert str(device_of(read_backend("engine:mine/weber,pairs=3.4-3.3"))) == (
        "qvm:weber,pairs=3.4-3.3"
    )
    assert str(device_of(read_backend("engine:mine/weber,gauge=cz"))) == "qvm:weber,gauge=cz"
    # Elsewhere there may be no such pair.
    assert str(device_of(read_backend("engine:mine/chip,pairs=3.4-3.3"))) == "qvm:willow_pink"
    both = [expected_damping(read_backend(b), 3) for b in ("engine:mine/weber", "qvm:weber")]
    assert both[0].tolist() == both[1].tolist()


def test_games_played_beforehand_agree_with_the_law_that_knows_their_noise():
    name = read_backend("qsim:depolarize=0.01,readout=0.03")
    played = play_beforehand(TWO, "bell", name, 4, 10, 2000)
    exact = expect(TWO, "bell", 4, played.shots.tolist(), expected_damping(name, 4)).accuracy
    z = (played.accuracy - exact) / np.sqrt(exact * (1 - exact) / 2000)
    assert np.abs(z).max() < 4
    assert played.shots[-1] == 10


def test_other_numbers_of_games_are_other_games():
    name = read_backend("qsim:readout=0.1")
    few, more = (play_beforehand("time_reversal", "bell", name, 3, 4, k) for k in (60, 61))
    again = play_beforehand("time_reversal", "bell", name, 3, 4, 60)
    assert few.accuracy.tolist() == again.accuracy.tolist()
    assert (few.accuracy * 60).tolist() != (more.accuracy * 61).tolist()


def record_of(backend, pairs, error):
    exact = open_virtual(backend).damping(pairs)
    errors = np.full_like(exact, error)
    errors[:, 0] = 0
    return PreflightRecord(backend, (((0, 0), (0, 1)),) * pairs, exact, errors)


def test_a_perfect_preflight_tells_what_the_calibration_does():
    record = record_of("qvm:weber", 6, 0.0)
    for shots in (3, 9):
        found = expect_after_preflight(TWO, "bell", shots, record)
        assert found.accuracy == pytest.approx([averaged_accuracy(shots, record.factors, 0.9)])
        assert np.ptp(found.likely) == pytest.approx(0, abs=1e-12)


def test_what_a_preflight_leaves_open_widens_the_expectation():
    narrow, wide = (
        expect_after_preflight(TWO, "bell", 9, record_of("qvm:weber", 6, error))
        for error in (0.005, 0.02)
    )
    assert wide.likely.std() == pytest.approx(4 * narrow.likely.std(), rel=0.1)


@pytest.mark.parametrize(
    ("task", "protocol"), [(ONE, "bell"), (TWO, "bell_calibrated"), ("purity", "bell")]
)
def test_a_preflight_is_refused_where_it_foresees_nothing(task, protocol):
    with pytest.raises(ValueError, match="a preflight foresees bell in the game two"):
        expect_after_preflight(task, protocol, 1, record_of("qvm:weber", 2, 0.0))
    with pytest.raises(ValueError, match=f"not {protocol} in"):
        check_foreseen(task, protocol)


def test_quantiles_are_those_of_the_mixture():
    for share in (0.025, 0.5, 0.975):
        assert right_answers(np.array([0.7]), 400, share) == stats.binom.ppf(share, 400, 0.7)
    likely = np.array([0.6, 0.8])
    low, high = (right_answers(likely, 100, share) for share in (0.025, 0.975))
    assert low == stats.binom.ppf(0.05, 100, 0.6)
    assert high == stats.binom.ppf(0.95, 100, 0.8)


@pytest.mark.parametrize("share", [0, 1, -0.5, np.nan])
def test_shares_outside_of_0_to_1_are_no_quantiles(share):
    with pytest.raises(UsageError, match="share must lie strictly between 0 and 1"):
        right_answers(np.array([0.7]), 400, share)


@pytest.mark.parametrize("protocol", ["bell", "local_pauli"])
@pytest.mark.parametrize("shots", [(3, 2), (2, 2), (0, 1), ()])
def test_numbers_of_shots_must_increase(protocol, shots):
    with pytest.raises(UsageError, match="shots must be increasing and at least 1"):
        expect(TWO, protocol, 3, shots, None)


def test_mixture_of_a_beta_distribution_is_the_beta_binomial():
    name = read_backend("qsim:readout=0.1")
    found = play_beforehand("time_reversal", "bell", name, 3, 2, 100)
    assert isinstance(found, Expected)
    right = round(float(found.accuracy[-1]) * 100)
    exact = stats.betabinom(400, right + 0.5, 100 - right + 0.5)
    for share in (0.025, 0.975):
        assert right_answers(found.likely[:, -1], 400, share) == pytest.approx(
            exact.ppf(share), abs=2
        )
