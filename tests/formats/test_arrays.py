import itertools

import cirq
import numpy as np
import pytest

from quantum_advantage.formats.arrays import (
    from_pennylane,
    read_recirq_bell,
    read_recirq_conventional,
    to_pennylane,
)
from quantum_advantage.inference.bell import squares
from quantum_advantage.inference.hits import hit_expectations
from quantum_advantage.measurements.bell import bell_basis_change
from quantum_advantage.pauli import PauliStrings

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
    from quantum_advantage.inference.shadows import expectations

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
