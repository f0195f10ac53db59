import functools
from fractions import Fraction

import numpy as np
import pytest

from quantum_advantage.bounds.hidden_pauli import copies_required
from quantum_advantage.bounds.stabiliser_bases import (
    CERTIFICATES,
    Certificate,
    copies_required_in_stabiliser_bases,
    likelihood,
    offset,
)

MANY = 30  # qubits: the corrections 1/4^n no longer count


def factor(target, qubits=MANY, alpha=0.9):
    copies = copies_required_in_stabiliser_bases(target, qubits=qubits, alpha=alpha)
    return copies / (2**qubits + 1)


@pytest.mark.parametrize(("target", "copies"), [(0.7, 0.9542), (0.9, 2.7736)])
def test_what_the_certificates_prove(target, copies):
    assert factor(target) == pytest.approx(copies, abs=1e-4)


@pytest.mark.parametrize("certificate", CERTIFICATES, ids=["70 %", "90 %"])
def test_certificates_hold_when_verified_by_another_route(certificate):
    # |l - l*| itself as the reward, and a horizon that no policy passes: the same W, in integers
    # scaled by the common denominator of all likelihoods.
    alpha, horizon = certificate.alpha, certificate.horizon
    unit = 2 * alpha.denominator**horizon
    up, down = alpha.denominator + alpha.numerator, alpha.denominator - alpha.numerator

    def scaled(a, b):
        both = up**a * down**b + down**a * up**b
        return both * alpha.denominator ** (horizon - a - b)

    law = [(scaled(a, b), weight) for a, b, weight in certificate.law]
    total = sum(weight for _, weight in law)
    mean = Fraction(sum(value * weight for value, weight in law), total * unit)

    @functools.cache
    def value(a, b):
        here = Fraction(sum(w * abs(scaled(a, b) - v) for v, w in law), total * unit)
        if a + b == horizon:
            # E|l - L*| + 2 E L* is above everything that a policy can still reach from here.
            return Fraction(scaled(a, b), unit) - mean + 2 * mean
        return max(here, (value(a + 1, b) + value(a, b + 1)) / 2 - certificate.cost)

    pairs = sum(w * x * abs(v - y) for v, w in law for y, x in law)
    assert offset(certificate) == value(0, 0) - Fraction(pairs, 2 * total**2 * unit)


def spread_and_hits(stop, alpha, horizon=12):
    """G of the law of L, and the mean hits, of a policy that stops after (a, b) with a chance."""
    arrived, law, hits = {(0, 0): 1.0}, [], 0.0
    for k in range(horizon + 1):
        following = {}
        for (a, b), chance in arrived.items():
            ends = chance if k == horizon else chance * stop(a, b)
            law.append((float(likelihood(a, b, alpha)), ends))
            for place in ((a + 1, b), (a, b + 1)):
                following[place] = following.get(place, 0.0) + (chance - ends) / 2
            hits += chance - ends
        arrived = following
    values, chances = np.array(law).T
    return np.abs(values[:, None] - values) @ chances @ chances / 2, hits


def test_no_policy_beats_a_certificate():
    rng = np.random.default_rng(3)
    alpha = Fraction(9, 10)
    for _ in range(100):
        table = rng.random((14, 14)) ** rng.choice([0.2, 1, 5])
        gap, hits = spread_and_hits(lambda a, b, table=table: table[a, b], alpha)
        for certificate in CERTIFICATES:
            assert gap <= float(offset(certificate) + certificate.cost * Fraction(hits)) + 1e-12


def test_the_best_policy_known_nearly_attains_it():
    # Two hits where the first is drawn; a third and more where both agreed.
    alpha = Fraction(9, 10)
    share = 0.65 / 2

    def stop(a, b):
        if (a, b) == (0, 0):
            return 1 - share
        return float((a, b) not in {(1, 0), (0, 1), (2, 0), (0, 2), (3, 0), (0, 3)})

    gap, hits = spread_and_hits(stop, alpha)
    proven = float((Fraction(gap) - offset(CERTIFICATES[0])) / CERTIFICATES[0].cost)
    assert proven <= hits <= 1.02 * proven


def test_a_sloppy_certificate_proves_less_but_never_too_much():
    alpha = Fraction(9, 10)
    tight = CERTIFICATES[0]
    for law in (((0, 0, 1),), ((0, 0, 2), (1, 1, 1)), tight.law[:6]):
        loose = Certificate(alpha, tight.cost, law, 20)
        assert offset(loose) >= offset(tight)


@pytest.mark.parametrize("qubits", range(1, 41))
@pytest.mark.parametrize("target", [0.7, 0.9])
def test_it_is_above_the_bound_for_all_measurements_from_three_qubits_on(qubits, target):
    stabiliser = copies_required_in_stabiliser_bases(target, qubits=qubits)
    assert qubits < 3 or stabiliser > 1.5 * copies_required(target, qubits=qubits)


def test_another_signal_has_no_certificate():
    assert copies_required_in_stabiliser_bases(0.7, qubits=5, alpha=0.8) is None


def test_bad_arguments_are_refused_by_value():
    with pytest.raises(ValueError, match=r"target .* not 1"):
        copies_required_in_stabiliser_bases(1, qubits=5)
    with pytest.raises(ValueError, match=r"qubits .* not 0"):
        copies_required_in_stabiliser_bases(0.7, qubits=0)
