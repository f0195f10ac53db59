import functools
import math

import cirq
import numpy as np
import pytest
from drawn_states import random_state

from quantum_advantage.core.bits import pack_bits
from quantum_advantage.core.standard_errors import sign_error
from quantum_advantage.inference.bell.squares import purity
from quantum_advantage.inference.bell.subsystems import (
    all_purities,
    entropy_of_purity,
    mutual_information,
    page_purity,
    renyi_entropy,
)
from quantum_advantage.measurements.bell import singlet_parity
from quantum_advantage.measurements.records import BellRecord

BELL_STATES = np.array([[1, 0, 0, 1], [0, 1, 1, 0], [1, 0, 0, -1], [0, 1, -1, 0]]) / np.sqrt(2)
PROJECTORS = np.einsum("oi,oj->oij", BELL_STATES, BELL_STATES).reshape(4, 2, 2, 2, 2)


def bell_law(state):
    """The exact law of the Bell outcomes 2a + b of two copies, one axis for each qubit."""
    qubits = state.shape[0].bit_length() - 1
    law = np.kron(state, state).reshape((2,) * 4 * qubits)
    for left in range(qubits, 0, -1):
        law = np.tensordot(law, PROJECTORS, axes=((0, left, 2 * left, 3 * left), (1, 2, 3, 4)))
    return law.real.clip(0)


def draw_records(state, records, shots, seed):
    law = bell_law(state)
    outcomes = np.random.default_rng(seed).choice(
        law.size, (records, shots), p=law.ravel() / law.sum()
    )
    letters = np.stack(np.unravel_index(outcomes, law.shape), axis=-1)
    packed = zip(pack_bits(letters >> 1), pack_bits(letters & 1), strict=True)
    return [BellRecord(law.ndim, system, memory) for system, memory in packed]


@functools.cache
def state_and_records(pure):
    """A state of three qubits and a thousand records of it, drawn once for several tests."""
    state = random_state(3, pure, seed=40)
    return state, draw_records(state, 1000, 2000, seed=7)


def exact_purity(state, subset):
    qubits = state.shape[0].bit_length() - 1
    if not subset:
        return 1.0
    part = cirq.partial_trace(state.reshape((2,) * 2 * qubits), list(subset))
    part = part.reshape(2 ** len(subset), -1)
    return np.trace(part @ part).real


def subsets(qubits):
    """All subsets in the order of their places: bit i says whether qubit i is in."""
    return [[i for i in range(qubits) if place >> i & 1] for place in range(2**qubits)]


def record_of_signs(signs):
    """A record on two qubits whose shots have the given signs on qubit 0 and on qubit 1."""
    singlets = pack_bits((1 - np.array(signs)) // 2)
    return BellRecord(2, singlets, singlets)


@pytest.mark.parametrize("qubits", [1, 2, 3, 4])
@pytest.mark.parametrize("pure", [True, False])
def test_all_purities_are_those_of_the_subsets_one_by_one(qubits, pure):
    (record,) = draw_records(random_state(qubits, pure, seed=qubits), 1, 377, seed=1)
    expected = [purity(record, subset)[0] for subset in subsets(qubits)]
    np.testing.assert_array_equal(all_purities(record), expected)


@pytest.mark.parametrize("qubits", [1, 2, 3, 4])
@pytest.mark.parametrize("pure", [True, False])
def test_all_purities_agree_with_the_state_within_their_errors(qubits, pure):
    state = random_state(qubits, pure, seed=20 + qubits)
    (record,) = draw_records(state, 1, 40_000, seed=2)
    exact = np.array([exact_purity(state, subset) for subset in subsets(qubits)])
    errors = np.sqrt((1 - exact**2).clip(0) / record.shots)
    assert (np.abs(all_purities(record) - exact) <= 4 * errors + 1e-6).all()
    assert exact.min() < 0.9 or (qubits == 1 and pure)


def test_signs_of_every_pattern_of_singlets_are_those_of_the_table():
    places = np.arange(8, dtype=np.uint64)[:, None]
    for singlets in places:
        record = BellRecord(3, singlets[None], singlets[None])
        signs = 1 - 2.0 * np.array([singlet_parity(singlets, singlets, kept) for kept in places])
        np.testing.assert_array_equal(all_purities(record), signs)


def test_all_purities_of_twenty_qubits_are_those_of_some_subsets():
    bits = np.random.default_rng(3).integers(0, 2, (2, 500, 20))
    record = BellRecord(20, pack_bits(bits[0]), pack_bits(bits[1]))
    estimates = all_purities(record)
    assert estimates.shape == (2**20,)
    for subset in ([], [0], [19], [3, 5, 17], list(range(20))):
        assert estimates[sum(1 << i for i in subset)] == purity(record, subset)[0]


def test_more_than_twenty_qubits_are_refused_by_number():
    record = BellRecord(21, np.zeros((1, 1), np.uint64), np.zeros((1, 1), np.uint64))
    with pytest.raises(ValueError, match="at most 20 qubits, not 21"):
        all_purities(record)


def test_all_purities_of_no_shots_are_refused():
    record = BellRecord(2, np.zeros((0, 1), np.uint64), np.zeros((0, 1), np.uint64))
    with pytest.raises(ValueError, match="at least one shot, not 0"):
        all_purities(record)


def test_renyi_entropy_is_unbiased_with_the_stated_error():
    state = random_state(3, pure=False, seed=30)
    records = draw_records(state, 2000, 2000, seed=4)
    values, errors = np.array([renyi_entropy(record, [0, 2]) for record in records]).T
    exact = -math.log2(exact_purity(state, [0, 2]))
    bias = (errors**2).mean() * math.log(2) / 2
    assert abs(values.mean() - bias - exact) < 4 * values.std() / math.sqrt(2000)
    assert 0.94 < errors.mean() / values.std(ddof=1) < 1.15
    assert np.mean(np.abs(values - exact) < 1.96 * errors) > 0.93


def test_renyi_entropy_is_in_bits():
    # Three shots of four have the sign +1: the purity is 1/2.
    record = record_of_signs([[1, 1], [1, 1], [1, 1], [-1, 1]])
    value, error = renyi_entropy(record, [0])
    assert value == 1
    # The purity may be 1.1 or -0.1, and lies between 1/2 and 1.
    assert error == pytest.approx(1 / 1.959964)


@pytest.mark.parametrize("value", [0.03, 0.3, 0.9, 1.1])
@pytest.mark.parametrize("error", [1e-6, 0.1, 2.0])
def test_interval_of_an_entropy_holds_those_of_all_purities_in_the_interval(value, error):
    entropy, spread = entropy_of_purity(value, error, 4)
    ends = np.clip([value - 1.959964 * error, value + 1.959964 * error], 1 / 16, 1)
    for purity_there in np.linspace(*ends, 9):
        assert abs(entropy + math.log2(purity_there)) <= 1.959964 * spread + 1e-9 or not (
            abs(purity_there - value) <= 1.959964 * error
        )
    assert spread > 0


def test_renyi_entropy_of_all_qubits_is_the_default():
    (record,) = draw_records(random_state(3, pure=False, seed=31), 1, 100, seed=5)
    assert renyi_entropy(record) == renyi_entropy(record, [0, 1, 2])


def test_renyi_entropy_of_a_pure_state_is_zero_within_an_error():
    (record,) = draw_records(random_state(3, pure=True, seed=32), 1, 100, seed=6)
    value, error = renyi_entropy(record)
    assert value == 0
    assert error == pytest.approx(sign_error(1, 100) / math.log(2), rel=0.1)


@pytest.mark.parametrize("signs", [[1, -1], [-1, -1]])
def test_renyi_entropy_is_infinite_where_the_purity_is_not_positive(signs):
    record = record_of_signs([[sign, 1] for sign in signs])
    assert renyi_entropy(record, [0]) == (math.inf, math.inf)


@pytest.mark.parametrize(("first", "second"), [([0], [1]), ([2], [0, 1]), ([0], [2])])
@pytest.mark.parametrize("pure", [True, False])
def test_mutual_information_is_unbiased_with_the_stated_error(first, second, pure):
    state, records = state_and_records(pure)
    answers = np.array([mutual_information(record, first, second) for record in records])
    values, errors = answers.T
    a, b, ab = (exact_purity(state, sorted(part)) for part in (first, second, first + second))
    exact = math.log2(ab / (a * b))
    # The bias of each logarithm is half its squared relative error.
    bias = sum(s * (p**-2 - 1) for s, p in ((1, a), (1, b), (-1, ab))) / (2 * 2000 * math.log(2))
    assert abs(values.mean() - bias - exact) < 4 * values.std() / math.sqrt(1000)
    assert 0.94 < errors.mean() / values.std(ddof=1) < 1.45
    assert np.mean(np.abs(values - exact) < 1.96 * errors) > 0.93


def test_error_of_mutual_information_counts_the_correlations():
    # The signs of A and its complement are equal in a pure state, so that their errors add up.
    (record,) = draw_records(random_state(3, pure=True, seed=41), 1, 500, seed=8)
    _, error = mutual_information(record, [0], [1, 2])
    assert error > 1.5 * renyi_entropy(record, [0])[1]


def test_mutual_information_is_the_difference_of_the_entropies_with_the_sampled_covariance():
    (record,) = draw_records(random_state(4, pure=False, seed=42), 1, 500, seed=9)
    parts = ([3, 0], [1], [0, 1, 3])
    value, error = mutual_information(record, *parts[:2])
    a, b, ab = (renyi_entropy(record, part)[0] for part in parts)
    assert value == pytest.approx(a + b - ab, abs=1e-12)
    masks = [pack_bits(np.isin(np.arange(4), part)) for part in parts]
    signs = np.array([1.0 - 2 * singlet_parity(record.system, record.memory, m) for m in masks])
    slope = np.array([-1, -1, 1]) / signs.mean(axis=1) / math.log(2)
    plain = math.sqrt(slope @ np.cov(signs) @ slope / record.shots)
    assert plain < error < 2 * plain


def test_mutual_information_of_a_product_of_pure_states_is_zero_within_an_error():
    value, error = mutual_information(record_of_signs([[1, 1]] * 50), [0], [1])
    assert value == 0
    # 14 % of the shots may have shown another sign, and each of them 4 bits.
    assert 0.05 < error < 0.5
    assert mutual_information(record_of_signs([[1, 1]] * 50), [], [1]) == (0, 0)


def test_mutual_information_of_few_shots_may_be_all_that_is_possible():
    assert mutual_information(record_of_signs([[1, 1]]), [0], [1]) == (0, 2 / 1.959964)


@pytest.mark.parametrize(
    "signs", [[[-1, 1], [1, 1]], [[1, -1], [1, 1]], [[1, -1], [-1, 1], [1, 1], [1, 1]]]
)
def test_mutual_information_has_no_value_where_a_purity_is_not_positive(signs):
    value, error = mutual_information(record_of_signs(signs), [0], [1])
    assert math.isnan(value)
    assert error == math.inf


def test_parts_with_common_qubits_are_refused_by_number():
    with pytest.raises(ValueError, match=r"both have \[1\]"):
        mutual_information(record_of_signs([[1, 1]]), [0, 1], [1])


def test_parts_outside_the_record_are_refused_by_number():
    record = record_of_signs([[1, 1]])
    with pytest.raises(ValueError, match="qubit 2 is not among"):
        renyi_entropy(record, [2])
    with pytest.raises(ValueError, match="qubit 5 is not among"):
        mutual_information(record, [0], [5])


@pytest.mark.parametrize(("part", "qubits"), [(1, 2), (2, 4), (4, 5)])
def test_page_purity_is_the_mean_over_random_states(part, qubits):
    rng = np.random.default_rng(10)
    shape = (4000, 2**part, 2 ** (qubits - part))
    states = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    states /= np.linalg.norm(states, axis=(1, 2), keepdims=True)
    parts = states @ states.conj().swapaxes(1, 2)
    purities = (np.abs(parts) ** 2).sum(axis=(1, 2))
    assert abs(purities.mean() - page_purity(part, qubits)) < 4 * purities.std() / math.sqrt(4000)


def test_page_purity_of_a_part_is_that_of_its_complement_and_of_the_whole_is_one():
    assert page_purity(3, 10) == page_purity(7, 10) == (8 + 128) / 1025
    assert page_purity(0, 6) == page_purity(6, 6) == 1


@pytest.mark.parametrize("part", [-1, 5])
def test_page_purity_of_a_part_outside_the_whole_is_refused(part):
    with pytest.raises(ValueError, match=f"between 0 and the 4 qubits, not {part}"):
        page_purity(part, 4)
