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

from quantum_advantage.bounds import any_measurement, paired_hits
from quantum_advantage.bounds.any_measurement import LINES, UNIT, hits_for, largest_gap
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
    assert largest_gap(1.0, 0.8) == math.inf
    assert hits_for(0.9, 0.8) == 0.0


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
