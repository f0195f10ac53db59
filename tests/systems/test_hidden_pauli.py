import tracemalloc

import cirq
import numpy as np
import pytest

from quantum_advantage.core.pauli import LETTERS, random_letters
from quantum_advantage.systems.hidden_pauli import HiddenPauli

# The eigenstates that the positions of a dial prepare: letter, then 0 for +1 and 1 for -1.
EIGENSTATES = [("Z", 0), ("Z", 1), ("X", 0), ("X", 1), ("Y", 0), ("Y", 1)]
BASIS_OF_POSITION = np.array([3, 3, 1, 1, 2, 2])


def hidden(texts, signs, signals, seed):
    letters = np.array([[LETTERS.index(c) for c in text] for text in texts], dtype=np.uint8)
    return HiddenPauli(
        letters,
        np.array(signs, dtype=np.int8),
        np.array(signals, dtype=float),
        np.random.default_rng(seed),
    )


def prepared_state(system, qubits, positions, label=""):
    """The state that the circuit prepares with its dials at the given positions."""
    dials = system.dials(label)
    values = {
        symbol: value
        for dial, position in zip(dials, positions, strict=True)
        for symbol, value in zip(dial.symbols, dial.positions[position], strict=True)
    }
    circuit = cirq.resolve_parameters(system.circuit(qubits, label), values)
    return cirq.final_state_vector(circuit, qubit_order=qubits, dtype=np.complex128)


def sample_average(system, copies):
    """The mean density matrix of drawn copies with the standard errors of its two parts."""
    qubits = cirq.LineQubit.range(system.qubits)
    rows, counts = np.unique(np.stack(system.draw(copies), axis=1), axis=0, return_counts=True)
    states = np.array([prepared_state(system, qubits, row.tolist()) for row in rows])
    matrices = np.einsum("ki,kj->kij", states, states.conj())
    shares = counts / copies
    mean = np.einsum("k,kij->ij", shares, matrices)
    off = matrices - mean
    errors = [
        np.sqrt(np.einsum("k,kij->ij", shares, part**2) / copies) for part in (off.real, off.imag)
    ]
    return mean, errors


@pytest.mark.parametrize(("position", "eigenstate"), list(enumerate(EIGENSTATES)))
def test_each_position_prepares_its_eigenstate(position, eigenstate):
    letter, bit = eigenstate
    system = hidden(["X"], [1], [1], seed=0)
    state = prepared_state(system, [cirq.LineQubit(0)], [position])
    matrix = cirq.unitary(cirq.DensePauliString(letter))
    np.testing.assert_allclose(matrix @ state, (-1) ** bit * state, atol=1e-12)


@pytest.mark.parametrize(
    ("text", "sign", "signal"),
    [
        ("X", 1, 0.9),
        ("Y", -1, 0.5),
        ("IZ", 1, 0.9),
        ("YI", -1, 0.7),
        ("YX", 1, 1.0),
        ("XIZ", -1, 0.9),
        ("YYX", 1, 0.6),
        ("ZXY", 1, 0.0),
    ],
)
def test_copies_average_to_the_density_matrix(text, sign, signal):
    system = hidden([text], [sign], [signal], seed=1)
    mean, errors = sample_average(system, 40_000)
    off = mean - system.density_matrix(0)
    assert (np.abs(off.real) <= 5 * errors[0] + 1e-9).all()
    assert (np.abs(off.imag) <= 5 * errors[1] + 1e-9).all()


@pytest.mark.parametrize(("text", "sign", "signal"), [("XY", 1, 0.9), ("ZIX", -1, 0.4)])
def test_density_matrix_has_signal_on_the_hidden_string_alone(text, sign, signal):
    matrix = hidden([text], [sign], [signal], seed=0).density_matrix(0)
    assert np.trace(matrix) == pytest.approx(1)
    for index in np.ndindex(*[4] * len(text)):
        other = "".join(LETTERS[code] for code in index)
        expected = {text: sign * signal, "I" * len(text): 1}.get(other, 0)
        mean = np.trace(matrix @ cirq.unitary(cirq.DensePauliString(other)))
        assert mean == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("text", ["XX", "YIZ", "XYZ"])
def test_one_qubit_alone_is_maximally_mixed_from_weight_two_on(text):
    n = len(text)
    tensor = hidden([text], [1], [0.9], seed=0).density_matrix(0).reshape([2] * (2 * n))
    for qubit in range(n):
        marginal = cirq.partial_trace(tensor, [qubit])
        np.testing.assert_allclose(marginal, np.eye(2) / 2, atol=1e-12)


def test_one_qubit_of_a_copy_is_a_fair_coin_from_weight_two_on():
    copies = 40_000
    columns = hidden(["YIZX"], [-1], [0.9], seed=2).draw(copies)
    ones = np.array([(column % 2).sum() for column in columns])
    assert (np.abs(ones - copies / 2) < 5 * np.sqrt(copies) / 2).all()


@pytest.mark.parametrize("text", ["ZIIX", "IYXI", "IIIZ", "YYYY"])
@pytest.mark.parametrize("sign", [1, -1])
def test_product_of_the_eigenvalues_has_mean_sign_times_signal(text, sign):
    copies, signal = 40_000, 0.7
    columns = hidden([text], [sign], [signal], seed=3).draw(copies)
    bits = sum(column % 2 for column, letter in zip(columns, text, strict=True) if letter != "I")
    mean = (1 - 2.0 * (bits % 2)).mean()
    assert abs(mean - sign * signal) < 5 * np.sqrt((1 - signal**2) / copies)


def test_every_qubit_is_prepared_in_the_basis_of_its_letter():
    columns = hidden(["XIYZ"], [1], [0.9], seed=4).draw(500)
    bases = [set(BASIS_OF_POSITION[column]) for column in columns]
    assert bases == [{1}, {3}, {2}, {3}]


def test_full_signal_fixes_the_product_in_every_copy():
    columns = hidden(["XYZ"], [-1], [1], seed=5).draw(300)
    assert set((sum(column % 2 for column in columns) % 2).tolist()) == {1}


def test_no_signal_is_the_maximally_mixed_state():
    np.testing.assert_array_equal(hidden(["XY"], [1], [0], seed=0).density_matrix(0), np.eye(4) / 4)


def test_draws_keep_the_order_of_the_systems():
    system = hidden(["X", "Y", "Z", "X"], [1, -1, 1, -1], [1, 1, 1, 1], seed=6)
    (column,) = system.draw(3)
    assert column.tolist() == [2, 2, 2, 5, 5, 5, 0, 0, 0, 3, 3, 3]


def test_each_system_has_its_own_signal():
    copies = 20_000
    (column,) = hidden(["Z", "Z", "Z"], [1, 1, 1], [1.0, 0.5, 0.0], seed=7).draw(copies)
    means = (1 - 2.0 * (column % 2)).reshape(3, copies).mean(axis=1)
    assert means[0] == 1
    assert abs(means[1] - 0.5) < 5 * np.sqrt(0.75 / copies)
    assert abs(means[2]) < 5 / np.sqrt(copies)


def test_selection_keeps_letters_signs_and_signals_of_the_systems():
    system = hidden(["X", "Y", "Z", "X"], [1, -1, 1, -1], [1, 0.5, 0.25, 0], seed=8)
    part = system.select(slice(1, 3))
    assert part.systems == 2
    for old, new in ((1, 0), (2, 1)):
        np.testing.assert_array_equal(part.density_matrix(new), system.density_matrix(old))


def test_sizes_are_those_of_the_letters():
    system = hidden(["XYZ", "ZZI"], [1, 1], [0.9, 0.9], seed=0)
    assert (system.qubits, system.systems) == (3, 2)


def drawn_letter_by_letter(system, copies):
    """The same draw from the definition, a shot at a time, for the same state of the generator."""
    aligned = system.nature.random((system.systems, copies)) < (1 + system.signals[:, None]) / 2
    count = system.qubits * aligned.size
    octets = np.frombuffer(system.nature.bytes(-(-count // 8)), np.uint8)
    bits = np.unpackbits(octets, count=count).reshape(system.qubits, *aligned.shape)
    positions = np.empty_like(bits)
    for k in range(system.systems):
        held = np.flatnonzero(system.letters[k])
        odd = aligned[k] ^ (system.signs[k] > 0)
        bits[held[-1], k] = (bits[held[:-1], k].sum(axis=0) + odd) % 2
        bases = [EIGENSTATES.index(("IXYZ"[c] if c else "Z", 0)) for c in system.letters[k]]
        positions[:, k] = np.array(bases)[:, None] + bits[:, k]
    return positions.reshape(system.qubits, -1)


@pytest.mark.parametrize(
    ("systems", "qubits", "copies"),
    [
        (1, 1, 1),
        (1, 3, 40),  # whole octets
        (7, 3, 11),  # rows that begin within an octet
        (40, 5, 8),
        (3, 2, 20_001),  # a system in several blocks, and blocks of several systems
        (17_000, 2, 1),
    ],
)
def test_draws_are_those_of_the_definition(systems, qubits, copies):
    rng = np.random.default_rng(systems)
    letters = random_letters(systems, qubits, rng)
    signs = (1 - 2 * rng.integers(0, 2, systems)).astype(np.int8)
    signals = rng.random(systems)
    packed, plain = (
        HiddenPauli(letters, signs, signals, np.random.default_rng(1)) for _ in range(2)
    )
    for _ in range(2):
        found = packed.draw(copies)
        np.testing.assert_array_equal(found, drawn_letter_by_letter(plain, copies))
        assert {(column.dtype, column.flags.c_contiguous) for column in found} == {
            (np.dtype(np.uint8), True)
        }
    assert packed.nature.bit_generator.state == plain.nature.bit_generator.state


def test_drawing_takes_little_memory_beside_the_table_and_the_letters():
    shots, qubits = 1_000_000, 20
    rng = np.random.default_rng(1)
    ones = np.ones(shots)
    system = HiddenPauli(random_letters(shots, qubits, rng), ones.astype(np.int8), ones, rng)
    tracemalloc.start()
    table = system.draw(1)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1.2 * (system.letters.nbytes + sum(column.nbytes for column in table))


def test_draws_repeat_with_the_seed():
    first, again = (hidden(["XYZ"], [1], [0.5], seed=9).draw(100) for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_label_tells_the_symbols_of_copies_apart():
    system = hidden(["XY"], [1], [0.9], seed=0)
    qubits = cirq.LineQubit.range(2)
    names = [cirq.parameter_names(system.circuit(qubits, label)) for label in ("a", "b")]
    assert not names[0] & names[1]
    for label, expected in zip(("a", "b"), names, strict=True):
        assert {symbol for dial in system.dials(label) for symbol in dial.symbols} == expected


def test_positions_of_the_dials_are_floats_of_python():
    positions = [p for dial in hidden(["XY"], [1], [0.9], seed=0).dials("") for p in dial.positions]
    assert {type(value) for position in positions for value in position} == {float}


def test_identity_is_refused():
    with pytest.raises(ValueError, match="must not be the identity"):
        hidden(["XY", "II"], [1, 1], [0.9, 0.9], seed=0)


def test_a_code_that_is_no_letter_is_refused():
    codes, one = np.array([[1, 4]], dtype=np.uint8), np.ones(1)
    with pytest.raises(ValueError, match="codes must be 0 to 3, not 4"):
        HiddenPauli(codes, one.astype(np.int8), one, np.random.default_rng(0))


@pytest.mark.parametrize("signal", [-0.1, 1.1, np.nan])
def test_signal_outside_zero_to_one_is_refused(signal):
    with pytest.raises(ValueError, match="alpha must lie between 0 and 1"):
        hidden(["XY", "XX"], [1, 1], [0.9, signal], seed=0)


@pytest.mark.parametrize("sign", [0, 2])
def test_a_sign_that_is_none_is_refused(sign):
    with pytest.raises(ValueError, match="must be 1 or -1"):
        hidden(["XY", "XX"], [1, sign], [0.9, 0.9], seed=0)


def test_arrays_of_other_numbers_of_systems_are_refused():
    with pytest.raises(ValueError, match="equally many systems, not 2, 1 and 1"):
        hidden(["XY", "XX"], [1], [0.9], seed=0)
