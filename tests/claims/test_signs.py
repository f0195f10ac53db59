from dataclasses import replace
from pathlib import Path

import pytest

from quantum_advantage.claims import signs
from quantum_advantage.claims.checking import NoDataError, Setting

FIGURES = Path(__file__).resolve().parents[2] / "figures" / "data"
QUICK = Setting(FIGURES, quick=True)


@pytest.mark.parametrize(
    "check", [signs.named_and_looked_at, signs.fixed_beforehand, signs.all_signs]
)
def test_claims_hold_on_the_committed_data(check):
    found = check(QUICK)
    assert found.met, found.value


def test_bell_measurements_alone_are_blind():
    found = signs.blind(QUICK)
    assert not found.met, found.value


def test_more_copies_than_are_enough_are_noticed(monkeypatch):
    monkeypatch.setattr(signs, "LARGE", (2, 3, 4))
    assert not signs.named_and_looked_at(QUICK).met


def test_a_bound_that_is_too_high_is_noticed(monkeypatch):
    points = signs.points_of

    def raised(*arguments):
        return [replace(p, bound=100 * p.bound) if p.bound else p for p in points(*arguments)]

    monkeypatch.setattr(signs, "points_of", raised)
    assert not signs.fixed_beforehand(QUICK).met


def test_wrong_signs_are_noticed(monkeypatch):
    monkeypatch.setattr(signs, "COPIES", 90)
    assert not signs.all_signs(QUICK).met


def test_missing_budgets_are_no_data(monkeypatch):
    monkeypatch.setattr(signs, "COPIES", 7)
    with pytest.raises(NoDataError):
        signs.all_signs(QUICK)
