import collections
import functools
import itertools
import math

import cirq
import numpy as np
import pytest
from drawn_states import random_vectors
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from quantum_advantage.bounds.haar_states import (
    collision_gain,
    copies_for_principal_component,
    copies_to_test_purity,
    largest_principal_accuracy,
    largest_purity_accuracy,
    least_copies,
)

repeatable = settings(derandomize=True, deadline=None)

PURITY = (largest_purity_accuracy, copies_to_test_purity)
PRINCIPAL = (largest_principal_accuracy, copies_for_principal_component)
SETTINGS = (PURITY, PRINCIPAL)
BOUNDS = (largest_purity_accuracy, largest_principal_accuracy)
INVERSES = (copies_to_test_purity, copies_for_principal_component)


@pytest.mark.parametrize(("qubits", "copies"), [(4, 5), (8, 17), (12, 66), (16, 260), (20, 1036)])
def test_fewest_copies_to_test_purity_at_a_target_of_70_percent(qubits, copies):
    assert math.ceil(copies_to_test_purity(0.7, qubits=qubits)) == copies


@pytest.mark.parametrize(("qubits", "copies"), [(4, 6), (8, 21), (12, 86), (16, 353), (20, 1435)])
def test_fewest_copies_for_the_principal_component_at_a_target_of_70_percent(qubits, copies):
    assert math.ceil(copies_for_principal_component(0.7, qubits=qubits)) == copies


@pytest.mark.parametrize("names", SETTINGS)
@given(target=st.floats(0.5001, 0.9999), qubits=st.integers(2, 100))
@repeatable
def test_accuracy_at_the_required_copies_is_the_target(names, target, qubits):
    accuracy, copies = names
    required = copies(target, qubits=qubits)
    assert accuracy(required, qubits=qubits) == pytest.approx(target, abs=1e-12)


@pytest.mark.parametrize("names", SETTINGS)
@pytest.mark.parametrize("qubits", [2, 7, 20])
@pytest.mark.parametrize("copies", [1.25, 2, 3.5, 6])
def test_copies_required_at_an_accuracy_are_those_copies(names, qubits, copies):
    accuracy, required = names
    assert required(accuracy(copies, qubits=qubits), qubits=qubits) == pytest.approx(copies)


@pytest.mark.parametrize("accuracy", BOUNDS)
@given(copies=st.floats(0, 1e7), more=st.floats(0, 1e3), qubits=st.integers(2, 60))
@repeatable
def test_accuracy_grows_with_the_copies(accuracy, copies, more, qubits):
    fewer = accuracy(copies, qubits=qubits)
    assert 0.5 <= fewer <= accuracy(copies + more, qubits=qubits) + 1e-9 <= 1 + 1e-9


@pytest.mark.parametrize("accuracy", BOUNDS)
@given(copies=st.floats(2, 1e5), qubits=st.integers(2, 25))
@repeatable
def test_accuracy_falls_with_the_qubits(accuracy, copies, qubits):
    assert accuracy(copies, qubits=qubits + 1) <= accuracy(copies, qubits=qubits) + 1e-14


@pytest.mark.parametrize("accuracy", BOUNDS)
@pytest.mark.parametrize("copies", [2, 30, 2**20])
def test_accuracy_between_whole_numbers_is_linear(accuracy, copies):
    steps = [accuracy(copies + share, qubits=12) for share in np.linspace(0, 1, 9)]
    np.testing.assert_allclose(np.diff(steps, 2), 0, atol=1e-14)


@pytest.mark.parametrize("accuracy", BOUNDS)
@pytest.mark.parametrize("copies", [0, 0.5, 1])
def test_one_copy_tells_nothing(accuracy, copies):
    assert accuracy(copies, qubits=3) == 0.5


def test_a_copy_with_a_gain_is_enough_for_less():
    """Half of a gain of 0.4 is found by interpolation below one copy."""
    found = least_copies(lambda copies, qubits: 1 - 0.6**copies, 0.6, 4)
    assert found == pytest.approx(0.5)


@pytest.mark.parametrize("names", SETTINGS)
def test_targets_at_the_ends_of_the_interval_have_an_answer(names):
    accuracy, copies = names
    least, most = math.nextafter(0.5, 1), math.nextafter(1, 0)
    assert copies(least, qubits=2) == pytest.approx(1)
    assert accuracy(copies(most, qubits=2), qubits=2) == pytest.approx(1, abs=1e-15)


# Values: the product itself, the binomial average itself, and the limit of many qubits.


def exact_gain(copies, dimension):
    """1 - g as a direct product, with no digit lost."""
    return -math.expm1(-math.fsum(math.log1p(j / dimension) for j in range(copies)))


@pytest.mark.parametrize("qubits", [1, 2, 4, 5, 6, 7, 8, 12, 16, 20, 30])
def test_gain_agrees_with_the_direct_product(qubits):
    copies = [0, 1, 2, 3, 17, 63, 64, 65, 66, 100, 500, 3000, 40_000]
    expected = np.array([exact_gain(t, 2**qubits) for t in copies])
    gains = collision_gain(np.array(copies, dtype=float), dimension=2.0**qubits)
    np.testing.assert_allclose(gains, expected, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("qubits", [2, 4, 8, 12])
@pytest.mark.parametrize("copies", [0, 1, 2, 3, 10, 11, 200, 301])
def test_principal_accuracy_agrees_with_the_binomial_average(qubits, copies):
    mean = sum(
        math.comb(copies, s) / 2**copies * exact_gain(max(s, copies - s), 2 ** (qubits - 1))
        for s in range(copies + 1)
    )
    accuracy = largest_principal_accuracy(copies, qubits=qubits)
    assert accuracy == pytest.approx(0.5 + mean / 2, abs=1e-13)


@pytest.mark.parametrize("copies", [2**15, 2**20 - 1, 2**20, 2**20 + 1, 2**21, 2**22 + 1])
@pytest.mark.parametrize("further", [-2, 0, 3])
def test_average_over_many_copies_agrees_with_the_binomial_one(copies, further):
    qubits = 2 * round(math.log2(copies)) + further
    middle, width = copies // 2, 6 * round(math.sqrt(copies))
    s = np.arange(middle - width, middle + width)
    chances = stats.binom(copies, 0.5).pmf(s)
    gains = collision_gain(np.maximum(s, copies - s).astype(float), dimension=2.0 ** (qubits - 1))
    expected = 0.5 + chances @ gains / chances.sum() / 2
    assert 0.505 < expected < 0.9
    assert largest_principal_accuracy(copies, qubits=qubits) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("qubits", [100, 999, 1000])
@pytest.mark.parametrize("target", [0.6, 0.7, 0.95])
def test_many_qubits_approach_the_limit_without_overflow(qubits, target):
    # ln g tends to -T²/2d, and max(S, T - S) to T/2.
    scale, loss = 2.0 ** (qubits / 2), -math.log(2 - 2 * target)
    purity = copies_to_test_purity(target, qubits=qubits)
    principal = copies_for_principal_component(target, qubits=qubits)
    assert purity / scale == pytest.approx(math.sqrt(2 * loss), rel=1e-12)
    assert principal / scale == pytest.approx(math.sqrt(4 * loss), rel=1e-6)
    assert largest_purity_accuracy(purity, qubits=qubits) == pytest.approx(target, abs=1e-12)
    assert largest_principal_accuracy(principal, qubits=qubits) == pytest.approx(target, abs=1e-12)


@pytest.mark.parametrize("accuracy", BOUNDS)
def test_any_number_of_copies_is_accepted(accuracy):
    assert accuracy(1e9, qubits=1000) == 0.5
    assert accuracy(1.7e308, qubits=1000) == 1
    assert accuracy(1.7e308, qubits=2) == 1


@pytest.mark.parametrize("copies", INVERSES)
@pytest.mark.parametrize("target", [1, 0.5, 0.3, 1.2, math.nan])
def test_target_outside_the_open_interval_is_refused_by_value(copies, target):
    with pytest.raises(ValueError, match=f"target .* not {target}"):
        copies(target, qubits=2)


@pytest.mark.parametrize(("names", "fewest"), [(PURITY, 1), (PRINCIPAL, 2)])
@pytest.mark.parametrize("excess", [-1, 1001])
def test_qubits_out_of_range_are_refused_by_value(names, fewest, excess):
    accuracy, copies = names
    qubits = fewest - 1 if excess < 0 else excess
    with pytest.raises(ValueError, match=f"between {fewest} and 1000, not {qubits}"):
        accuracy(1, qubits=qubits)
    with pytest.raises(ValueError, match=f"between {fewest} and 1000, not {qubits}"):
        copies(0.7, qubits=qubits)


@pytest.mark.parametrize("accuracy", BOUNDS)
@pytest.mark.parametrize("copies", [-1, math.inf, math.nan])
def test_copies_that_are_no_number_of_copies_are_refused_by_value(accuracy, copies):
    with pytest.raises(ValueError, match=f"copies .* got {copies}"):
        accuracy(copies, qubits=2)


# The steps of the proof.


def gram_permanent(vectors):
    gram = vectors.conj() @ vectors.T
    rows = np.arange(len(gram))
    return sum(gram[rows, list(p)].prod() for p in itertools.permutations(rows)).real


def likelihood(vectors):
    """d^T E ∏|<φ|ψ>|² in closed form."""
    copies, dimension = vectors.shape
    return gram_permanent(vectors) / math.prod(1 + j / dimension for j in range(copies))


@given(st.integers(0, 2**32), st.integers(1, 6), st.integers(1, 5))
@repeatable
def test_permanent_of_a_gram_matrix_of_unit_vectors_is_at_least_one(seed, copies, dimension):
    vectors = random_vectors(copies, dimension, np.random.default_rng(seed))
    assert gram_permanent(vectors) >= 1 - 1e-12


@pytest.mark.parametrize("seed", range(4))
def test_closed_form_of_the_likelihood_agrees_with_sampled_states(seed):
    rng = np.random.default_rng(seed)
    vectors = random_vectors(3, 3, rng)
    overlaps = np.abs(random_vectors(200_000, 3, rng) @ vectors.conj().T) ** 2
    samples = 3**3 * overlaps.prod(axis=1)
    error = samples.std(ddof=1) / math.sqrt(samples.size)
    assert abs(samples.mean() - likelihood(vectors)) < 4 * error


# The theorem, by brute force: the exact success of computational-basis measurements. Given the
# counts c_b of the outcomes, the likelihood relative to the maximally mixed state is
# ∏ c_b! / ∏_{j<T}(1 + j/d), which depends on the partition of T alone.


def partitions(total, most=None):
    """All lists of positive integers, none above ``most``, in falling order, of a given sum."""
    if total == 0:
        yield ()
    for first in range(min(total, most or total), 0, -1):
        for rest in partitions(total - first, first):
            yield (first, *rest)


@functools.cache
def counted_partitions(copies):
    """For all partitions: their lengths, the orders of their outcomes, and ∏ c_b!."""
    rows = []
    for parts in partitions(copies):
        products = math.prod(map(math.factorial, parts))
        # Parts that are equal may change places.
        repeats = math.prod(map(math.factorial, collections.Counter(parts).values()))
        rows.append((len(parts), math.factorial(copies) // products / repeats, products))
    lengths, orders, products = zip(*rows, strict=True)
    return np.array(lengths), np.array(orders), np.array(products, dtype=float)


@functools.cache
def basis_likelihoods(copies, dimension):
    """Chances under the maximally mixed state and likelihoods of all partitions, shape (2, m)."""
    lengths, orders, products = counted_partitions(copies)
    places = np.array([math.perm(dimension, length) for length in range(copies + 1)], dtype=float)
    transcripts = orders * places[lengths]
    norm = math.prod(1 + j / dimension for j in range(copies))
    return np.array([transcripts / dimension**copies, products / norm])


def basis_purity_success(copies, qubits):
    chances, ratios = basis_likelihoods(copies, 2**qubits)
    return 1 - chances @ np.minimum(ratios, 1) / 2


def basis_principal_success(copies, qubits):
    overlap = 0.0
    for s in range(copies + 1):
        (p, a), (q, b) = (basis_likelihoods(t, 2 ** (qubits - 1)) for t in (s, copies - s))
        overlap += math.comb(copies, s) / 2**copies * (p @ np.minimum.outer(a, b) @ q)
    return 1 - overlap / 2


@pytest.mark.parametrize(("copies", "qubits"), [(1, 2), (5, 1), (7, 3), (20, 8)])
def test_chances_of_partitions_add_up_under_both_states(copies, qubits):
    chances, ratios = basis_likelihoods(copies, 2**qubits)
    assert chances.sum() == pytest.approx(1)
    assert chances @ ratios == pytest.approx(1)


@pytest.mark.parametrize("qubits", range(2, 9))
def test_no_basis_measurement_beats_the_purity_bound(qubits):
    successes = [basis_purity_success(copies, qubits) for copies in range(1, 33)]
    bounds = [largest_purity_accuracy(copies, qubits=qubits) for copies in range(1, 33)]
    assert (np.array(successes) <= np.array(bounds) + 1e-12).all()
    assert successes[-1] > 0.7


@pytest.mark.parametrize("qubits", range(2, 9))
def test_no_basis_measurement_beats_the_principal_component_bound(qubits):
    successes = [basis_principal_success(copies, qubits) for copies in range(1, 19)]
    bounds = [largest_principal_accuracy(copies, qubits=qubits) for copies in range(1, 19)]
    assert (np.array(successes) <= np.array(bounds) + 1e-12).all()
    assert successes[-1] > 0.54


# The same with any bases, from density matrices and Born's rule alone.


def haar_moment(copies, dimension):
    """E of ψ⊗…⊗ψ, the normalised projector on the symmetric subspace, shape (d^T, d^T)."""
    identity = np.eye(dimension**copies).reshape((dimension,) * copies + (-1,))
    total = sum(
        identity.transpose(*order, copies).reshape(dimension**copies, -1)
        for order in itertools.permutations(range(copies))
    )
    return total / np.trace(total)


def icosahedron_states():
    """Twelve qubit states whose mean ψ⊗…⊗ψ is that of Haar-random ones up to five copies."""
    golden = (1 + math.sqrt(5)) / 2
    corners = [(0, s, t * golden) for s in (1, -1) for t in (1, -1)]
    axes = np.array([np.roll(corner, shift) for corner in corners for shift in range(3)])
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    paulis = np.array([cirq.unitary(gate) for gate in (cirq.X, cirq.Y, cirq.Z)])
    return (np.eye(2) + np.einsum("sa,aij->sij", axes, paulis)) / 2


def flagged_states():
    """ρ₀ and ρ₁ on a flag and one qubit for every ψ of the icosahedron, shape (2, states, 4, 4)."""
    flags = np.array([np.diag([1, 0]), np.diag([0, 1])])
    states = icosahedron_states()
    return np.array(
        [
            [(np.kron(flags[c], psi) + np.kron(flags[1 - c], np.eye(2) / 2)) / 2 for psi in states]
            for c in (0, 1)
        ]
    )


def random_bases(count, dimension, seed):
    """Haar-random unitaries, shape (count, d, d), the basis states in the columns."""
    rng = np.random.default_rng(seed)
    seeds = rng.integers(2**31, size=count)
    return np.array([cirq.testing.random_unitary(dimension, random_state=int(s)) for s in seeds])


def bases_with_flag():
    """Bases of a flag and a qubit: products, a change of basis behind the flag, Bell, random."""
    h, one = cirq.unitary(cirq.H), np.eye(2)
    behind = np.kron(np.diag([1, 0]), one) + np.kron(np.diag([0, 1]), h)
    bell = cirq.unitary(cirq.CNOT) @ np.kron(h, one)
    return np.array([np.eye(4), np.kron(one, h), behind, bell, *random_bases(1, 4, 3)])


def best_adaptive_success(vectors, copies, overlap):
    """The best adaptive choice among some bases, by backward induction.

    Args:
        vectors: (bases, outcomes, d) basis states.
        copies: T.
        overlap: The smaller of the two chances of a transcript, given the numbers of its states.
    """
    bases, outcomes = vectors.shape[:2]

    @functools.cache
    def least(history):
        if len(history) == copies:
            return overlap(history)
        return min(
            sum(least(tuple(sorted((*history, b * outcomes + o)))) for o in range(outcomes))
            for b in range(bases)
        )

    return 1 - least(()) / 2


@pytest.mark.parametrize("copies", range(1, 6))
def test_icosahedron_has_the_moments_of_haar_random_states(copies):
    powers = [functools.reduce(np.kron, [psi] * copies) for psi in icosahedron_states()]
    np.testing.assert_allclose(np.mean(powers, axis=0), haar_moment(copies, 2), atol=1e-14)


@pytest.mark.parametrize(("qubits", "most"), [(1, 5), (2, 3)])
def test_no_adaptive_choice_of_bases_beats_the_purity_bound(qubits, most):
    dimension = 2**qubits
    bases = np.array([np.eye(dimension), *random_bases(3, dimension, seed=5)])
    vectors = bases.transpose(0, 2, 1)
    flat = vectors.reshape(-1, dimension)
    fixed = [basis_purity_success(copies, qubits) for copies in range(most + 1)]
    for copies in range(1, most + 1):
        moment = haar_moment(copies, dimension)

        def overlap(history, moment=moment):
            product = functools.reduce(np.kron, flat[list(history)])
            return min((product.conj() @ moment @ product).real, dimension ** -len(history))

        best = best_adaptive_success(vectors, copies, overlap)
        assert fixed[copies] - 1e-12 <= best
        assert best <= largest_purity_accuracy(copies, qubits=qubits) + 1e-12


@pytest.mark.parametrize("copies", range(1, 5))
def test_no_adaptive_choice_of_bases_beats_the_principal_component_bound(copies):
    vectors = bases_with_flag().transpose(0, 2, 1)
    flat = vectors.reshape(-1, 4)
    chances = np.einsum("vi,csij,vj->vcs", flat.conj(), flagged_states(), flat).real

    def overlap(history):
        return chances[list(history)].prod(axis=0).mean(axis=1).min()

    best = best_adaptive_success(vectors, copies, overlap)
    assert basis_principal_success(copies, 2) - 1e-12 <= best
    assert best <= largest_principal_accuracy(copies, qubits=2) + 1e-12


@pytest.mark.parametrize("qubits", [6, 9])
def test_bounds_are_nearly_reached_with_two_copies(qubits):
    purity = 2 * largest_purity_accuracy(2, qubits=qubits) - 1
    principal = 2 * largest_principal_accuracy(2, qubits=qubits) - 1
    few = 2.5 / 2**qubits
    assert 2 * basis_purity_success(2, qubits) - 1 == pytest.approx(purity, rel=few)
    assert 2 * basis_principal_success(2, qubits) - 1 == pytest.approx(principal, rel=few)


def test_brute_force_agrees_with_a_hand_calculation():
    # Two outcomes in a basis: equal with chance 2/(d + 1) for a Haar-random state, 1/d for none.
    assert basis_purity_success(2, 3) == pytest.approx(0.5 + (2 / 9 - 1 / 8) / 2)
