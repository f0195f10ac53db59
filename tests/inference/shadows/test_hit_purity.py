import functools
import itertools
import math

import numpy as np
import pytest
from drawn_states import mixed_state
from pauli_records import (
    assert_unbiased_with_stated_error,
    digits,
    draw_bits,
    pauli_laws,
    purity_of,
    shadow_records,
)
from scipy import stats

from quantum_advantage.inference.shadows.hit_purity import (
    MOST_QUBITS,
    PairWeights,
    hit_purities,
)

SINGLET = np.outer([0, 1, -1, 0], [0, 1, -1, 0]) / 2


def werner(noise):
    return (1 - noise) * SINGLET + noise * np.eye(4) / 4


def twice(state):
    return np.kron(state, state)


STATES = {
    "singlet": SINGLET,
    "two singlets": twice(SINGLET),
    "Werner, 10 %": werner(0.1),
    "Werner, 30 %": werner(0.3),
    "two Werner, 30 %": twice(werner(0.3)),
}


def all_records(qubits, settings, times):
    """Every record with its numbers: (records, settings) bases, (records, settings, times) bits."""
    bases = np.array(list(itertools.product(range(3**qubits), repeat=settings)))
    bits = np.array(list(itertools.product(range(2**qubits), repeat=settings * times)))
    bits = bits.reshape(-1, settings, times)
    chosen, shown = np.divmod(np.arange(len(bases) * len(bits)), len(bits))
    return bases[chosen], bits[shown]


def expectation_of(state, settings, times, read):
    """The exact mean over all bases and outcomes of what ``read`` makes of a record."""
    qubits = len(state).bit_length() - 1
    bases, outcomes = all_records(qubits, settings, times)
    laws = pauli_laws(state)
    chances = laws[bases[..., None], outcomes].prod(axis=(1, 2)) / 3 ** (qubits * settings)
    rows = zip(digits(bases, 3, qubits), digits(outcomes, 2, qubits), strict=True)
    return chances @ np.array([read(*row) for row in rows])


def whole(bases, bits):
    return hit_purities(bases, bits, [bits.shape[-1]])[0]


@pytest.mark.parametrize(
    ("qubits", "settings", "times"), [(1, 2, 1), (1, 4, 1), (1, 1, 2), (1, 2, 2), (2, 2, 1)]
)
def test_mean_over_all_bases_and_outcomes_is_the_purity(qubits, settings, times):
    state = mixed_state(qubits)
    mean = expectation_of(state, settings, times, lambda *row: whole(*row)[0])
    assert mean == pytest.approx(purity_of(state), abs=1e-12)


@pytest.mark.parametrize(("settings", "times"), [(2, 1), (4, 1), (2, 2)])
def test_known_variance_is_the_exact_one_of_the_maximally_mixed_state(settings, times):
    square = expectation_of(np.eye(2) / 2, settings, times, lambda *row: whole(*row)[0] ** 2)
    known = 3 / 4 * PairWeights.of(1, settings, times).variance
    assert square - 1 / 4 == pytest.approx(known)


def by_strings(bases, bits, size):
    """The estimate by a loop over all strings of the first qubits."""
    settings, times, _ = bits.shape
    total = 1.0
    for string in itertools.product(range(-1, 3), repeat=size):
        on = [q for q, letter in enumerate(string) if letter >= 0]
        if not on:
            continue
        hit = [b for b in range(settings) if all(bases[b, q] == string[q] for q in on)]
        signs = [(-1.0) ** bits[b, t, on].sum() for b in hit for t in range(times)]
        pairs = sum(2 * x * y for x, y in itertools.combinations(signs, 2))
        total += PairWeights.of(len(on), settings, times).weights[len(hit)] * pairs
    return total / 2**size


@pytest.mark.parametrize("times", [1, 3])
def test_estimates_are_those_of_a_loop_over_strings_with_the_error_of_a_jackknife(times):
    rng = np.random.default_rng(1)
    bases = rng.integers(0, 3, (12, 4), dtype=np.uint8)
    bits = rng.integers(0, 2, (12, times, 4), dtype=np.uint8)
    sizes = [3, 1]
    found = hit_purities(bases, bits, sizes)
    assert found[:, 0] == pytest.approx([by_strings(bases, bits, k) for k in sizes])
    pairs = [PairWeights.of(w, 12, times) for w in range(1, 4)]
    shares = [math.comb(3, w) * 3**w / 4**3 for w in range(1, 4)]
    known = sum(s * p.variance for s, p in zip(shares, pairs, strict=True))
    across = sum(s * p.across for s, p in zip(shares, pairs, strict=True))
    left_out = []
    for setting in range(12):
        # The estimate keeps its weights: only the hits of the setting are gone.
        shown = np.delete(bases, setting, axis=0), np.delete(bits, setting, axis=0)
        total = 1.0
        for string in itertools.product(range(-1, 3), repeat=3):
            on = [q for q, letter in enumerate(string) if letter >= 0]
            hit = np.array([all(row[q] == string[q] for q in on) for row in shown[0]])
            signs = 1 - 2.0 * (shown[1][hit][..., on].sum(axis=-1) % 2)
            if on:
                weight = pairs[len(on) - 1].weights[hit.sum()]
                total += weight * (signs.sum() ** 2 - signs.size)
        left_out.append(total / 8)
    jackknife = 11 * np.var(left_out)
    error = np.sqrt(max(jackknife - across / 2, known))
    outside = max(found[0, 0] - 1, 1 / 8 - found[0, 0])
    assert found[0, 1] == pytest.approx(max(error, outside / 1.96), rel=1e-4)


@pytest.mark.parametrize("times", [1, 5])
@pytest.mark.parametrize("weight", [1, 2, 6])
def test_weights_of_pairs_are_normalised_and_the_best_for_products_of_eigenstates(weight, times):
    pairs = PairWeights.of(weight, 40, times)
    hits = np.arange(41)
    signs = times * hits
    count, share = signs * (signs - 1), 3.0**-weight
    chances = stats.binom.pmf(hits, 40, share)
    assert chances @ (pairs.weights * count) == pytest.approx(1)

    def spread(weights):
        """The mean square over 3ʷ strings, one of which is certain."""
        weights = weights / (chances @ (weights * count))
        return chances @ (weights**2 * count * (share * count + 2 * (1 - share)))

    best = spread(pairs.weights)
    all_alike = np.ones(41)
    by_string = np.where(count > 0, 1 / np.maximum(count, 1), 0.0)
    for other in (all_alike, by_string, pairs.weights * (1 + 0.1 * np.sin(hits))):
        assert spread(other) > best


@pytest.mark.parametrize("mean", [0.0, 0.6, -1.0])
@pytest.mark.parametrize("shots", [2, 3, 6])
def test_mean_square_of_the_pairs_of_independent_signs(shots, mean):
    signs = np.array(list(itertools.product((1, -1), repeat=shots)))
    chances = ((1 + signs * mean) / 2).prod(axis=1)
    found = chances @ (signs.sum(axis=1) ** 2 - shots) ** 2
    v2, v4, count = mean**2, mean**4, shots * (shots - 1)
    bracket = count * v4 + 4 * (shots - 2) * (v2 - v4) + 2 * (1 - v4)
    assert found == pytest.approx(count * bracket)


def test_purities_of_parts_are_those_of_their_bits_alone():
    rng = np.random.default_rng(31)
    bases = rng.integers(0, 3, (30, 5), dtype=np.uint8)
    bits = rng.integers(0, 2, (30, 2, 5), dtype=np.uint8)
    np.testing.assert_allclose(
        hit_purities(bases, bits, [4, 1, 5]),
        [whole(bases[:, :k], bits[..., :k]) for k in (4, 1, 5)],
    )


@pytest.mark.parametrize(("qubits", "settings", "times"), [(1, 60, 1), (2, 150, 1), (2, 40, 5)])
def test_estimate_is_unbiased_with_the_stated_error(qubits, settings, times):
    state = mixed_state(qubits, seed=7)
    rng = np.random.default_rng(8)
    bases, bits = draw_bits(pauli_laws(state), qubits, (600, settings), times, rng)
    found = np.array([whole(*row) for row in zip(bases[:, :, 0], bits, strict=True)])
    assert_unbiased_with_stated_error(*found.T, purity_of(state))


@functools.cache
def found_for(name, shots, records):
    """Estimates and errors of so many records of one shot in each basis."""
    rng = np.random.default_rng([shots, records])
    bases, bits = shadow_records(STATES[name], records, shots, rng)
    return np.array([whole(b, x[:, None]) for b, x in zip(bases, bits, strict=True)]).T


def deviations(name, shots, records):
    return found_for(name, shots, records)[0] - purity_of(STATES[name])


@functools.cache
def pair_kernel_variance(name, shots):
    """Hoeffding's exact variance of the mean over all pairs of classical shadows."""
    state = STATES[name]
    qubits = len(state).bit_length() - 1
    law = (pauli_laws(state) / 3**qubits).ravel()
    numbers = np.arange(6**qubits)
    bases, bits = digits(numbers // 2**qubits, 3, qubits), digits(numbers % 2**qubits, 2, qubits)
    kernel = np.ones((6**qubits, 6**qubits))
    for basis, bit in zip(bases.T, bits.T, strict=True):
        same, equal = basis[:, None] == basis, bit[:, None] == bit
        kernel *= np.where(same, np.where(equal, 5.0, -4.0), 0.5)
    given = kernel @ law
    mean = law @ given
    linear, rest = law @ given**2 - mean**2, law @ kernel**2 @ law - mean**2
    return (4 * (shots - 2) * linear + 2 * rest) / (shots * (shots - 1))


# Of hits the root mean square of a larger sample with its standard error, of pairs the exact one.
@pytest.mark.parametrize(
    ("name", "records", "by_hits", "noise", "by_pairs"),
    [
        ("singlet", 300, 0.00421, 0.00010, 0.04768),
        ("Werner, 10 %", 300, 0.02258, 0.00041, 0.04493),
        ("Werner, 30 %", 300, 0.02894, 0.00054, 0.03752),
        ("two singlets", 100, 0.04006, 0.00127, 0.09091),
    ],
)
def test_errors_from_two_thousand_bases_are_below_those_of_the_pair_kernel(
    name, records, by_hits, noise, by_pairs
):
    squares = deviations(name, 2000, records) ** 2
    tolerance = 4 * np.hypot(squares.std(ddof=1) / np.sqrt(records), 2 * by_hits * noise)
    assert abs(squares.mean() - by_hits**2) < tolerance
    assert np.sqrt(pair_kernel_variance(name, 2000)) == pytest.approx(by_pairs, rel=1e-3)
    assert squares.mean() + tolerance < by_pairs**2


def test_where_hits_are_few_it_does_not_lose():
    """Weights 1/[N (N - 1)] alone have 1/0.72 times the error of the pair kernel here."""
    squares = deviations("two Werner, 30 %", 500, 200) ** 2
    tolerance = 4 * squares.std(ddof=1) / np.sqrt(200)
    assert squares.mean() - tolerance < pair_kernel_variance("two Werner, 30 %", 500)
    assert squares.mean() + tolerance < pair_kernel_variance("two Werner, 30 %", 500) / 0.72**2


@pytest.mark.parametrize("shots", [30, 100])
@pytest.mark.parametrize("name", STATES)
def test_intervals_cover_and_are_not_too_wide(name, shots):
    records = 250
    values, errors = found_for(name, shots, records)
    off = np.abs(values - purity_of(STATES[name]))
    covered = int((off <= 1.96 * errors).sum())
    assert stats.binomtest(covered, records, 0.93, alternative="less").pvalue > 1e-3
    assert errors.min() > 0
    assert errors.mean() < 1.5 * np.sqrt((off**2).mean())


def test_one_setting_has_no_error_and_two_shots_have_one():
    assert whole(np.zeros((1, 2), np.uint8), np.zeros((1, 3, 2), np.uint8))[1] == np.inf
    value, error = whole(np.zeros((2, 2), np.uint8), np.zeros((2, 1, 2), np.uint8))
    assert value > 1
    assert abs(value - 1) <= 1.96 * error * (1 + 1e-12)


def test_arguments_that_do_not_fit_are_refused_by_value():
    bits = np.zeros((4, 1, 2), dtype=np.uint8)
    bases = bits[:, 0]
    with pytest.raises(ValueError, match=r"shape \(4, 2\) of the bits, not \(3, 2\)"):
        hit_purities(bases[:3], bits, [1])
    with pytest.raises(ValueError, match=r"0 \(X\), 1 \(Y\) or 2 \(Z\), not 3"):
        hit_purities(bases + 3, bits, [1])
    with pytest.raises(ValueError, match="bits must be 0 or 1, not 2"):
        hit_purities(bases, bits + 2, [1])
    with pytest.raises(ValueError, match=r"\(settings, shots, qubits\), not \(4, 2\)"):
        hit_purities(bases, bases, [1])
    with pytest.raises(ValueError, match="sizes must be at most 2, not 3"):
        hit_purities(bases, bits, [3])
    with pytest.raises(ValueError, match="at least 2 shots, not 1"):
        hit_purities(bases[:1], bits[:1], [1])
    many = np.zeros((2, 1, MOST_QUBITS + 1), dtype=np.uint8)
    with pytest.raises(ValueError, match=r"at most 14 .* not 15"):
        hit_purities(many[:, 0], many, [MOST_QUBITS + 1])
