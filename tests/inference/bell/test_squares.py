import itertools
from dataclasses import replace

import cirq
import numpy as np
import pytest

from quantum_advantage.core.bits import pack_bits
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.bell.squares import purity, squares
from quantum_advantage.measurements.records import BellRecord, ShadowRecord

BELL_STATES = np.array([[1, 0, 0, 1], [0, 1, 1, 0], [1, 0, 0, -1], [0, 1, -1, 0]]) / np.sqrt(2)
TEXTS = ["".join(row) for row in itertools.product("IXYZ", repeat=2)]
STRINGS = PauliStrings.from_text(TEXTS)
SUBSETS = [None, [0], [1], [0, 1]]
SHOTS, RECORDS = 200, 1500


def mixed_state():
    """A random pure state of two qubits, mixed with a random mixed one."""
    pure = cirq.testing.random_superposition(4, random_state=1)
    mixed = cirq.testing.random_density_matrix(4, random_state=2)
    return 0.8 * np.outer(pure, pure.conj()) + 0.2 * mixed


STATE = mixed_state()


def outcome_chances():
    """The exact distribution of Bell outcomes (a0, b0, a1, b1) of two copies, by projection."""
    chances = []
    for first, second in itertools.product(BELL_STATES.reshape(4, 2, 2), repeat=2):
        projected = np.einsum("ab,cd->acbd", first, second).reshape(16)
        chances.append((projected @ np.kron(STATE, STATE) @ projected).real)
    return np.array(chances)


def draw_records(records, shots, seed):
    """Bell records of two copies of the state, drawn from the exact distribution."""
    chances = outcome_chances()
    outcomes = np.random.default_rng(seed).choice(16, (records, shots), p=chances / chances.sum())
    a0, b0, a1, b1 = ((outcomes >> shift) & 1 for shift in (3, 2, 1, 0))
    system, memory = (pack_bits(np.stack(pair, axis=-1)) for pair in ((a0, a1), (b0, b1)))
    return [BellRecord(2, a, b) for a, b in zip(system, memory, strict=True)]


def exact_squares():
    return np.array(
        [np.trace(cirq.unitary(cirq.DensePauliString(text)) @ STATE).real ** 2 for text in TEXTS]
    )


def exact_purity(subset):
    kept = [0, 1] if subset is None else subset
    part = cirq.partial_trace(STATE.reshape(2, 2, 2, 2), kept).reshape(2 ** len(kept), -1)
    return np.trace(part @ part).real


def test_squares_of_one_record_agree_within_their_errors():
    (record,) = draw_records(1, 40_000, seed=3)
    estimates, errors = squares(record, STRINGS).T
    assert exact_squares()[1:].max() > 0.1
    assert (np.abs(estimates - exact_squares()) <= 5 * errors + 1e-12).all()
    assert (errors[1:] < 0.0051).all()


@pytest.mark.parametrize("subset", SUBSETS)
def test_purity_of_one_record_agrees_within_its_error(subset):
    (record,) = draw_records(1, 40_000, seed=4)
    estimate, error = purity(record, subset)
    assert abs(estimate - exact_purity(subset)) <= 5 * error
    assert 0 < error < 0.0051


def test_squares_are_unbiased_with_the_stated_error():
    answers = np.array([squares(record, STRINGS) for record in draw_records(RECORDS, SHOTS, 5)])
    estimates, errors = answers[:, 1:, 0], answers[:, 1:, 1]
    spread = estimates.std(axis=0, ddof=1)
    off = estimates.mean(axis=0) - exact_squares()[1:]
    assert (np.abs(off) < 5 * spread / np.sqrt(RECORDS)).all()
    # The stated errors are a little wider, by z |m|/T at most: see the module of the rule.
    assert (errors.mean(axis=0) > 0.95 * spread).all()
    assert (errors.mean(axis=0) < 1.05 * spread + 2 / SHOTS).all()


@pytest.mark.parametrize("subset", SUBSETS)
def test_purity_is_unbiased_with_the_stated_error(subset):
    answers = np.array([purity(record, subset) for record in draw_records(RECORDS, SHOTS, 6)])
    estimates, errors = answers.T
    spread = estimates.std(ddof=1)
    assert abs(estimates.mean() - exact_purity(subset)) < 5 * spread / np.sqrt(RECORDS)
    assert 0.95 * spread < errors.mean() < 1.05 * spread + 2 / SHOTS


def test_phases_of_the_strings_do_not_matter():
    (record,) = draw_records(1, 50, seed=7)
    plus, minus = PauliStrings.from_text(["XY", "ZZ"]), PauliStrings.from_text(["-XY", "-ZZ"])
    np.testing.assert_array_equal(squares(record, plus), squares(record, minus))


def test_identity_and_the_empty_subset_are_one_without_error():
    (record,) = draw_records(1, 50, seed=8)
    assert squares(record, PauliStrings.from_text("II")).tolist() == [[1, 0]]
    assert purity(record, []) == (1, 0)


def test_estimates_of_no_strings_are_none():
    (record,) = draw_records(1, 50, seed=9)
    assert squares(record, STRINGS[0:0]).shape == (0, 2)


NAMED = tuple(cirq.NamedQubit(c) for c in "ab")


def test_parts_are_qubits_positions_or_masks():
    (plain,) = draw_records(1, 50, seed=13)
    record = replace(plain, held=NAMED)
    expected = purity(record, [1])
    for same in ([NAMED[1]], (np.int64(1),), np.array([False, True]), [False, True], {1}):
        assert purity(record, same) == expected
    assert purity(record, [True, True]) == purity(record) == purity(record, NAMED[::-1])
    assert purity(record, np.array([False, False])) == (1, 0)
    wrong = {
        "qubits must be positions from 0 to 1": (plain, [NAMED[0]]),
        r"qubit q\(0\) is not among the record's a, b": (record, [cirq.LineQubit(0)]),
        "qubits must be different ones, but a comes twice": (record, [NAMED[0]] * 2),
        "qubits must be different ones, but 1 comes twice": (record, [1, 0, 1]),
        "qubits as a mask must have 2 bools, not 3": (record, [True] * 3),
        "qubits must be all qubits, all positions or all bools": (record, [0, NAMED[1]]),
        "qubits must be qubits or positions, not True": (record, True),
        "qubits must be qubits or positions, not 'ab'": (record, "ab"),
        "qubit 2 is not among": (record, 2),
        "all bools, but hold 0.0": (record, [0.0]),
    }
    for line, (asked, part) in wrong.items():
        with pytest.raises(UsageError, match=line):
            purity(asked, part)


def test_records_of_another_kind_and_strings_that_are_none_are_refused():
    (record,) = draw_records(1, 50, seed=14)
    shadow = ShadowRecord(NAMED, (record.system, record.memory), record.system)
    for function in (purity, lambda r: squares(r, ["XX"])):
        with pytest.raises(UsageError, match=r"must be a BellRecord, not ShadowRecord\(50 shots"):
            function(shadow)
    with pytest.raises(UsageError, match="strings must be texts or packed: the record does not"):
        squares(record, cirq.X(NAMED[0]))
    record = replace(record, held=NAMED)
    with pytest.raises(UsageError, match="strings must be PauliStrings, texts such as XIYZ or"):
        squares(record, [cirq.X(NAMED[0]), "XX"])
    assert squares(record, "XX").tolist() == squares(record, ["XX"]).tolist()
    xx = cirq.X(NAMED[1]) * cirq.X(NAMED[0])
    for same in (xx, [-xx], PauliStrings.from_text("XX"), cirq.DensePauliString("XX")):
        assert squares(record, same).tolist() == squares(record, "XX").tolist()
    assert purity(record, 1) == purity(record, [1]) == purity(record, NAMED[1])
    assert squares(record, []).shape == (0, 2)
    assert repr(record) == "BellRecord(50 shots of 2 x 2 qubits)"
    with pytest.raises(UsageError, match="system and memory must both have shape"):
        BellRecord(2, record.system, record.memory[:5])
    with pytest.raises(UsageError, match="held must be 2 different qubits"):
        replace(record, held=(NAMED[0],))


def test_record_counts_its_shots():
    (record,) = draw_records(1, 37, seed=10)
    assert record.shots == 37


def test_strings_on_other_qubits_are_refused_with_both_numbers():
    (record,) = draw_records(1, 5, seed=11)
    with pytest.raises(ValueError, match="strings act on 3 qubits, the record has 2"):
        squares(record, PauliStrings.from_text("XXX"))


@pytest.mark.parametrize("qubit", [-1, 2])
def test_purity_of_a_qubit_outside_the_record_is_refused_by_number(qubit):
    (record,) = draw_records(1, 5, seed=12)
    with pytest.raises(ValueError, match=f"qubit {qubit} is not among"):
        purity(record, [0, qubit])


def test_what_is_no_single_string_is_refused():
    a, b = cirq.LineQubit.range(2)
    record = BellRecord(2, *(pack_bits(np.zeros((5, 2))) for _ in range(2)), (a, b))
    for sum_of_strings in (cirq.X(a) - cirq.Z(a), cirq.X(a) + 0.5 * cirq.Z(b)):
        with pytest.raises(UsageError, match=r"one or many, not a cirq\.PauliSum"):
            squares(record, sum_of_strings)
    assert purity(record, np.array(0)) == purity(record, 0)
