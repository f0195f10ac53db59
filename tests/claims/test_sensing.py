import functools
from dataclasses import dataclass
from pathlib import Path

import pytest

from quantum_advantage.claims import sensing
from quantum_advantage.claims.checking import Setting

CHECKS = [
    sensing.array_of_sensors,
    sensing.companion_of_a_star,
    sensing.displacements_of_light,
]


@dataclass(frozen=True)
class Small(Setting):
    """Fewer systems than a claim takes, enough for what is wrong by far."""

    def size(self, quick, full):
        return 60


SMALL = Small(Path("nowhere"), True)
PLAYED = functools.cache(sensing._rows)


@pytest.fixture(autouse=True)
def same_batches(monkeypatch):
    """Batches depend on their arguments alone: all tests may judge the same ones."""
    monkeypatch.setattr(sensing, "_rows", PLAYED)


@pytest.mark.parametrize("check", CHECKS)
def test_formulas_are_reproduced(check):
    found = check(Setting(Path("nowhere"), True))
    assert found.met, found.value


@pytest.mark.parametrize(
    ("check", "name"),
    list(zip(CHECKS, ["mean_square", "odd_chance", "part_variances"], strict=True)),
)
def test_a_wrong_formula_is_noticed(check, name, monkeypatch):
    exact = getattr(sensing, name)

    def wrong(*arguments, **options):
        value = exact(*arguments, **options)
        return tuple(3 * v for v in value) if isinstance(value, tuple) else 3 * value

    monkeypatch.setattr(sensing, name, wrong)
    assert not check(SMALL).met


@pytest.mark.parametrize("factor", [0.3, 1.7])
def test_a_wrong_bound_is_noticed(factor, monkeypatch):
    """A lower one holds for entangled sensors too, a higher one not for separate ones."""
    exact = sensing.least_separate_error
    monkeypatch.setattr(sensing, "least_separate_error", lambda *given: factor * exact(*given))
    assert not sensing.array_of_sensors(SMALL).met


def test_sensors_that_save_another_factor_are_noticed(monkeypatch):
    """With formulas to match, so that the ratio alone tells."""
    exact = sensing._ratio

    def eightfold(above, below):
        ratio, error = exact(above, below)
        return 8 * ratio, error

    monkeypatch.setattr(sensing, "_ratio", eightfold)
    assert not sensing.array_of_sensors(SMALL).met


def test_a_single_star_that_shows_singlets_is_noticed(monkeypatch):
    rows = sensing._rows

    def hazy(task, *rest):
        single = task == "companion:share=0"
        return rows("companion:background=0.1,share=0" if single else task, *rest)

    monkeypatch.setattr(sensing, "_rows", hazy)
    assert not sensing.companion_of_a_star(SMALL).met
