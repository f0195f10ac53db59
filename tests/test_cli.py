import subprocess
import sys
from dataclasses import replace

import pytest

from quantum_advantage.bounds import copies_required
from quantum_advantage.cli import main
from quantum_advantage.study.summary import Point, write_summary
from quantum_advantage.tasks.observables.explain import EXPLANATIONS
from quantum_advantage.tasks.observables.playing import PROTOCOLS

COMMAND = [sys.executable, "-m", "quantum_advantage.cli"]
POINT = Point(
    "trial", "observables:alpha=0.9,game=two", "bell", 4, "qsim", "circuit", 0.7, 1.96, 1.9, 2.05,
    10_000, None,
)  # fmt: skip


def printed(capsys, *arguments):
    """Runs a command that succeeds and returns what it prints."""
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def refused(capsys, *arguments):
    """Runs a command that fails and returns its one line."""
    try:
        status = main(arguments)
    except SystemExit as ended:
        status = ended.code
    out, err = capsys.readouterr()
    assert status == 2
    assert out == ""
    assert err.startswith("quantum-advantage")
    assert err.count("\n") == 1
    return err


# show


def test_show_prints_the_bell_circuit(capsys):
    out = printed(capsys, "show", "bell", "--qubits", "2")
    circuit = out.split("\n\n")[0]
    assert circuit.count("@") == 2  # one CNOT for each pair
    assert circuit.count("─H─") == 2
    assert "M('system')" in circuit
    assert "M('memory')" in circuit


def test_show_prints_the_table_of_signs_with_yy_minus_at_00(capsys):
    table = printed(capsys, "show", "bell", "--qubits", "2").split("\n\n")[-1].split("\n")
    assert table[0].split() == ["a", "b", "state", "XX", "YY", "ZZ", "SWAP"]
    rows = {tuple(line.split()[:2]): line.split()[3:] for line in table[1:5]}
    assert rows == {
        ("0", "0"): ["+1", "-1", "+1", "+1"],
        ("0", "1"): ["+1", "+1", "-1", "+1"],
        ("1", "0"): ["-1", "+1", "+1", "+1"],
        ("1", "1"): ["-1", "-1", "-1", "-1"],
    }


def test_show_says_how_bell_answers(capsys):
    assert EXPLANATIONS["bell"] in printed(capsys, "show", "bell")


def test_every_protocol_is_explained():
    assert list(EXPLANATIONS) != []
    assert set(EXPLANATIONS) == set(PROTOCOLS)


@pytest.mark.parametrize("protocol", EXPLANATIONS)
def test_show_prints_circuit_and_explanation_of_every_protocol(capsys, protocol):
    out = printed(capsys, "show", protocol, "--qubits", "3")
    assert out.index("M('system')") < out.index(EXPLANATIONS[protocol])


@pytest.mark.parametrize(
    ("protocol", "shown"), [("bell", True), ("memory:qubits=1", True), ("local_pauli", False)]
)
def test_show_prints_the_table_where_two_copies_are_measured_jointly(capsys, protocol, shown):
    assert ("SWAP" in printed(capsys, "show", protocol)) == shown


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["nope"], ["'nope'", "bell, local_pauli"]),
        (["bell", "--qubits", "0"], ["--qubits", "'0'", "at least 1"]),
        (["bell:times=2"], ["'times'", "'bell:times=2'"]),
        (["memory:qubits=3"], ["'memory:qubits=3'", "between 0 and 2"]),
        (["memory:qubits=x"], ["'qubits'", "of type int"]),
        (["local_observables", "--qubits", "1"], ["at least 2 qubits, not 1"]),
        ([""], ["''"]),
        ([], ["protocol"]),
    ],
)
def test_show_refuses_in_one_line(capsys, arguments, named):
    line = refused(capsys, "show", *arguments)
    for part in named:
        assert part in line


# bound


def test_bound_prints_the_copies_for_every_size(capsys):
    out = printed(capsys, "bound", "--qubits", "2,10:20:10")
    sizes = [2, 10, 20]
    lines = out.splitlines()
    assert [line.split(":")[0] for line in lines] == [f"n = {n}" for n in sizes]
    for n, line in zip(sizes, lines, strict=True):
        copies = float(line.split()[-2])
        assert copies / (2**n + 1) == pytest.approx(0.3546, abs=1e-4)
        assert copies == pytest.approx(copies_required(0.7, qubits=n), rel=1e-5)


def test_bound_takes_target_alpha_and_game(capsys):
    out = printed(
        capsys, "bound", "--qubits", "4", "--target", "0.8", "--alpha", "0.5", "--game", "one"
    )
    expected = copies_required(0.8, qubits=4, alpha=0.5, game="one")
    assert float(out.split()[-2]) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--target", "1"], ["target", "1.0", "between 0.5 and 1"]),
        (["--target", "0.5"], ["target", "0.5", "between 0.5 and 1"]),
        (["--target", "nan"], ["target", "nan"]),
        (["--target", "x"], ["--target", "'x'"]),
        (["--alpha", "1"], ["alpha", "1.0", "between 0 and 1"]),
        (["--alpha", "0"], ["alpha", "0.0", "between 0 and 1"]),
        (["--game", "three"], ["game", "'three'", "two, one"]),
        (["--qubits", "0"], ["--qubits", "'0'", "2:20"]),
        (["--qubits", "2000"], ["qubits", "2000"]),
    ],
)
def test_bound_refuses_in_one_line(capsys, arguments, named):
    line = refused(capsys, "bound", *arguments)
    for part in named:
        assert part in line


# compare


@pytest.fixture
def folders(tmp_path):
    """A folder with two new points and one with the first of them committed."""
    new, committed = tmp_path / "new", tmp_path / "committed"
    other = replace(POINT, copies=2.04, copies_low=1.97, copies_high=2.11)
    for folder, points in ((new, [POINT, replace(POINT, qubits=6)]), (committed, [other])):
        (folder / "data").mkdir(parents=True)
        write_summary(points, folder / "data" / "trial_summary.csv")
    return str(new), str(committed)


def test_compare_prints_points_side_by_side(capsys, folders):
    header, first, _ = printed(capsys, "compare", *folders).splitlines()
    assert header.split()[:4] == ["experiment", "protocol", "n", "target"]
    assert first.split()[:6] == ["trial", "bell", "4", "0.70", "1.96", "2.04"]
    assert first.endswith("1.9 to 2.05; 1.97 to 2.11")


def test_compare_leaves_a_dash_where_nothing_is_committed(capsys, folders):
    second = printed(capsys, "compare", *folders).splitlines()[2]
    assert second.split()[:6] == ["trial", "bell", "6", "0.70", "1.96", "-"]
    assert second.endswith("1.9 to 2.05")


def test_compare_leaves_a_dash_where_a_target_was_missed(capsys, tmp_path):
    (tmp_path / "data").mkdir()
    missed = replace(POINT, copies=None, copies_low=20.0, copies_high=None)
    write_summary([missed], tmp_path / "data" / "trial_summary.csv")
    line = printed(capsys, "compare", str(tmp_path), str(tmp_path)).splitlines()[1]
    assert line.split()[4:6] == ["-", "-"]
    assert line.endswith("20 to -; 20 to -")


def test_compare_without_summaries_says_what_to_do(capsys, tmp_path):
    line = refused(capsys, "compare", str(tmp_path), str(tmp_path))
    assert str(tmp_path / "data") in line
    assert "run an experiment first" in line


def test_compare_refuses_a_file_that_is_no_summary(capsys, folders, tmp_path):
    path = tmp_path / "committed" / "data" / "trial_summary.csv"
    path.write_text("a,b\n")
    assert f"{path} is not a summary" in refused(capsys, "compare", *folders)


# demo


def test_demo_prints_a_line_for_each_size_and_the_last_of_them_in_words(capsys, monkeypatch):
    def instant(protocol, qubits, **options):
        copies = 2.0 if protocol == "bell" else 1.5 * 2**qubits
        return replace(
            POINT, copies=copies, bound=None if protocol == "bell" else 0.355 * 2**qubits
        )

    monkeypatch.setattr("quantum_advantage.study.search.copies_needed", instant)
    out = printed(capsys, "demo")
    sizes = [line.split()[0] for line in out.splitlines() if line[:6].strip().isdigit()]
    assert sizes == ["2", "4", "6", "8"]
    assert "At n = 8: 2.0 copies with a quantum memory, 384 copies without." in out


# The program itself.


@pytest.mark.parametrize(
    "arguments", [["nope"], [], ["bound", "--target", "1"], ["bound", "--alpha", "1"]]
)
def test_program_ends_with_status_2_and_one_line(arguments):
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("quantum-advantage: error: ")
    assert done.stderr.count("\n") == 1


def test_unknown_command_is_named_with_the_known_ones(capsys):
    line = refused(capsys, "nope")
    for part in ("'nope'", "demo", "show", "bound", "compare"):
        assert part in line


@pytest.mark.parametrize("command", [[], ["demo"], ["show"], ["bound"], ["compare"]])
def test_help_loads_the_standard_library_alone(command):
    code = (
        "import sys\n"
        "from quantum_advantage.cli import main\n"
        "try:\n"
        f"    main({[*command, '--help']})\n"
        "finally:\n"
        "    heavy = {'numpy', 'scipy', 'cirq', 'matplotlib'} & set(sys.modules)\n"
        "    print(sorted(heavy), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stdout.startswith("usage: quantum-advantage")
    assert done.stderr == "[]\n"
