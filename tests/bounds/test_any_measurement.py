import dataclasses
import functools
import itertools
import json
import math
from fractions import Fraction
from importlib import resources

import numpy as np
import pytest
from scipy.interpolate import BSpline

from quantum_advantage.bounds import any_measurement, paired_hits, supersolution
from quantum_advantage.bounds.any_measurement import LINES, UNIT, hits_for, largest_gap
from quantum_advantage.bounds.hidden_pauli import copies_required
from quantum_advantage.bounds.splines import Edge, Sheet
from quantum_advantage.bounds.stabiliser_bases import copies_required_in_stabiliser_bases
from quantum_advantage.bounds.supersolution import is_supersolution

names = pytest.mark.parametrize("line", LINES, ids=[line.name for line in LINES])


@functools.cache
def held(name):
    folder = resources.files("quantum_advantage.bounds") / "certificates"
    return json.loads((folder / f"{name}.json").read_text("utf-8"))


def probabilities(name):
    law = held(name)["law"]
    total = sum(weight for _, weight in law)
    return tuple((value / 1000, weight / total) for value, weight in law)


@names
def test_certificates_prove_the_line(line):
    """The whole proof: all cells and all boxes, some seconds."""
    offset = any_measurement.proven_offset(line)
    assert offset is not None
    assert line.offset - Fraction(2, 10**6) < offset <= line.offset


@pytest.mark.parametrize(("target", "hits"), [(0.7, 0.5513), (0.9, 1.7294)])
def test_what_the_lines_prove(target, hits):
    assert hits_for(2 * target - 1, 0.9) == pytest.approx(hits, abs=1e-4)


@pytest.mark.parametrize("target", [0.7, 0.9])
def test_bound_lies_between_that_of_paired_hits_and_that_of_stabiliser_bases(target):
    found = hits_for(2 * target - 1, 0.9)
    bases = copies_required_in_stabiliser_bases(target, qubits=30) / (2**30 + 1)
    assert paired_hits.hits_for(2 * target - 1, 0.9) < found < bases


def test_gap_and_hits_are_inverse():
    for gap in np.linspace(0.15, 0.95, 17):
        assert largest_gap(hits_for(gap, 0.9), 0.9) == pytest.approx(gap, abs=1e-12)


def test_without_a_certificate_nothing_is_claimed():
    assert largest_gap(1.0, 0.95) == math.inf
    assert hits_for(0.9, 0.95) == 0.0


def test_a_weaker_signal_is_not_easier():
    """What is proven for a signal holds for every smaller one."""
    for target in (0.6, 0.7, 0.9):
        needed = [copies_required(target, qubits=20, alpha=a) for a in np.linspace(0.99, 0.1, 60)]
        assert all(one <= other for one, other in itertools.pairwise(needed))
    assert hits_for(0.4, 0.89) == hits_for(0.4, 0.9) > 0.55


@pytest.mark.slow
@names
def test_the_proof_has_room_for_rounding(line, monkeypatch):
    monkeypatch.setattr(supersolution, "MARGIN", 10 * supersolution.MARGIN)
    assert any_measurement.proven_offset(line) is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"law": ()},
        {"law": ((1.0, 1.5), (2.0, -0.5))},
        {"law": ((math.nan, 1.0),)},
        {"cost": -1.0},
        {"alpha": 1.0},
        {"alpha": 0.01},
    ],
)
def test_what_cannot_be_is_no_certificate(changes):
    found = held(LINES[0].name)
    asked = {"alpha": 0.9, "cost": 1.0, "law": ((1.0, 1.0),)} | changes
    with pytest.raises(ValueError, match="must"):
        supersolution.is_supersolution(*any_measurement._functions(found), **asked)


def test_a_function_that_rises_at_its_end_is_no_certificate():
    sheet, edge = any_measurement._functions(held(LINES[0].name))
    coefficients = edge.coefficients.copy()
    coefficients[len(coefficients) // 2] = coefficients[len(coefficients) // 2 - 1] + 1e-3
    risen = dataclasses.replace(edge, coefficients=coefficients)
    asked = {"alpha": 0.9, "cost": float(LINES[0].cost / LINES[0].alpha ** 2)}
    asked["law"] = probabilities(LINES[0].name)
    assert not supersolution.is_supersolution(sheet, risen, **asked)


# An evaluation of its own: SciPy's splines instead of the module's.


def spline(line):
    """U of (θ, v), with the values of a state by SciPy."""
    found = held(line.name)
    angle, depth, step = (numerator / below for numerator, below in
                          (found["angle"], found["depth"], found["step"]))  # fmt: skip
    sheet, edge = np.array(found["sheet"]) / UNIT, np.array(found["edge"]) / UNIT
    by_angle = BSpline((np.arange(sheet.shape[0] + 3) - 2) * angle, sheet, 2)
    by_place = BSpline(found["start"] + (np.arange(edge.size + 3) - 2) * step, edge, 2)
    knots = (np.arange(sheet.shape[1] + 3) - 2) * depth
    widest, deepest = (sheet.shape[0] - 2) * angle, (sheet.shape[1] - 2) * depth
    last = found["start"] + (edge.size - 2) * step

    def value(theta, v):
        theta = abs(theta)
        outer = float(by_place(min(max(theta - v, found["start"]), last)))
        if theta > widest:
            return outer
        return min(outer, float(BSpline(knots, by_angle(theta), 2)(min(v, deepest))))

    return value


@names
def test_function_bounds_the_reward_and_every_move_at_random_states(line):
    rng, value, law = np.random.default_rng(8), spline(line), probabilities(line.name)
    cost, most = float(line.cost / line.alpha**2), math.atanh(line.alpha)
    for _ in range(150):
        theta, v = rng.uniform(0, 5), rng.uniform(0, 4)
        here, likelihood = value(theta, v), math.exp(-v) * math.cosh(theta)
        assert here > 2 * sum(p * max(x - likelihood, 0) for x, p in law)
        downs, ups = (
            [
                (value(theta + turn, v + math.log(math.cosh(turn))) - here, math.tanh(turn))
                for turn in sign * rng.uniform(0.02, 1, 6) * most
            ]
            for sign in (-1, 1)
        )
        # For every pair of moves of mean zero the expected value, less the cost, is not above.
        for (gain, down), (other, up) in itertools.product(downs, ups):
            mean = (up * gain - down * other) / (up - down)
            assert mean <= cost * -down * up + 1e-9


@names
def test_value_is_above_those_of_stabiliser_policies(line):
    """Signs that are fair coins, p = ±1, are policies of the control problem."""
    alpha, law, start = float(line.alpha), probabilities(line.name), spline(line)(0, 0)

    @functools.cache
    def best(plus, minus):
        up, down = 1 + alpha, 1 - alpha
        likelihood = (up**plus * down**minus + down**plus * up**minus) / 2
        stop = 2 * sum(p * max(x - likelihood, 0) for x, p in law)
        if plus + minus == 12:
            return stop
        ahead = (best(plus + 1, minus) + best(plus, minus + 1)) / 2 - float(line.cost)
        return max(stop, ahead)

    assert best(0, 0) < start < best(0, 0) + 0.2


# What is false is not proven.


def sheet_and_edge(line):
    return any_measurement._functions(held(line.name))


def proven(line, sheet, edge, cost=None):
    cost = float(line.cost / line.alpha**2) if cost is None else cost
    law = probabilities(line.name)
    return is_supersolution(sheet, edge, alpha=float(line.alpha), cost=cost, law=law)


def test_a_smaller_cost_is_not_proven():
    line = LINES[0]
    cheaper = dataclasses.replace(line, cost=line.cost * Fraction(9, 10))
    assert any_measurement.proven_offset(cheaper) is None


def test_a_lowered_function_is_not_proven():
    line = LINES[0]
    sheet, edge = sheet_and_edge(line)
    assert not proven(line, Sheet(sheet.coefficients - 0.01, sheet.angle, sheet.depth), edge)
    assert not proven(line, sheet, Edge(edge.coefficients - 0.01, edge.start, edge.step))


@pytest.mark.parametrize("place", [(3, 3), (12, 20), (20, 60)])
@pytest.mark.parametrize("change", [-0.02, 0.02])
def test_one_changed_coefficient_is_not_proven(place, change):
    line = LINES[0]
    sheet, edge = sheet_and_edge(line)
    changed = sheet.coefficients.copy()
    changed[place] += change
    assert not proven(line, Sheet(changed, sheet.angle, sheet.depth), edge)
