import functools
import itertools
import math

import cirq
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from quantum_advantage.bounds.hidden_pauli import (
    GAMES,
    concave_gain,
    copies_required,
    largest_conventional_accuracy,
    memory_reference,
)
from quantum_advantage.core.usage import UsageError

repeatable = settings(derandomize=True, deadline=None)
alphas = st.floats(0.05, 0.99)


@pytest.mark.parametrize(
    ("alpha", "game", "target", "factor"),
    [
        (0.9, "two", 0.7, 0.5514),
        (0.9, "two", 0.9, 1.7295),
        (0.95, "two", 0.7, 0.353),
        (0.95, "two", 0.9, 1.209),
        (0.5, "two", 0.7, 2.565),
        (1 - 1e-9, "two", 0.7, 1 - math.sqrt(0.6)),
        (0.9, "one", 0.7, 0.709),
        (0.95, "one", 0.7, 0.582),
    ],
)
def test_copies_required_at_many_qubits(alpha, game, target, factor):
    copies = copies_required(target, qubits=20, alpha=alpha, game=game)
    assert copies / (2**20 + 1) == pytest.approx(factor, abs=6e-4)


@pytest.mark.parametrize(
    ("qubits", "factors"),
    [(1, (0.3545, 0.980)), (2, (0.5012, 1.439)), (3, (0.5394, 1.660)), (4, (0.5484, 1.712))],
)
def test_copies_required_at_few_qubits_are_the_largest_of_the_bounds(qubits, factors):
    for target, factor in zip((0.7, 0.9), factors, strict=True):
        copies = copies_required(target, qubits=qubits)
        assert copies / (2**qubits + 1) == pytest.approx(factor, abs=6e-4)


@given(st.floats(0.51, 0.999), st.integers(1, 60), alphas, st.sampled_from(GAMES))
@repeatable
def test_accuracy_at_the_required_copies_is_the_target(target, qubits, alpha, game):
    copies = copies_required(target, qubits=qubits, alpha=alpha, game=game)
    accuracy = largest_conventional_accuracy(copies, qubits=qubits, alpha=alpha, game=game)
    assert accuracy == pytest.approx(target, abs=1e-9)


@pytest.mark.parametrize("hits", range(6))
def test_gain_at_an_integer_is_the_closed_form(hits):
    assert concave_gain(hits, 0.6) == pytest.approx(1 - 0.8**hits, abs=1e-14)


def test_gain_between_integers_is_linear():
    steps = np.array([concave_gain(2 + share, 0.9) for share in np.linspace(0, 0.999, 9)])
    np.testing.assert_allclose(np.diff(steps, 2), 0, atol=1e-14)


@given(st.floats(0, 40), st.floats(0, 40), st.floats(0, 1), alphas)
@repeatable
def test_gain_is_concave(first, second, share, alpha):
    between = concave_gain(share * first + (1 - share) * second, alpha)
    chord = share * concave_gain(first, alpha) + (1 - share) * concave_gain(second, alpha)
    assert between >= chord - 1e-12


@given(st.floats(0, 1e6), st.integers(1, 30), alphas)
@repeatable
def test_game_two_at_t_copies_is_at_most_game_one_at_twice_as_many(copies, qubits, alpha):
    two = largest_conventional_accuracy(copies, qubits=qubits, alpha=alpha, game="two")
    one = largest_conventional_accuracy(2 * copies, qubits=qubits, alpha=alpha, game="one")
    assert two <= one + 1e-12


@pytest.mark.parametrize("game", GAMES)
def test_no_copies_leave_a_guess(game):
    assert largest_conventional_accuracy(0, qubits=3, game=game) == 0.5


@pytest.mark.parametrize("game", GAMES)
def test_thousand_qubits_do_not_overflow(game):
    copies = copies_required(0.7, qubits=1000, game=game)
    factor = copies_required(0.7, qubits=20, game=game) / (2**20 + 1)
    assert copies == pytest.approx(factor * 2.0**1000)
    accuracy = largest_conventional_accuracy(copies, qubits=1000, game=game)
    assert accuracy == pytest.approx(0.7, abs=1e-9)
    assert largest_conventional_accuracy(1e9, qubits=1000, game=game) == 0.5


@pytest.mark.parametrize("alpha", [0, 1, -0.5, 1.5, math.nan])
def test_alpha_outside_the_open_interval_is_refused_by_value(alpha):
    with pytest.raises(ValueError, match=rf"alpha .* not {alpha}"):
        largest_conventional_accuracy(1, qubits=2, alpha=alpha)
    with pytest.raises(ValueError, match=rf"alpha .* not {alpha}"):
        copies_required(0.7, qubits=2, alpha=alpha)


@pytest.mark.parametrize("target", [1, 0.5, 0.3, 1.2, math.nan])
def test_target_outside_the_open_interval_is_refused_by_value(target):
    with pytest.raises(ValueError, match=f"target .* not {target}"):
        copies_required(target, qubits=2)


def test_unknown_game_is_refused_by_name():
    with pytest.raises(ValueError, match="'three'"):
        largest_conventional_accuracy(1, qubits=2, game="three")
    with pytest.raises(ValueError, match="'three'"):
        copies_required(0.7, qubits=2, game="three")


def test_fewer_than_one_qubit_is_refused_by_value():
    with pytest.raises(ValueError, match=r"qubits .* not 0"):
        copies_required(0.7, qubits=0)


def test_negative_copies_are_refused_by_value():
    with pytest.raises(ValueError, match="not -1"):
        largest_conventional_accuracy(-1, qubits=2)


def test_memory_reference_takes_the_smaller_of_its_two_terms():
    assert memory_reference(qubits=3, memory=0, alpha=0.5) == 8 * 4
    assert memory_reference(qubits=3, memory=2, alpha=0.5) == 2 * 16
    assert memory_reference(qubits=3, memory=3, alpha=0.5) == 16


@pytest.mark.parametrize("memory", [-1, 4])
def test_memory_outside_the_qubits_is_refused_by_value(memory):
    with pytest.raises(ValueError, match=f"not {memory}"):
        memory_reference(qubits=3, memory=memory)


# The theorem, by brute force: the exact success of the best decision, from density matrices and
# Born's rule alone, summed over all transcripts.

# Generators of a complete set of mutually unbiased bases.
UNBIASED = {1: ["X", "Y", "Z"], 2: ["XI IX", "YI IY", "ZI IZ", "XY YZ", "YX ZY"]}


def pauli_matrix(text):
    return cirq.unitary(cirq.DensePauliString(text))


def hidden_states(qubits, alpha):
    """All states (I + s alpha P)/2^n, shape (strings, signs, d, d)."""
    texts = ["".join(row) for row in itertools.product("IXYZ", repeat=qubits)][1:]
    identity = np.eye(2**qubits)
    return np.array(
        [[(identity + s * alpha * pauli_matrix(p)) / 2**qubits for s in (1, -1)] for p in texts]
    )


def outcome_chances(basis, states):
    """Born's rule for the columns of a basis, shape (outcomes, strings, signs)."""
    return np.einsum("io,psij,jo->ops", basis.conj(), states, basis).real


def unbiased_chances(qubits, alpha):
    """The same for every unbiased basis, shape (bases, outcomes, strings, signs)."""
    states = hidden_states(qubits, alpha)
    bases = []
    for generators in UNBIASED[qubits]:
        weights = (1, 2.5)  # four different eigenvalues, so the eigenvectors are those of both
        matrices = (w * pauli_matrix(g) for w, g in zip(weights, generators.split(), strict=False))
        bases.append(np.linalg.eigh(sum(matrices))[1])
    return np.array([outcome_chances(basis, states) for basis in bases])


def decided_rightly(likelihoods, game):
    """Success summed over transcripts; likelihoods (transcripts, strings), the mean over signs.

    The likelihoods sum to one over the transcripts for every string; ``one`` compares with the
    maximally mixed state, whose transcripts are equally likely.
    """
    if game == "one":
        none = 1 / likelihoods.shape[0]
        return np.maximum(likelihoods, none).sum(axis=0).mean() / 2
    pairs = np.maximum(likelihoods[:, :, None], likelihoods[:, None, :]).sum(axis=0) / 2
    strings = pairs.shape[0]
    return (pairs.sum() - np.trace(pairs)) / (strings * (strings - 1))


def success(sequence, game):
    """Exact success of the best decision after measuring one copy in each basis of a sequence."""
    joint = np.ones((1, *sequence[0].shape[1:]))
    for chances in sequence:
        joint = (joint[:, None] * chances[None]).reshape(-1, *chances.shape[1:])
    return decided_rightly(joint.mean(axis=2), game)


def best_adaptive_success(chances, copies, game):
    """The same for the best adaptive choice among some bases, by backward induction."""
    bases, outcomes = chances.shape[:2]
    flat = chances.reshape(bases * outcomes, *chances.shape[2:])

    @functools.cache
    def value(history):
        if len(history) < copies:
            return max(
                sum(value(tuple(sorted((*history, b * outcomes + o)))) for o in range(outcomes))
                for b in range(bases)
            )
        likelihood = flat[list(history)].prod(axis=0).mean(axis=1)
        if game == "one":
            return np.maximum(likelihood, outcomes**-copies).mean() / 2
        strings = likelihood.size
        larger = np.sort(likelihood) @ np.arange(strings)  # the k-th smallest wins k pairs
        return larger / (strings * (strings - 1))

    return value(())


def bound(copies, qubits, alpha, game):
    return largest_conventional_accuracy(copies, qubits=qubits, alpha=alpha, game=game) + 1e-12


def test_brute_force_agrees_with_a_hand_calculation():
    # Two Z measurements: equal and unequal outcomes have likelihoods (1 ± alpha^2)/4 if P = Z.
    z = unbiased_chances(1, 0.9)[2]
    assert success([z, z], "one") == pytest.approx(0.5 + 0.9**2 / 4 / 3)
    assert success([z, z], "two") == pytest.approx(0.5 + 0.9**2 / 4 * 2 / 3)


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize("alpha", [0.5, 0.9, 0.99])
@pytest.mark.parametrize(("qubits", "most"), [(1, 6), (2, 5)])
def test_no_sequence_of_unbiased_bases_beats_the_bound(qubits, most, alpha, game):
    chances = unbiased_chances(qubits, alpha)
    for copies in range(1, most + 1):
        sequences = itertools.combinations_with_replacement(chances, copies)
        best = max(success(sequence, game) for sequence in sequences)
        assert best <= bound(copies, qubits, alpha, game)
        assert copies == 1 or best > 0.5 + alpha**2 / 50


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize("alpha", [0.5, 0.99])
@pytest.mark.parametrize(("qubits", "most"), [(1, 6), (2, 4)])
def test_no_adaptive_choice_of_unbiased_bases_beats_the_bound(qubits, most, alpha, game):
    chances = unbiased_chances(qubits, alpha)
    fixed = max(
        success(sequence, game)
        for sequence in itertools.combinations_with_replacement(chances, most)
    )
    adaptive = best_adaptive_success(chances, most, game)
    assert fixed - 1e-12 <= adaptive <= bound(most, qubits, alpha, game)


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize(("qubits", "copies"), [(1, 3), (1, 8), (2, 2), (2, 4)])
def test_no_sequence_of_random_bases_beats_the_bound(qubits, copies, game):
    rng = np.random.default_rng(11)
    states = hidden_states(qubits, 0.9)
    for _ in range(20):
        unitaries = [
            cirq.testing.random_unitary(2**qubits, random_state=int(rng.integers(2**31)))
            for _ in range(copies)
        ]
        sequence = [outcome_chances(unitary, states) for unitary in unitaries]
        assert 0.5 < success(sequence, game) <= bound(copies, qubits, 0.9, game)


def best_povm_success(vectors, copies, game, alpha):
    """The best adaptive choice of any POVM of these vectors, by a linear program a history.

    An element w|φ⟩⟨φ| multiplies the likelihood by w ⟨φ|ρ|φ⟩, and the elements of a POVM sum to the
    identity; the value after a history is linear in the weights w.
    """
    dimension = vectors.shape[1]
    states = hidden_states(dimension.bit_length() - 1, alpha)
    chances = np.einsum("vi,psij,vj->vps", vectors.conj(), states, vectors).real
    complete = np.einsum("vi,vj->ijv", vectors, vectors.conj()).reshape(dimension**2, -1)
    rows = np.concatenate([complete.real, complete.imag])
    total = np.concatenate([np.eye(dimension).ravel(), np.zeros(dimension**2)])

    @functools.cache
    def value(history):
        if len(history) < copies:
            gains = [value(tuple(sorted((*history, v)))) for v in range(len(vectors))]
            best = optimize.linprog(-np.array(gains), A_eq=rows, b_eq=total)
            return -best.fun
        likelihood = chances[list(history)].prod(axis=0).mean(axis=1)
        if game == "one":
            return np.maximum(likelihood, dimension ** -float(copies)).mean() / 2
        strings = likelihood.size
        return np.sort(likelihood) @ np.arange(strings) / (strings * (strings - 1))

    return value(())


def stabiliser_vectors(qubits):
    """All stabiliser states of one or two qubits, up to phases."""
    entries = itertools.product((0, 1, -1, 1j, -1j), repeat=2**qubits)
    found = []
    for vector in map(np.array, entries):
        size = np.count_nonzero(vector)
        if size == 0 or vector[np.flatnonzero(vector)[0]] != 1:
            continue
        state = vector / math.sqrt(size)
        squares = [abs(state.conj() @ pauli @ state) for pauli in pauli_matrices(qubits)]
        if np.isclose(np.sum(np.isclose(squares, 1)), 2**qubits):
            found.append(state)
    return np.array(found)


def pauli_matrices(qubits):
    texts = map("".join, itertools.product("IXYZ", repeat=qubits))
    return [pauli_matrix(text) for text in texts]


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize(("qubits", "copies", "count"), [(1, 3, 6), (2, 2, 60)])
def test_no_adaptive_povm_beats_the_bound(qubits, copies, count, game):
    stabiliser = stabiliser_vectors(qubits)
    assert len(stabiliser) == count
    rng = np.random.default_rng(5)
    shape = (4, 2**qubits)
    others = rng.standard_normal(shape) + 1j * rng.standard_normal(shape)
    others /= np.linalg.norm(others, axis=1, keepdims=True)
    vectors = np.concatenate([stabiliser, others])
    best = best_povm_success(vectors, copies, game, 0.9)
    assert best_povm_success(stabiliser, copies, game, 0.9) <= best + 1e-9
    assert 0.5 + 0.01 < best <= bound(copies, qubits, 0.9, game) + 1e-9


def test_a_very_weak_signal_keeps_its_digits():
    copies = copies_required(0.7, qubits=2, alpha=1e-9)
    assert largest_conventional_accuracy(copies, qubits=2, alpha=1e-9) == pytest.approx(0.7)


def test_memory_reference_checks_the_signal():
    with pytest.raises(ValueError, match="alpha"):
        memory_reference(qubits=2, memory=1, alpha=0)


def test_numbers_of_numpy_do_not_wrap_around():
    for kind in (np.int64, float, int):
        assert copies_required(np.float64(0.7), qubits=kind(70)) == copies_required(0.7, qubits=70)
        found = largest_conventional_accuracy(kind(10**6), qubits=kind(70))
        assert found == largest_conventional_accuracy(10**6, qubits=70)


@pytest.mark.parametrize(
    ("copies", "asked", "told"),
    [
        ("1", {"qubits": 5}, "copies must be a number"),
        (-1, {"qubits": 5}, "copies must be a number, at least 0, not -1"),
        ([1], {"qubits": 5}, "copies must be a number"),
        (1, {"qubits": "5"}, "qubits must be a whole number"),
        (1, {"qubits": 5.5}, "qubits must be a whole number"),
        (1, {"qubits": 5, "alpha": "x"}, "alpha must lie strictly between 0 and 1, not 'x'"),
        (1, {"qubits": 5, "game": ["two"]}, "game must be one of two, one"),
    ],
)
def test_what_is_no_number_is_refused_in_a_line(copies, asked, told):
    with pytest.raises(UsageError, match=told):
        largest_conventional_accuracy(copies, **asked)
