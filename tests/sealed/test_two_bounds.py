"""All formulas of the auditor's bound, the second against a direct maximisation."""

import math
from fractions import Fraction

import pytest
from browser import browser_works, page_reports
from sealed_runs import play, terms

from quantum_advantage.bounds import any_measurement
from quantum_advantage.bounds.hidden_pauli import concave_gain
from quantum_advantage.sealed.auditor import audit, largest_accuracy, report


def primal(x, alpha):
    """max Σ c r^k (1 - F_k²) with Σ (1 - F_k) = x, at F_k = min(1, μ r^-k), by bisection on μ."""
    r = math.sqrt(1 - alpha**2)
    powers = [r**k for k in range(5000)]
    low, high = 0.0, 1.0
    for _ in range(200):
        mu = (low + high) / 2
        spent = sum(1 - mu / p for p in powers if p > mu)
        low, high = (mu, high) if spent > x else (low, mu)
    return (1 - r) * sum(p * (1 - (mu / p) ** 2) for p in powers if p > mu)


@pytest.mark.parametrize("alpha", ["0.3", "0.5", "0.9", "0.95", "0.999"])
@pytest.mark.parametrize("qubits", [1, 2, 3, 4, 10, 20])
def test_bound_is_the_smallest_of_all_formulas(alpha, qubits):
    strings = 4**qubits - 1
    for copies in (1, 2, 7, 20, 100, 1000, 10**6):
        x = copies / (2**qubits + 1)
        if x > 30:
            # The direct maximisation would take longer sums.
            continue
        second = strings / (strings - 1) * primal(x, float(alpha))
        third = strings / (strings - 1) * any_measurement.largest_gap(x, float(alpha))
        expected = min(concave_gain(2 * x, float(alpha)), second, third)
        found = 2 * float(largest_accuracy(copies, qubits, Fraction(alpha))) - 1
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-15)


def test_copies_for_a_target_are_those_of_the_theorem():
    for alpha, target, x in (("0.9", 0.7, 0.5514), ("0.9", 0.9, 1.7295), ("0.95", 0.9, 1.2086)):
        copies = x * (2**20 + 1)
        below = float(largest_accuracy(round(0.999 * copies), 20, Fraction(alpha)))
        above = float(largest_accuracy(round(1.001 * copies), 20, Fraction(alpha)))
        assert below < target < above


def test_page_has_all_formulas_too(tmp_path):
    if not browser_works(tmp_path):
        pytest.skip("there is no Chromium to open the page")
    cases = []
    for number, changed in enumerate(
        ({"qubits": 1}, {"qubits": 2, "copies": 40}, {"qubits": 20}, {"qubits": 3, "copies": 8},
         {"task": "observables:alpha=0.3,game=two", "qubits": 2, "copies": 200})
    ):  # fmt: skip
        cases.append((play(tmp_path / str(number), terms(**changed)), []))
    for (files, _), shown in zip(cases, page_reports(cases, tmp_path), strict=True):
        assert shown == report(audit(files))
