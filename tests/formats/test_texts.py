import math

import cirq
import numpy as np
import pytest

from quantum_advantage.core.pauli import PauliStrings, random_letters
from quantum_advantage.core.usage import UsageError
from quantum_advantage.formats import texts
from quantum_advantage.formats.arrays import from_pennylane, to_pennylane
from quantum_advantage.formats.texts import (
    read_bases,
    read_measurements,
    read_observables,
    read_subsystems,
    read_weighted_observables,
    write_measurements,
    write_observables,
    write_subsystems,
)
from quantum_advantage.inference.shadows.hits import hit_expectations

# As that program writes them: a blank at the end of each line.
MEASUREMENTS = """4
Z 1 Z -1 Y 1 Z 1 \n\
Y -1 X -1 Y 1 Y -1 \n\
X 1 Z 1 Z -1 X 1 \n\
"""
OBSERVABLES = "4\n2 X 0 Y 1\n\n1 Z 3\n0\n4 X 0 X 1 X 2 X 3\n"


def plain_estimate(measurements, observable):
    """The estimate of predicting-quantum-properties: the mean product of the shots that match."""
    products = []
    for shot in measurements:
        pairs = list(zip(shot[::2], map(int, shot[1::2]), strict=True))
        if all(pairs[place][0] == letter for letter, place in observable):
            products.append(math.prod(pairs[place][1] for _, place in observable))
    return np.mean(products) if products else np.nan


def drawn(shots, qubits, seed):
    rng = np.random.default_rng(seed)
    bits, bases = rng.integers(0, 2, (shots, qubits)), rng.integers(0, 3, (shots, qubits))
    return from_pennylane(bits, bases)


def test_a_measurement_file_of_that_program_is_read(tmp_path):
    path = tmp_path / "measurement.txt"
    path.write_text(MEASUREMENTS)
    record = read_measurements(path)
    bits, bases = to_pennylane(record)
    assert bits.tolist() == [[0, 1, 0, 0], [1, 1, 0, 1], [0, 0, 1, 0]]
    assert bases.tolist() == [[2, 2, 1, 2], [1, 0, 1, 1], [0, 2, 2, 0]]
    assert record.qubits == tuple(cirq.LineQubit.range(4))
    assert record.scheme == "given"
    assert read_measurements(path, scheme="random").scheme == "random"


def test_files_in_and_out_give_the_estimates_of_that_program(tmp_path):
    record = drawn(400, 5, 1)
    rng = np.random.default_rng(2)
    strings = PauliStrings.from_letters(
        np.concatenate([random_letters(10, 5, rng, weight) for weight in (1, 2, 3)])
    )
    write_measurements(tmp_path / "m.txt", record)
    write_observables(tmp_path / "o.txt", strings)
    shots = [line.split() for line in (tmp_path / "m.txt").read_text().splitlines()[1:]]
    observables = []
    for line in (tmp_path / "o.txt").read_text().splitlines()[1:]:
        weight, *pairs = line.split()
        observables.append(list(zip(pairs[::2], map(int, pairs[1::2]), strict=True)))
        assert int(weight) == len(observables[-1])
    expected = [plain_estimate(shots, observable) for observable in observables]
    read = read_measurements(tmp_path / "m.txt"), read_observables(tmp_path / "o.txt")
    np.testing.assert_allclose(hit_expectations(*read)[:, 0], expected)
    assert read[1].text() == strings.text()
    assert read[0].outcomes.tolist() == record.outcomes.tolist()


def test_several_shots_of_a_basis_are_lines_in_a_row(tmp_path):
    rng = np.random.default_rng(3)
    bases = np.repeat(rng.integers(0, 3, (6, 3)), 4, axis=0)
    record = from_pennylane(rng.integers(0, 2, (24, 3)), bases, times=4)
    write_measurements(tmp_path / "m.txt", record)
    found = read_measurements(tmp_path / "m.txt", times=4)
    assert (found.settings, found.times) == (6, 4)
    assert [a.tolist() for a in to_pennylane(found)] == [a.tolist() for a in to_pennylane(record)]
    with pytest.raises(ValueError, match="bases must repeat 5 times in a row"):
        read_measurements(tmp_path / "m.txt", times=5)


def test_an_observable_file_is_read(tmp_path):
    (tmp_path / "o.txt").write_text(OBSERVABLES)
    assert read_observables(tmp_path / "o.txt").text() == ["XYII", "IIIZ", "IIII", "XXXX"]


def test_subsystems_come_back(tmp_path):
    parts = [(0, 1), (2,), (3, 1, 0), ()]
    write_subsystems(tmp_path / "s.txt", 4, parts)
    assert (tmp_path / "s.txt").read_text() == "4\n2 0 1\n1 2\n3 3 1 0\n0\n"
    assert read_subsystems(tmp_path / "s.txt") == (4, parts)
    with pytest.raises(ValueError, match=r"different qubits below 4, not \(4, 1\)"):
        write_subsystems(tmp_path / "t.txt", 4, [(4, 1)])
    with pytest.raises(ValueError, match=r"different qubits below 4, not \(1, 1\)"):
        write_subsystems(tmp_path / "t.txt", 4, [(1, 1)])


def test_printed_bases_are_read(tmp_path):
    (tmp_path / "b.txt").write_text("X Y Z\nZ Z X\n")
    assert read_bases(tmp_path / "b.txt").tolist() == [[0, 1, 2], [2, 2, 0]]


@pytest.mark.parametrize(
    ("reader", "text", "message"),
    [
        (
            read_measurements,
            "X 1\n",
            "line 1: expected the number of qubits, at most 65536, not 'X 1'",
        ),
        (read_measurements, "0\n", "line 1: expected the number of qubits, at most 65536, not '0'"),
        (read_measurements, "", "line 1: expected the number of qubits, at most 65536, not ''"),
        (read_measurements, "2\nX 1 Y 1\n\nX 1\n", "line 4: expected 2 pairs such as .* 'X 1'"),
        (read_measurements, "2\nX 1 Y\n", "line 2: expected 2 pairs"),
        (read_measurements, "2\nX 1 Y 0\n", "line 2: expected 2 pairs .* not 'X 1 Y 0'"),
        (read_measurements, "2\n1 X -1 Y\n", "line 2: expected 2 pairs"),
        (read_measurements, "1\nI 1\n", "line 2: expected 1 pairs"),
        (read_observables, "2\n2 X 0\n", "line 2: expected a size k, k pairs .* not '2 X 0'"),
        (read_observables, "2\n1 X 0\n1 X 2\n", "line 3: .* different qubits below 2"),
        (read_observables, "2\n2 X 0 Y 0\n", "line 2: .* different qubits below 2"),
        (read_observables, "2\n1 Q 0\n", "line 2: expected a size k"),
        (read_observables, "2\nX 0\n", "line 2: expected a size k"),
        (read_observables, "2\n1 X -1\n", "line 2: expected a size k"),
        (read_subsystems, "3\n2 0 1\n2 0 3\n", "line 3: expected a size k and k different"),
        (read_subsystems, "3\n2 0\n", "line 2: expected a size"),
        (read_subsystems, "3\n2 0 0\n", "line 2: expected a size"),
        (read_bases, "X Y\nX\n", "line 2: expected 2 letters X, Y or Z"),
        (read_bases, "X Q\n", "line 1: expected letters X, Y or Z"),
        (read_bases, "\n", "at least one line of bases"),
    ],
)
def test_a_broken_line_is_named_by_its_number_and_what_was_expected(
    tmp_path, reader, text, message
):
    path = tmp_path / "file.txt"
    path.write_text(text)
    with pytest.raises(ValueError, match=rf"file\.txt.*{message}"):
        reader(path)


def test_long_lines_are_shown_in_part(tmp_path):
    (tmp_path / "m.txt").write_text("2\n" + "X 1 " * 50)
    with pytest.raises(ValueError, match=r"not 'X 1 X 1.*\.\.\.'$"):
        read_measurements(tmp_path / "m.txt")


def test_strings_with_a_sign_cannot_be_written(tmp_path):
    with pytest.raises(ValueError, match="sign \\+1 to be written, not -XI"):
        write_observables(tmp_path / "o.txt", PauliStrings.from_text(["ZZ", "-XI"]))


def test_files_are_never_overwritten(tmp_path):
    path = tmp_path / "m.txt"
    path.write_text("precious")
    for write in (
        lambda: write_measurements(path, drawn(2, 2, 4)),
        lambda: write_observables(path, PauliStrings.from_text("XX")),
        lambda: write_subsystems(path, 2, [(0,)]),
    ):
        with pytest.raises(FileExistsError):
            write()
    assert path.read_text() == "precious"


def test_weights_are_read_and_written_and_change_no_string(tmp_path):
    path = tmp_path / "o.txt"
    path.write_text("4\n2 X 0 Y 1 1.5\n1 Z 3\n0 2\n4 X 0 X 1 X 2 X 3 .5e1\n3 Y 2 Z 0 X 1 7 \n")
    strings, weights = read_weighted_observables(path)
    assert weights.tolist() == [1.5, 1.0, 2.0, 5.0, 7.0]
    assert strings.text() == ["XYII", "IIIZ", "IIII", "XXXX", "ZXYI"]
    assert read_observables(path).text() == strings.text()
    write_observables(tmp_path / "again.txt", strings, weights)
    again, same_weights = read_weighted_observables(tmp_path / "again.txt")
    assert again.text() == strings.text()
    assert same_weights.tolist() == weights.tolist()


@pytest.mark.parametrize(
    "weight", ["0", "-1", "nan", "inf", "1e999", "1_0", "٣", "x", "1 2", "X 1"]
)
def test_other_weights_are_refused(tmp_path, weight):
    path = tmp_path / "o.txt"
    path.write_text(f"2\n1 X 0 {weight}\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"line 2: expected a size k, .* a weight above 0"):
        read_observables(path)


def test_weights_that_cannot_be_written_are_refused(tmp_path):
    strings = PauliStrings.from_text(["XY", "ZZ"])
    for weights in ([1], [1, 0], [1, -2], [1, np.nan], [[1, 2]]):
        with pytest.raises(UsageError, match="weights must be 2 numbers above 0"):
            write_observables(tmp_path / "o.txt", strings, weights)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("reader", [read_measurements, read_observables, read_subsystems])
@pytest.mark.parametrize(
    "first", ["99999999999", "65537", "٢", "+2", "2.0", "02", "²", "-1", "2 2"]
)
def test_numbers_of_qubits_are_spelt_plainly_and_bounded(tmp_path, reader, first):
    path = tmp_path / "f.txt"
    path.write_text(f"{first}\n1 X 0\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"f.txt, line 1: expected the number of qubits"):
        reader(path)


def test_many_short_lines_of_many_qubits_stay_small(tmp_path, monkeypatch):
    monkeypatch.setattr(texts, "_MOST_VALUES", 2**23)
    path = tmp_path / "o.txt"
    path.write_text("65536\n" + "0\n" * 128)
    assert len(read_observables(path)) == 128
    path.write_text("65536\n" + "0\n" * 129)
    with pytest.raises(UsageError, match="must hold at most 128 strings"):
        read_observables(path)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "f.txt"
    path.write_bytes(b"2\nX 1 \xff 1\n")
    for reader in (read_measurements, read_observables, read_subsystems, read_bases):
        with pytest.raises(UsageError, match=r"f.txt must be a text in UTF-8"):
            reader(path)


def test_line_ends_of_windows_are_read(tmp_path):
    path = tmp_path / "f.txt"
    path.write_bytes(b"2\r\nX 1\tZ -1\r\n\r\n")
    bits, recipes = to_pennylane(read_measurements(path))
    assert (bits.tolist(), recipes.tolist()) == ([[0, 1]], [[0, 2]])


def test_random_bases_that_come_in_blocks_are_not_taken_for_fresh_ones(tmp_path):
    rng = np.random.default_rng(1)
    bits, bases = rng.integers(0, 2, (200, 3)), np.repeat(rng.integers(0, 3, (20, 3)), 10, axis=0)
    write_measurements(tmp_path / "m.txt", from_pennylane(bits, bases, times=10))
    with pytest.raises(UsageError, match=r"bases in .*m.txt stand in blocks of 10 .* times=10"):
        read_measurements(tmp_path / "m.txt", scheme="random")
    assert read_measurements(tmp_path / "m.txt", scheme="random", times=10).settings == 20
    # Bases that are given have no weights of random ones.
    assert read_measurements(tmp_path / "m.txt").settings == 200


@pytest.mark.parametrize("part", [[0.5], ["0"], [None], [[0]], 3])
def test_subsystems_are_numbers_of_qubits(tmp_path, part):
    with pytest.raises(UsageError, match="subsystems must hold the numbers of their qubits"):
        write_subsystems(tmp_path / "s.txt", 3, [part])


@pytest.mark.parametrize("qubits", [0, 2.5, 70_000, True])
def test_nothing_is_written_that_cannot_be_read_back(tmp_path, qubits):
    with pytest.raises(UsageError, match="qubits must be"):
        write_subsystems(tmp_path / "s.txt", qubits, [])
    assert not (tmp_path / "s.txt").exists()


def test_what_cannot_be_written_is_refused_before_there_is_a_file(tmp_path):
    path = tmp_path / "file.txt"
    with pytest.raises(UsageError, match="strings must be PauliStrings, not a list"):
        write_observables(path, ["XZ"])
    with pytest.raises(UsageError, match="qubits must be a whole number, not '4'"):
        write_subsystems(path, "4", [(0, 1)])
    assert not path.exists()
