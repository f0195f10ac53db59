import itertools

import cirq
import numpy as np
import pytest

from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.usage import UsageError
from quantum_advantage.formats.arrays import (
    from_pennylane,
    read_recirq_bell,
    read_recirq_conventional,
    read_recirq_dynamics,
    to_pennylane,
)
from quantum_advantage.formats.repeats import LEAST_CHANCE, check_fresh
from quantum_advantage.inference.bell.squares import squares
from quantum_advantage.inference.shadows.hits import hit_expectations
from quantum_advantage.measurements.bell import bell_basis_change

QUBITS = cirq.LineQubit.range(2)
STRINGS = PauliStrings.from_text(["".join(s) for s in itertools.product("IXYZ", repeat=2)][1:])
STATE = cirq.Circuit(
    cirq.H(QUBITS[0]), cirq.T(QUBITS[0]), cirq.CNOT(*QUBITS), (cirq.X**0.3)(QUBITS[1])
)


def exact():
    vector = STATE.final_state_vector(qubit_order=QUBITS)
    return np.array(
        [np.vdot(vector, cirq.unitary(s) @ vector).real for s in STRINGS.to_cirq_dense()]
    )


# PennyLane: the snapshot of a qubit is 3 U†|b⟩⟨b|U - I.
TURNS = [cirq.unitary(cirq.H), cirq.unitary(cirq.H) @ np.diag([1, -1j]), np.eye(2)]


def snapshots(bits, recipes):
    """The mean snapshot, as PennyLane's documentation defines it."""
    total = np.zeros((4, 4), dtype=complex)
    for row, bases in zip(bits, recipes, strict=True):
        parts = []
        for bit, basis in zip(row, bases, strict=True):
            vector = TURNS[basis].conj().T[:, bit]
            parts.append(3 * np.outer(vector, vector.conj()) - np.eye(2))
        total += np.kron(*parts)
    return total / len(bits)


def test_pennylane_arrays_give_the_numbers_of_their_snapshots():
    from quantum_advantage.inference.shadows.expectations import expectations

    rng = np.random.default_rng(1)
    bits, recipes = rng.integers(0, 2, (50, 2)), rng.integers(0, 3, (50, 2))
    found = expectations(from_pennylane(bits, recipes), STRINGS)[:, 0]
    matrix = snapshots(bits, recipes)
    expected = [np.trace(matrix @ cirq.unitary(s)).real for s in STRINGS.to_cirq_dense()]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_pennylane_arrays_come_back():
    rng = np.random.default_rng(2)
    bits = rng.integers(0, 2, (40, 70))
    recipes = np.repeat(rng.integers(0, 3, (10, 70)), 4, axis=0)
    record = from_pennylane(bits, recipes, times=4, scheme="cycled")
    assert (record.settings, record.times, record.scheme) == (10, 4, "cycled")
    found = to_pennylane(record)
    assert [array.tolist() for array in found] == [bits.tolist(), recipes.tolist()]
    assert {array.dtype for array in found} == {np.dtype(np.int8)}


def test_qubits_may_be_named():
    names = cirq.NamedQubit.range(2, prefix="w")
    record = from_pennylane([[0, 1]], [[2, 2]], qubits=names)
    assert record.qubits == tuple(names)
    with pytest.raises(ValueError, match="qubits must be 2, one for each column, not 1"):
        from_pennylane([[0, 1]], [[2, 2]], qubits=names[:1])


@pytest.mark.parametrize(
    ("bits", "recipes", "message"),
    [
        ([[0, 2]], [[0, 1]], "bits must be between 0 and 1, not 2"),
        ([[0, 1]], [[0, -1]], "recipes must be between 0 and 2, not -1"),
        ([[0, 1]], [[0, 1, 2]], r"one shape, not \(1, 2\) and \(1, 3\)"),
        ([0, 1], [0, 1], r"bits must be whole numbers of shape \(shots, qubits\)"),
        ([[0.0, 1]], [[0, 1]], "bits must be whole numbers .* not float64"),
    ],
)
def test_other_arrays_are_refused(bits, recipes, message):
    with pytest.raises(ValueError, match=message):
        from_pennylane(bits, recipes)


def test_bases_that_do_not_repeat_are_refused():
    with pytest.raises(ValueError, match="bases must repeat 2 times in a row"):
        from_pennylane([[0], [0]], [[1], [2]], times=2)


# ReCirq: the gates of its script turn the bases.
SCRIPT = {0: (0.0, 0.0), 1: (0.5, 0.5), 2: (-1.0, 0.5)}


def recirq_conventional(shots, rng):
    """Bits and labels as the public single-copy script makes them from our state."""
    labels, bits = rng.integers(0, 3, (shots, 2)), np.zeros((shots, 2), dtype=np.int64)
    for pair in itertools.product(range(3), repeat=2):
        rows = np.flatnonzero((labels == pair).all(axis=1))
        turn = [
            cirq.PhasedXZGate(axis_phase_exponent=p, x_exponent=x, z_exponent=0.0)(q)
            for q, (p, x) in zip(QUBITS, (SCRIPT[label] for label in pair), strict=True)
        ]
        circuit = STATE + cirq.Circuit(turn, cirq.measure(*QUBITS, key="m"))
        result = cirq.Simulator(seed=int(rng.integers(2**31))).run(circuit, repetitions=rows.size)
        bits[rows] = result.measurements["m"]
    return bits, labels


def test_recirq_single_copies_have_the_right_signs(tmp_path):
    bits, labels = recirq_conventional(9000, np.random.default_rng(3))
    path = tmp_path / "Q-size-2-pauli-XY.npy"
    np.save(path, bits)
    np.save(tmp_path / "Q-size-2-pauli-XY-basis.npy", labels)
    record = read_recirq_conventional(path)
    assert record.scheme == "random"
    values, errors = hit_expectations(record, STRINGS).T
    assert np.abs(exact()).max() > 0.6
    assert (np.abs(values - exact()) < 5 * errors + 0.01).all()
    np.save(tmp_path / "elsewhere.npy", labels)
    again = read_recirq_conventional(path, tmp_path / "elsewhere.npy")
    assert again.outcomes.tolist() == record.outcomes.tolist()


def test_recirq_two_copies_give_the_squares(tmp_path):
    memory = cirq.LineQubit.range(2, 4)
    moved = STATE.transform_qubits(dict(zip(QUBITS, memory, strict=True)))
    whole = STATE + moved + cirq.Circuit(bell_basis_change(QUBITS, memory))
    interleaved = [QUBITS[0], memory[0], QUBITS[1], memory[1]]
    whole.append(cirq.measure(*interleaved, key="m"))
    bits = cirq.Simulator(seed=4).run(whole, repetitions=5000).measurements["m"]
    np.save(tmp_path / "Q-size-2-pauli-ZZ.npy", bits.astype(np.int64))
    values, errors = squares(read_recirq_bell(tmp_path / "Q-size-2-pauli-ZZ.npy"), STRINGS).T
    assert (np.abs(values - exact() ** 2) < 5 * errors + 1e-3).all()


def test_recirq_files_of_one_qubit_have_one_axis(tmp_path):
    np.save(tmp_path / "Q-size-1-pauli-X.npy", np.array([0, 1, 1]))
    np.save(tmp_path / "Q-size-1-pauli-X-basis.npy", np.array([[0], [1], [2]]))
    record = read_recirq_conventional(tmp_path / "Q-size-1-pauli-X.npy")
    bits, recipes = to_pennylane(record)
    assert bits.ravel().tolist() == [0, 0, 0]
    assert recipes.ravel().tolist() == [2, 0, 1]


def test_the_two_kinds_of_recirq_files_are_told_apart_by_their_columns(tmp_path):
    path = tmp_path / "Q-size-2-pauli-XY.npy"
    np.save(path, np.zeros((3, 4), dtype=int))
    np.save(tmp_path / "Q-size-2-pauli-XY-basis.npy", np.zeros((3, 2), dtype=int))
    with pytest.raises(ValueError, match=r"XY.npy must have 2 columns for 2 qubits, not 4"):
        read_recirq_conventional(path)
    np.save(path, np.zeros((3, 2), dtype=int))
    with pytest.raises(ValueError, match=r"XY.npy must have 4 columns for 2 qubits, not 2"):
        read_recirq_bell(path)
    np.save(path, np.zeros((4, 2), dtype=int))
    with pytest.raises(ValueError, match=r"must have one shape, not \(4, 2\) and \(3, 2\)"):
        read_recirq_conventional(path)


def test_files_without_the_name_are_read_by_their_columns(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((3, 5), dtype=int))
    with pytest.raises(ValueError, match="two columns for each qubit, not 5 in all"):
        read_recirq_bell(tmp_path / "a.npy")
    np.save(tmp_path / "a.npy", np.full((3, 4), 2))
    with pytest.raises(ValueError, match=r"a.npy must be between 0 and 1, not 2"):
        read_recirq_bell(tmp_path / "a.npy")
    (tmp_path / "a.npy").write_text("poem")
    with pytest.raises(ValueError, match=r"a.npy is no .npy file of numbers"):
        read_recirq_bell(tmp_path / "a.npy")


# Bases that serve for several shots, whose number the arrays have lost.


def test_the_errors_of_repeated_bases_survive_the_round_trip():
    from quantum_advantage.inference.shadows.expectations import expectations

    rng = np.random.default_rng(5)
    bits, bases = rng.integers(0, 2, (2000, 2)), np.repeat(rng.integers(0, 3, (20, 2)), 100, axis=0)
    record = from_pennylane(bits, bases, times=100)
    found = to_pennylane(record)
    with pytest.raises(
        UsageError, match=r"recipes stand in blocks of 100 equal ones; say times=100"
    ):
        from_pennylane(*found)
    again = from_pennylane(*found, times=100)
    assert expectations(again, STRINGS).tolist() == expectations(record, STRINGS).tolist()
    # Who says so is believed: rows may have been sorted after they were drawn.
    assert from_pennylane(*found, times=1).settings == 2000
    assert from_pennylane(*found, scheme="cycled").settings == 2000


@pytest.mark.parametrize(
    ("qubits", "settings", "times"), [(1, 40, 25), (2, 20, 2), (3, 8, 4), (6, 5, 2), (50, 2, 2)]
)
def test_blocks_are_recognised_from_few_settings_on(qubits, settings, times):
    rng = np.random.default_rng(6)
    bases = np.repeat(rng.integers(0, 3, (settings, qubits)), times, axis=0)
    with pytest.raises(UsageError, match=f"stand in blocks of {times} .*times={times}"):
        from_pennylane(np.zeros_like(bases), bases)


def test_blocks_of_unequal_lengths_are_recognised():
    rng = np.random.default_rng(7)
    bases = np.repeat(rng.integers(0, 3, (30, 4)), rng.integers(1, 5, 30), axis=0)
    with pytest.raises(UsageError, match=r"repeat \d+ times in \d+ shots; say how many"):
        from_pennylane(np.zeros_like(bases), bases)


@pytest.mark.parametrize("qubits", [1, 2, 3])
def test_honest_records_of_few_qubits_are_read(qubits):
    """At a chance of 1e-9 each, none of 6000 is refused, though many of them repeat."""
    rng = np.random.default_rng(8)
    for shots in (2, 10, 300):
        for _ in range(2000):
            check_fresh(rng.integers(0, 3, (shots, qubits), dtype=np.uint8))


def test_the_chance_that_honest_bases_are_refused_is_as_stated():
    """By listing all records of one qubit: those refused by a rule of 1/50 are at most so many."""
    import quantum_advantage.formats.repeats as repeats

    shots = 8
    records = np.array(list(itertools.product(range(3), repeat=shots)), dtype=np.uint8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repeats, "LEAST_CHANCE", 0.02)
        refused = 0
        for record in records:
            try:
                check_fresh(record[:, None])
            except ValueError:
                refused += 1
    assert 0 < refused <= 0.02 * len(records)
    assert LEAST_CHANCE == 1e-9


# Qubits.


@pytest.mark.parametrize(
    ("qubits", "message"),
    [
        ([QUBITS[0], QUBITS[0]], "qubits must all be different"),
        (QUBITS[:1], "qubits must be 2, one for each column, not 1"),
        ([0, 1], "qubits must be qubits of Cirq"),
        (["a", "b"], "qubits must be qubits of Cirq"),
        (2, "qubits must be a list of qubits of Cirq, not 2"),
    ],
)
def test_qubits_are_different_qubits_of_cirq(qubits, message):
    with pytest.raises(UsageError, match=message):
        from_pennylane([[0, 1]], [[2, 2]], qubits=qubits)


def test_unsorted_qubits_keep_their_columns():
    record = from_pennylane([[0, 1]], [[2, 2]], qubits=QUBITS[::-1])
    values = hit_expectations(record, [cirq.Z(q) for q in QUBITS])[:, 0]
    assert values.tolist() == [-1, 1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"times": True}, "times must be a whole number"),
        ({"times": 1.0}, "times must be a whole number"),
        ({"times": 0}, "times must be at least 1, not 0"),
        ({"times": -1}, "times must be at least 1, not -1"),
        ({"scheme": None}, "scheme must be a text"),
    ],
)
def test_other_arguments_are_refused(options, message):
    with pytest.raises(UsageError, match=message):
        from_pennylane([[0, 1]], [[2, 2]], **options)


def test_masked_values_are_refused():
    bits = np.ma.array([[0, 1], [1, 0]], mask=[[False, True], [False, False]])
    with pytest.raises(UsageError, match="bits must have no masked values"):
        from_pennylane(bits, [[2, 2], [1, 1]])


def test_rows_of_different_lengths_are_refused():
    with pytest.raises(UsageError, match="all rows of one length"):
        from_pennylane([[0, 1], [1]], [[2, 2], [1]])


# Files of ReCirq that are not what they are taken for.


@pytest.mark.parametrize(
    "name",
    [
        "1D-scramble-C-size-4-depth-5-type-0-batch-0-number-3.npy",
        "C-size-4-pauli-XXYZ.npy",
        "Q-size-2-pauli-XY-basis.npy",
    ],
)
def test_single_copies_are_no_bell_pairs(tmp_path, name):
    np.save(tmp_path / name, np.zeros((3, 4), dtype=int))
    with pytest.raises(UsageError, match=r"holds single copies, not Bell pairs; read it with"):
        read_recirq_bell(tmp_path / name)


def test_bits_with_bases_beside_them_are_no_bell_pairs(tmp_path):
    np.save(tmp_path / "mine.npy", np.zeros((3, 4), dtype=int))
    np.save(tmp_path / "mine-basis.npy", np.zeros((3, 4), dtype=int))
    with pytest.raises(UsageError, match=r"has a file of bases beside it"):
        read_recirq_bell(tmp_path / "mine.npy")


def test_bell_pairs_of_an_evolution_are_read_and_their_columns_counted(tmp_path):
    path = tmp_path / "1D-scramble-Q-size-2-depth-5-type-1-batch-5-number-0.npy"
    np.save(path, np.array([[0, 1, 1, 0]]))
    record = read_recirq_bell(path)
    assert (record.qubits, record.system.tolist(), record.memory.tolist()) == (2, [[2]], [[1]])
    np.save(path, np.zeros((3, 2), dtype=int))
    with pytest.raises(UsageError, match=r"must have 4 columns for 2 qubits, not 2"):
        read_recirq_bell(path)


DYNAMICS = "1D-scramble-C-size-2-depth-5-type-1-batch-15-number-3.npy"


def test_single_copies_of_an_evolution_give_the_signs_of_y(tmp_path):
    state = cirq.Circuit((cirq.X**-0.3)(QUBITS[0]), (cirq.X**0.2)(QUBITS[1]))
    measured = state + [cirq.S(q) for q in QUBITS] + [cirq.H(q) for q in QUBITS]
    measured.append(cirq.measure(*QUBITS, key="m"))
    bits = cirq.Simulator(seed=9).run(measured, repetitions=20_000).measurements["m"]
    np.save(tmp_path / DYNAMICS, bits.astype(np.int64))
    record = read_recirq_dynamics(tmp_path / DYNAMICS)
    assert (record.shots, record.settings, record.scheme) == (20_000, 1, "given")
    assert record.provenance == {"depth": 5, "symmetric": 1, "batch": 15, "number": 3}
    wanted = [cirq.Y(QUBITS[0]), cirq.Y(QUBITS[1]), cirq.Y(QUBITS[0]) * cirq.Y(QUBITS[1])]
    # <Y> of X^s|0> is -sin(pi s).
    first, second = -np.sin(-0.3 * np.pi), -np.sin(0.2 * np.pi)
    expected = np.array([first, second, first * second])
    values = hit_expectations(record, wanted)[:, 0]
    assert np.abs(values - expected).max() < 5 / np.sqrt(20_000)


def test_other_names_and_shapes_are_no_single_copies_of_an_evolution(tmp_path):
    for name in ("Q-size-2-pauli-XY.npy", DYNAMICS.replace("-C-", "-Q-"), "poem.npy"):
        np.save(tmp_path / name, np.zeros((3, 2), dtype=int))
        with pytest.raises(UsageError, match="must be named 1D-scramble-C-size-N"):
            read_recirq_dynamics(tmp_path / name)
    for shape in ((3, 4), (0, 2)):
        np.save(tmp_path / DYNAMICS, np.zeros(shape, dtype=int))
        with pytest.raises(UsageError, match=r"must have 2 columns|at least one shot"):
            read_recirq_dynamics(tmp_path / DYNAMICS)


@pytest.mark.parametrize(
    "array",
    [
        np.array([[0.0, 1.0]]),
        np.array([[None, 1]]),
        np.array([["a"]]),
        np.zeros((2, 2), dtype="m8[s]"),
    ],
)
def test_arrays_of_other_types_are_refused(tmp_path, array):
    np.save(tmp_path / "a.npy", array, allow_pickle=True)
    with pytest.raises(UsageError, match=r"a.npy is no .npy file of numbers"):
        read_recirq_bell(tmp_path / "a.npy")


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("kind", ["?", "i1", "<i8", ">i8", "u2", ">u4"])
def test_whole_numbers_of_every_kind_are_read(tmp_path, order, kind):
    bits = np.random.default_rng(3).integers(0, 2, (7, 4))
    np.save(tmp_path / "a.npy", np.array(bits, dtype=kind, order=order))
    record = read_recirq_bell(tmp_path / "a.npy")
    weights = [1, 2]
    assert record.system[:, 0].tolist() == (bits[:, ::2] @ weights).tolist()
    assert record.memory[:, 0].tolist() == (bits[:, 1::2] @ weights).tolist()
