from dataclasses import replace
from pathlib import Path

import pytest

from quantum_advantage.claims import channels
from quantum_advantage.claims.checking import NoDataError, Setting

FIGURES = Path(__file__).resolve().parents[2] / "figures" / "data"
QUICK = Setting(FIGURES, quick=True)
SLOPES = [claim.check for claim in channels.CLAIMS if "growth of log2" in claim.test]
ON_DATA = [
    channels.beside_the_bound,
    channels.best_without_ancillas,
    channels.proportional_to_ancillas,
]


@pytest.mark.parametrize("check", [*SLOPES, *ON_DATA])
def test_claims_hold_on_the_committed_data(check):
    found = check(QUICK)
    assert found.met, found.value


def changed(monkeypatch, change):
    points = channels.points_of

    def of(*arguments):
        return [replace(p, **change(p)) for p in points(*arguments)]

    monkeypatch.setattr(channels, "points_of", of)


@pytest.mark.parametrize("check", ON_DATA)
def test_costs_that_are_too_low_are_noticed(check, monkeypatch):
    changed(monkeypatch, lambda p: {"copies": p.copies and p.copies / 3})
    assert not check(QUICK).met


def test_uses_that_do_not_fall_with_the_ancillas_are_noticed(monkeypatch):
    changed(monkeypatch, lambda p: {"copies": 300.0})
    assert not channels.proportional_to_ancillas(QUICK).met
    assert not channels.beside_the_bound(QUICK).met


@pytest.mark.parametrize("check", ON_DATA)
def test_missing_points_are_no_data(check, monkeypatch):
    changed(monkeypatch, lambda p: {"copies": None})
    with pytest.raises(NoDataError):
        check(QUICK)


@pytest.mark.slow
def test_noise_bases_hold_and_wrong_ones_are_noticed(monkeypatch):
    found = channels.noise_bases(QUICK)
    assert found.met, found.value
    damping = channels.channel_damping
    monkeypatch.setattr(channels, "channel_damping", lambda s, n: damping(s, n) ** 1.5)
    assert not channels.noise_bases(QUICK).met


def test_channels_without_points_on_a_processor_are_no_data(monkeypatch):
    monkeypatch.setattr(channels, "PROCESSORS", ("qvm:rainbow",))
    with pytest.raises(NoDataError, match="fewer than three sizes on qvm:rainbow"):
        channels.noise_bases(QUICK)


@pytest.mark.parametrize(
    "check", [channels.two_uses, pytest.param(channels.fifty_qubits, marks=pytest.mark.slow)]
)
def test_fresh_circuits_show_what_is_claimed(check):
    found = check(QUICK)
    assert found.met, found.value


@pytest.mark.parametrize(
    "control",
    [channels.random_labels, channels.played("no_signal"), channels.played("identity_channel")],
)
def test_controls_fail_as_they_must(control):
    found = control(QUICK)
    assert not found.met, found.value


def test_the_same_test_passes_where_something_is_hidden():
    assert channels.played("bell_pairs")(QUICK).met
