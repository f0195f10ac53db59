import functools
import itertools

import cirq
import numpy as np
import pytest
from drawn_states import mixed_state
from pauli_records import (
    assert_unbiased_with_stated_error,
    digits,
    draw,
    draw_bits,
    laws_of,
    pauli_laws,
    pauli_projections,
    purity_of,
    shadow_records,
)
from scipy import stats

from quantum_advantage.core.standard_errors import sign_error
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.haar.collisions import unbiased_purity
from quantum_advantage.inference.shadows import shot_pairs
from quantum_advantage.inference.shadows.purity import (
    grouped_purities,
    grouped_purity,
    grouped_purity_prefixes,
    shadow_purities,
    shadow_purity,
    shadow_purity_prefixes,
)
from quantum_advantage.measurements.stabiliser import stabiliser_basis_change
from quantum_advantage.measurements.unbiased_bases import unbiased_basis_dial

RECORDS = 600


@functools.cache
def unbiased_projections(qubits):
    """The bras of all outcomes of the 2ⁿ + 1 unbiased bases."""
    line = cirq.LineQubit.range(qubits)
    dial = unbiased_basis_dial(qubits)
    circuit = cirq.Circuit(stabiliser_basis_change(line))
    resolved = (
        cirq.resolve_parameters(circuit, dict(zip(dial.symbols, values, strict=True)))
        for values in dial.positions
    )
    return np.array([step.unitary(qubit_order=line) for step in resolved])


def brute_force(bases, bits):
    """The values of all pairs by a loop over pairs and qubits."""
    shots = len(bits)
    values = np.zeros((shots, shots))
    for i, j in itertools.permutations(range(shots), 2):
        same, equal = bases[i] == bases[j], bits[i] == bits[j]
        values[i, j] = np.prod(np.where(same, np.where(equal, 5.0, -4.0), 0.5))
    return values


@pytest.mark.parametrize("qubits", [1, 2, 3])
def test_mean_of_a_pair_of_one_basis_over_all_bases_is_the_purity(qubits):
    state, size = mixed_state(qubits), 2**qubits
    pairs = np.array(list(itertools.product(range(size), repeat=2)))
    values = grouped_purity_prefixes(digits(pairs, 2, qubits), 2, [2]).reshape(size, size)
    means = [law @ values @ law for law in pauli_laws(state)]
    assert np.mean(means) == pytest.approx(purity_of(state), abs=1e-12)


@pytest.mark.parametrize("qubits", [1, 2, 3])
def test_mean_of_a_pair_of_shadows_over_all_bases_is_the_purity(qubits):
    state, size = mixed_state(qubits), 6**qubits
    law = pauli_laws(state).ravel() / 3**qubits
    pairs = np.array(list(itertools.product(range(size), repeat=2)))
    bases, outcomes = np.divmod(pairs, 2**qubits)
    values = shadow_purity_prefixes(digits(bases, 3, qubits), digits(outcomes, 2, qubits), [2])
    assert law @ values.reshape(size, size) @ law == pytest.approx(purity_of(state), abs=1e-12)


def test_values_of_one_basis_follow_the_hamming_distance():
    bits = np.array([[[0, 0, 0], row] for row in itertools.product((0, 1), repeat=3)], np.uint8)
    expected = 8 * (-2.0) ** -bits[:, 1].sum(axis=1, dtype=float)
    assert grouped_purity_prefixes(bits, 2, [2])[:, 0].tolist() == expected.tolist()


@pytest.mark.parametrize("pairs_at_once", [1, 300, 2**16])
def test_shadows_are_those_of_a_loop_over_pairs_in_blocks_of_any_size(monkeypatch, pairs_at_once):
    monkeypatch.setattr(shot_pairs, "PAIRS_AT_ONCE", pairs_at_once)
    rng = np.random.default_rng(2)
    bases = rng.integers(0, 3, (3, 14, 4), dtype=np.uint8)
    bits = rng.integers(0, 2, (3, 14, 4), dtype=np.uint8)
    prefixes = [1, 2, 3, 9, 14]
    found = shadow_purity_prefixes(bases, bits, prefixes)
    for record, row in enumerate(found):
        values = brute_force(bases[record], bits[record])
        expected = [values[:t, :t].sum() / max(t * (t - 1), 1) for t in prefixes]
        np.testing.assert_allclose(row, expected, rtol=1e-12)
        estimate, error = shadow_purity(bases[record], bits[record])
        assert estimate == pytest.approx(expected[-1])
        assert error == pytest.approx(error_by_distinct_shots(values))


def error_by_distinct_shots(values):
    """The standard error with the three moments as means over tuples of distinct shots."""
    shots = len(values)
    three = np.mean(
        [values[i, j] * values[i, k] for i, j, k in itertools.permutations(range(shots), 3)]
    )
    four = np.mean(
        [values[i, j] * values[k, m] for i, j, k, m in itertools.permutations(range(shots), 4)]
    )
    pairs = shots * (shots - 1)
    linear = 4 * (shots - 2) * (three - four) / pairs
    largest = max((values**2).sum() / pairs, 7.5**4)
    rest = 2 * (largest - min((values.sum() / pairs) ** 2, 1)) / pairs
    rows = values.sum(axis=1) / (shots - 1)
    jackknife = 4 * (shots - 1) / shots / (shots - 2) ** 2 * ((rows - rows.mean()) ** 2).sum()
    return np.sqrt(max(max(linear, 0) + rest, jackknife))


@pytest.mark.parametrize("qubits", [1, 2, 3])
def test_mean_square_of_a_pair_of_shadows_is_that_of_the_purities_of_all_parts(qubits):
    """E h² = Σ_S 6.5^(k - |S|) tr(ρ_S²), at most 7.5ᵏ, and 7ᵏ for I/d."""
    state = mixed_state(qubits)
    law = pauli_laws(state).ravel() / 3**qubits
    pairs = np.array(list(itertools.product(range(6**qubits), repeat=2)))
    bases, outcomes = np.divmod(pairs, 2**qubits)
    values = shadow_purity_prefixes(digits(bases, 3, qubits), digits(outcomes, 2, qubits), [2])
    found = law @ values.reshape(6**qubits, 6**qubits) ** 2 @ law
    parts = [s for k in range(qubits + 1) for s in itertools.combinations(range(qubits), k)]
    tensor = state.reshape((2,) * (2 * qubits))
    expected = sum(
        6.5 ** (qubits - len(s))
        * purity_of(cirq.partial_trace(tensor, s).reshape(2 ** len(s), 2 ** len(s)))
        for s in parts
    )
    assert found == pytest.approx(expected)
    assert 7**qubits < found < 7.5**qubits


@pytest.mark.parametrize("times", [5, 30])
@pytest.mark.parametrize("pairs_at_once", [1, 50, 2**16])
def test_grouped_prefixes_are_those_of_a_loop_over_pairs(monkeypatch, pairs_at_once, times):
    monkeypatch.setattr(shot_pairs, "PAIRS_AT_ONCE", pairs_at_once)
    bits = np.random.default_rng(3).integers(0, 2, (4, 17, 3), dtype=np.uint8)
    prefixes = [1, 2, 5, 6, 7, 10, 17]
    found = grouped_purity_prefixes(bits, times, prefixes)
    for record, row in zip(bits, found, strict=True):
        for end, value in zip(prefixes, row, strict=True):
            values = [
                8 * (-2.0) ** -float((record[i] != record[j]).sum())
                for i, j in itertools.combinations(range(end), 2)
                if i // times == j // times
            ]
            assert value == pytest.approx(np.mean(values) if values else 0, abs=1e-12)


def test_grouped_estimate_of_whole_settings_is_that_of_the_prefixes():
    bits = np.random.default_rng(4).integers(0, 2, (6, 9, 20), dtype=np.uint8)
    (expected,) = grouped_purity_prefixes(bits.reshape(1, 54, 20), 9, [54])[0]
    estimate, error = grouped_purity(bits)
    assert estimate == pytest.approx(expected)
    means = [grouped_purity(setting[None])[0] for setting in bits]
    farthest, largest = np.abs(means - np.mean(means)).max(), np.abs(means).max()
    parts = np.std(means, ddof=1) / np.sqrt(6), farthest / 6, 3 * largest / 9 / 6
    assert error == pytest.approx(np.sqrt(np.square(parts).sum()))


def test_bases_used_once_have_no_pairs():
    bits = np.zeros((2, 5, 3), dtype=np.uint8)
    assert grouped_purity_prefixes(bits, 1, [1, 5]).tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize("qubits", [1, 2, 3])
def test_grouped_purity_is_unbiased_with_the_stated_error(qubits):
    state = mixed_state(qubits, seed=5)
    rng = np.random.default_rng(6)
    _, bits = draw_bits(pauli_laws(state), qubits, (RECORDS, 40), 6, rng)
    estimates, errors = np.array([grouped_purity(record) for record in bits]).T
    assert_unbiased_with_stated_error(estimates, errors, purity_of(state))


@pytest.mark.parametrize("qubits", [1, 2, 3])
def test_shadow_purity_is_unbiased_with_the_stated_error(qubits):
    state = mixed_state(qubits, seed=7)
    bases, bits = shadow_records(state, RECORDS, 100 * qubits, np.random.default_rng(8))
    estimates, errors = np.array([shadow_purity(*r) for r in zip(bases, bits, strict=True)]).T
    assert_unbiased_with_stated_error(estimates, errors, purity_of(state))


def test_shadows_of_many_qubits_keep_their_precision():
    rng = np.random.default_rng(9)
    bases, bits = (rng.integers(0, k, (40, 20), dtype=np.uint8) for k in (3, 2))
    values = brute_force(bases, bits)
    assert shadow_purity(bases, bits)[0] == pytest.approx(values.sum() / (40 * 39), rel=1e-12)


@pytest.mark.parametrize("shots", [2, 3])
def test_errors_of_few_shots_cover_and_one_setting_has_none(shots):
    bits = np.zeros((shots, 2), dtype=np.uint8)
    value, error = shadow_purity(bits, bits)
    assert abs(value - 1) < 1.96 * error < np.inf
    assert grouped_purity(bits[None]) == (4, np.inf)
    value, error = grouped_purity(np.zeros((9, shots, 2), dtype=np.uint8))
    assert abs(value - 1) <= 1.96 * error
    # All values are 0: two equal bits and two unequal pairs.
    value, error = grouped_purity(np.array([[[0], [0], [1]]] * 10))
    assert abs(value - 0.5) <= 1.96 * error


# Mixed Haar-random states of four qubits; the errors are roots of the mean exact variances.
TRUTH = 0.9**2 + 2 * 0.9 * 0.1 / 16 + 0.1**2 / 16
ERRORS = {"bell": 0.0178, "collisions": 0.0514, "shadows": 0.0755, "grouped": 0.0924}
SYSTEMS, COPIES, TIMES = 200, 2048, 16
BASES = np.arange(COPIES) % 17


def tensor_power(matrix):
    return functools.reduce(np.kron, [matrix] * 4)


PAIRS_OF_SHADOWS = tensor_power(np.kron(np.eye(3), [[4.5, -4.5], [-4.5, 4.5]]) + 0.5)
PAIRS_OF_ONE_BASIS = tensor_power(np.array([[2.0, -1.0], [-1.0, 2.0]]))


def pair_variance(laws, kernel, shots):
    """Hoeffding's exact variance of the mean over the pairs of so many shots of each law."""
    conditional = laws @ kernel
    means = (laws * conditional).sum(axis=-1)
    linear = (laws * conditional**2).sum(axis=-1) - means**2
    rest = (laws * (laws @ kernel**2)).sum(axis=-1) - means**2
    return (4 * (shots - 2) * linear + 2 * rest) / (shots * (shots - 1))


def shadow_law(laws):
    """The law of basis and outcome, with basis and bit of each qubit side by side."""
    split = (laws / 81).reshape((3,) * 4 + (2,) * 4)
    return split.transpose(0, 4, 1, 5, 2, 6, 3, 7).ravel()


def exact_variances(pauli, unbiased):
    within = pair_variance(pauli, PAIRS_OF_ONE_BASIS, TIMES)
    between = np.einsum("bi,ij,bj->b", pauli, PAIRS_OF_ONE_BASIS, pauli)
    return {
        "bell": (1 - TRUTH**2) / (COPIES // 2),
        "collisions": pair_variance(unbiased, np.eye(16), np.bincount(BASES)).sum(),
        "shadows": pair_variance(shadow_law(pauli), PAIRS_OF_SHADOWS, COPIES),
        "grouped": (within.mean() + between.var()) / (COPIES // TIMES),
    }


def estimates_of(pauli, unbiased, rng):
    odd = (rng.random(COPIES // 2) < (1 - TRUTH) / 2).mean()
    bases, bits = draw_bits(pauli, 4, (COPIES,), 1, rng)
    return {
        "bell": (1 - 2 * odd, sign_error(1 - 2 * odd, COPIES // 2)),
        "collisions": unbiased_purity(draw(unbiased, BASES, rng), BASES, 4),
        "shadows": shadow_purity(bases[:, 0], bits[:, 0]),
        "grouped": grouped_purity(draw_bits(pauli, 4, (COPIES // TIMES,), TIMES, rng)[1]),
    }


@pytest.fixture(scope="module")
def runs():
    """The estimate, stated error and exact variance for many Haar-random states, by protocol."""
    rng = np.random.default_rng(11)
    rows = {name: [] for name in ERRORS}
    for _ in range(SYSTEMS):
        psi = rng.normal(size=16) + 1j * rng.normal(size=16)
        psi /= np.linalg.norm(psi)
        state = 0.9 * np.outer(psi, psi.conj()) + 0.1 * np.eye(16) / 16
        laws = laws_of(state, pauli_projections(4)), laws_of(state, unbiased_projections(4))
        exact = exact_variances(*laws)
        for name, answer in estimates_of(*laws, rng).items():
            rows[name].append((*answer, exact[name]))
    return {name: np.array(row).T for name, row in rows.items()}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_of_all_estimates_of_a_mixed_haar_state_are_the_exact_ones(name, runs):
    estimates, stated, exact = runs[name]
    assert np.sqrt(exact.mean()) == pytest.approx(ERRORS[name], rel=0.02)
    assert 0.95 < np.sqrt((stated**2).mean()) / ERRORS[name] < 1.15
    off = (estimates - TRUTH) ** 2 - exact
    tolerance = 4 * off.std(ddof=1) / np.sqrt(SYSTEMS)
    assert abs(off.mean()) < tolerance < 0.6 * exact.mean()


@pytest.mark.parametrize("name", ERRORS)
def test_intervals_of_all_estimates_of_a_mixed_haar_state_cover_the_truth(name, runs):
    estimates, stated, _ = runs[name]
    covered = int((np.abs(estimates - TRUTH) < 1.96 * stated).sum())
    assert stats.binomtest(covered, SYSTEMS, 0.95, alternative="less").pvalue > 1e-3


def test_bits_of_another_shape_are_refused_with_it():
    with pytest.raises(ValueError, match=r"\(settings, shots, qubits\), not \(5, 2\)"):
        grouped_purity(np.zeros((5, 2), dtype=np.uint8))
    with pytest.raises(ValueError, match=r"\(shots, qubits\), not \(5, 0\)"):
        shadow_purity(np.zeros((5, 0), dtype=np.uint8), np.zeros((5, 0), dtype=np.uint8))


def test_bits_that_are_none_are_refused_by_value():
    with pytest.raises(ValueError, match="bits must be 0 or 1, not 2"):
        grouped_purity(np.full((2, 2, 2), 2, dtype=np.uint8))


@pytest.mark.parametrize(
    "wrong",
    [
        1 - 2 * np.array([[[0, 1], [1, 1]]]),
        np.full((1, 2, 2), 0.5),
        np.full((1, 2, 2), np.nan),
        np.full((1, 2, 2), 2**64 - 1, dtype=np.uint64),
        np.full((1, 2, 2), 257),
        np.full((1, 2, 2), "1"),
        np.full((1, 2, 2), 1 + 0j),
    ],
)
def test_alphabets_are_checked_completely(wrong):
    ones = np.ones((2, 2), dtype=np.uint8)
    with pytest.raises(UsageError, match="bits must be"):
        grouped_purity(wrong)
    with pytest.raises(UsageError, match="bits must be"):
        shadow_purity(ones, wrong[0])
    with pytest.raises(UsageError, match="bases must be"):
        shadow_purity(wrong[0] + wrong[0] if wrong.dtype.kind == "i" else wrong[0], ones)
    with pytest.raises(UsageError, match=r"bases must be 0 .* not bools"):
        shadow_purity(ones.astype(bool), ones)
    assert grouped_purity(ones[None].astype(bool)) == grouped_purity(ones[None])
    assert shadow_purity(2.0 * ones, ones) == shadow_purity(2 * ones, ones.astype(np.int64))


def test_bases_that_are_none_are_refused_by_value():
    bits = np.zeros((2, 2), dtype=np.uint8)
    with pytest.raises(ValueError, match=r"0 \(X\), 1 \(Y\) or 2 \(Z\), not 3"):
        shadow_purity(bits + 3, bits)
    with pytest.raises(ValueError, match=r"shape \(2, 2\) of the bits, not \(3, 2\)"):
        shadow_purity(np.zeros((3, 2), dtype=np.uint8), bits)


def test_record_without_a_pair_is_refused_with_its_shots():
    bits = np.zeros((1, 2), dtype=np.uint8)
    with pytest.raises(ValueError, match="at least 2 shots, not 1"):
        shadow_purity(bits, bits)
    with pytest.raises(ValueError, match="1 setting of 2 shots, not 3 of 1 shots"):
        grouped_purity(np.zeros((3, 1, 2), dtype=np.uint8))


def test_bases_used_less_than_once_are_refused_by_value():
    with pytest.raises(ValueError, match="times must be at least 1, not 0"):
        grouped_purity_prefixes(np.zeros((1, 2, 2), dtype=np.uint8), 0, [1])


@pytest.mark.parametrize("prefix", [0, 3])
def test_prefix_outside_the_shots_is_refused_by_value(prefix):
    bits = np.zeros((1, 2, 2), dtype=np.uint8)
    with pytest.raises(ValueError, match=f"between 1 and the 2 shots, not {prefix}"):
        shadow_purity_prefixes(bits, bits, [prefix])
    with pytest.raises(ValueError, match=f"between 1 and the 2 shots, not {prefix}"):
        grouped_purity_prefixes(bits, 1, [prefix])


# Parts.


def test_purities_of_the_first_qubits_are_those_of_their_bits_alone(monkeypatch):
    monkeypatch.setattr(shot_pairs, "PAIRS_AT_ONCE", 200)
    rng = np.random.default_rng(31)
    bits = rng.integers(0, 2, (4, 30, 5), dtype=np.uint8)
    bases = rng.integers(0, 3, (30, 5), dtype=np.uint8)
    sizes = [4, 1, 5]
    np.testing.assert_allclose(
        grouped_purities(bits, sizes), [grouped_purity(bits[..., :k]) for k in sizes]
    )
    np.testing.assert_allclose(
        shadow_purities(bases, bits[0], sizes),
        [shadow_purity(bases[:, :k], bits[0, :, :k]) for k in sizes],
    )


@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        ([], "at least one whole number"),
        ([0], "at least 1, not 0"),
        ([1, 4], "at most 3, not 4"),
        (1, "a list of whole numbers, not 1"),
        ([1.5], "a whole number, not 1.5"),
        ("1", "a whole number, not '1'"),
    ],
)
def test_sizes_out_of_range_are_refused(sizes, told):
    bits = np.zeros((2, 4, 3), dtype=np.uint8)
    with pytest.raises(ValueError, match=f"sizes must be {told}"):
        grouped_purities(bits, sizes)
    with pytest.raises(ValueError, match=f"sizes must be {told}"):
        shadow_purities(bits[0], bits[0], sizes)


def test_sizes_may_be_an_array():
    bits = np.zeros((2, 4, 3), dtype=np.uint8)
    found = grouped_purities(bits, np.array([1, 2]))
    np.testing.assert_array_equal(found, grouped_purities(bits, [1, 2]))
