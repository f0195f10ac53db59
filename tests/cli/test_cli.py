import contextlib
import csv
import io
import itertools
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from quantum_advantage.backends.devices.virtual import open_virtual, virtual_device
from quantum_advantage.bounds.hidden_pauli import copies_required
from quantum_advantage.cli import main
from quantum_advantage.study.estimate_summary import EstimatePoint, write_estimates
from quantum_advantage.study.summary import Point, write_summary
from quantum_advantage.tasks.observables.explain import EXPLANATIONS
from quantum_advantage.tasks.observables.playing import PROTOCOLS
from quantum_advantage.tasks.purities import WholePurity
from quantum_advantage.tasks.registry import ESTIMATIONS, TASKS

COMMAND = [sys.executable, "-m", "quantum_advantage.cli"]
COMMANDS = (
    "demo",
    "show",
    "bound",
    "compare",
    "devices",
    "layout",
    "preflight",
    "certify",
    "verify",
    "plan",
    "plan",
)
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


@pytest.mark.parametrize("protocol", WholePurity.ENTRIES)
def test_show_prints_circuit_and_explanation_of_every_estimate(capsys, protocol):
    out = printed(capsys, "show", protocol, "--task", "whole_purity", "--qubits", "2")
    assert out.index("M('system')") < out.index(WholePurity.ENTRIES[protocol].about)
    assert ("SWAP" in out.split("\n\n")[-1]) == (protocol == "bell")


def test_show_names_the_tasks_of_either_kind(capsys):
    line = refused(capsys, "show", "bell", "--task", "nope")
    named = line.rpartition("one of ")[2].strip().split(", ")
    assert named == [*TASKS, *ESTIMATIONS]


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
    ("task", "protocol", "named"),
    [
        ("purity", "bell", "singlets"),
        ("purity", "randomized_measurements", "Hamming distance"),
        ("principal_component", "bell_sign", "|00⟩, |11⟩, Ψ⁺, Ψ⁻"),
    ],
)
def test_show_knows_the_other_tasks(capsys, task, protocol, named):
    out = printed(capsys, "show", protocol, "--task", task, "--qubits", "2")
    assert "iSwap" in out or task == "principal_component"
    assert named in out


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["bel", "--task", "purity"], ["'bel'", "bell, collisions"]),
        (["bell", "--task", "purify"], ["'purify'", "observables, purity"]),
        (["nope"], ["'nope'", "bell, bell_calibrated, local_pauli"]),
        (["bell", "--qubits", "0"], ["--qubits", "'0'", "at least 1"]),
        (["bell:times=2"], ["'times'", "'bell:times=2'"]),
        (["memory:qubits=3"], ["'memory:qubits=3'", "between 0 and 2"]),
        (["memory:qubits=x"], ["'qubits'", "a whole number"]),
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
    *lines, conditions = out.splitlines()
    assert [line.split(":")[0] for line in lines] == [f"n = {n}" for n in sizes]
    assert "for 0.7 right: (I ± a·P)/2^n with a = 0.9, game two" in conditions
    for n, line in zip(sizes, lines, strict=True):
        copies = float(line.split()[-2])
        assert copies / (2**n + 1) == pytest.approx(0.3546, abs=1e-4)
        assert copies == pytest.approx(copies_required(0.7, qubits=n), rel=1e-5)


def test_bound_takes_target_alpha_and_game(capsys):
    out = printed(
        capsys, "bound", "--qubits", "4", "--target", "0.8", "--alpha", "0.5", "--game", "one"
    )
    expected = copies_required(0.8, qubits=4, alpha=0.5, game="one")
    line, conditions = out.splitlines()
    assert float(line.split()[-2]) == pytest.approx(expected, rel=1e-5)
    assert "for 0.8 right: (I ± a·P)/2^n with a = 0.5, game one" in conditions


@pytest.mark.parametrize(("task", "scale"), [("purity", 1.01), ("principal_component", 1.40)])
def test_bound_knows_the_haar_random_tasks(capsys, task, scale):
    out = printed(capsys, "bound", "--task", task, "--qubits", "20")
    line, conditions = out.splitlines()
    assert float(line.split()[-2]) / 2**10 == pytest.approx(scale, abs=0.005)
    assert "Haar-random" in conditions


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--task", "purify"], ["--task", "'purify'", "principal_component"]),
        (["--target", "1"], ["--target", "'1'", "between 0.5 and 1"]),
        (["--target", "0.5"], ["target", "0.5", "between 0.5 and 1"]),
        (["--target", "nan"], ["target", "nan"]),
        (["--target", "x"], ["--target", "'x'"]),
        (["--alpha", "1"], ["--alpha", "'1'", "between 0 and 1"]),
        (["--alpha", "0"], ["--alpha", "'0'", "between 0 and 1"]),
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


def estimate_point(**changes):
    numbers = (40, 20, 0.81, 0.8, 0.83, 0.82, 0.034, 0.03, 0.037, 0.95)
    names = ("trial", "whole_purity", "bell", 4, "qsim", "circuit", "purity:first=4")
    return replace(EstimatePoint(*names, *numbers), **changes)


def test_compare_prints_errors_of_estimates_after_sample_complexities(capsys, folders):
    here, there = (Path(f) / "data" / "errors_summary.csv" for f in folders)
    write_estimates([estimate_point(), estimate_point(copies=80)], here)
    write_estimates([estimate_point(rmse=0.035, rmse_low=None)], there)
    *_, empty, header, first, second = printed(capsys, "compare", *folders).splitlines()
    assert empty == ""
    assert header.split()[:6] == ["task", "protocol", "n", "copies", "quantity", "rms"]
    assert first.split() == [
        *[
            "whole_purity",
            "bell",
            "4",
            "40",
            "purity:first=4",
            "0.034",
            "0.035",
            "0.03",
            "to",
            "0.037;",
            "-",
            "to",
            "0.037",
        ]
    ]
    assert second.split()[3:7] == ["80", "purity:first=4", "0.034", "-"]


def test_compare_tells_errors_under_noise_apart(capsys, folders):
    here, there = (Path(f) / "data" / "errors_summary.csv" for f in folders)
    noisy = estimate_point(backend="qsim:readout=0.1", rmse=0.5)
    write_estimates([estimate_point(), noisy], here)
    write_estimates([noisy, estimate_point()], there)
    *_, first, second = printed(capsys, "compare", *folders).splitlines()
    assert first.split()[5:7] == ["0.034", "0.034"]
    assert second.split()[5:7] == ["0.5", "0.5"]
    assert second.endswith(", qsim:readout=0.1")


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


# devices


@pytest.fixture(scope="module")
def listed():
    """What the command says of each processor: its line, and the lines below it by their word."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        assert main(["devices"]) == 0
    found, below = {}, {}
    for line in text.getvalue().splitlines():
        if line.startswith("    "):
            name, _, rest = line.strip().partition("  ")
            below[name] = rest.strip()
        else:
            below = {}
            found[line.partition(": ")[0]] = line.partition(": ")[2], below
    return found


def test_devices_lists_every_processor(listed):
    assert list(listed) == [
        "qvm:rainbow",
        "qvm:weber",
        "qvm:willow_pink",
        "engine:PROJECT/PROCESSOR",
    ]


@pytest.mark.parametrize(
    ("name", "qubits", "couplers", "pairs", "least", "most", "date"),
    [
        ("weber", 53, 86, 24, 24, 24, "2021-11-03"),
        ("willow_pink", 105, 182, 49, 46, 49, "2024-08-16"),
        ("rainbow", 23, 32, 8, 8, 8, "2021-11-16"),
    ],
)
def test_devices_tells_the_size_of_every_processor(
    listed, name, qubits, couplers, pairs, least, most, date
):
    line, _ = listed[f"qvm:{name}"]
    assert line.startswith(f"{qubits} qubits, {couplers} couplers, at most {pairs} pairs, ")
    chain = int(re.search(r"longest chain of pairs found (\d+),", line)[1])
    assert least <= chain <= most
    assert line.endswith(f"calibrated {date}")


@pytest.mark.parametrize(
    ("name", "gates", "uncalibrated"),
    [
        ("weber", {"cz", "syc", "sqrt_iswap"}, {"cz"}),
        ("rainbow", {"cz", "syc", "sqrt_iswap"}, {"cz"}),
        ("willow_pink", {"cz"}, set()),
    ],
)
def test_devices_tells_native_gates_and_which_are_not_calibrated(listed, name, gates, uncalibrated):
    _, below = listed[f"qvm:{name}"]
    assert set(below) - {"one qubit", "readout"} == gates
    for gate in gates:
        if gate in uncalibrated:
            assert below[gate] == "accepted, but not calibrated: refused"
        else:
            error = re.fullmatch(r"median Pauli error (\d+\.\d\d)%", below[gate])[1]
            median = virtual_device(name).medians()[f"{gate} error"]
            assert float(error) == pytest.approx(100 * median, abs=0.0051)


@pytest.mark.parametrize("name", ["weber", "rainbow", "willow_pink"])
def test_devices_tells_the_other_medians(listed, name):
    _, below = listed[f"qvm:{name}"]
    medians = virtual_device(name).medians()
    assert [float(v) for v in re.findall(r"[\d.]+", below["one qubit"])] == [
        pytest.approx(100 * medians["1q error"], abs=0.0051),
        1,  # of the name T1
        pytest.approx(medians["T1 us"], abs=0.51),
    ]
    zero, one = re.findall(r"([\d.]+)% of ([01])", below["readout"])
    for (error, bit), value in zip((zero, one), "01", strict=True):
        assert bit == value
        assert float(error) == pytest.approx(100 * medians[f"readout {bit}"], abs=0.0051)


# layout


def laid_out(capsys, out, *arguments):
    """Returns the rows of the table as words, and what the last lines say."""
    lines = printed(capsys, "layout", *arguments, "--out", str(out)).splitlines()
    assert lines[0].split() == ["pair", "gate", "gate", "error", "readout", "errors", "cost"]
    rows = [line.split() for line in lines[1:-3]]
    return rows, *lines[-3:]


@pytest.mark.parametrize("chain", [False, True])
def test_layout_prints_disjoint_pairs_that_are_couplers_and_draws_them(capsys, tmp_path, chain):
    rows, expected, named, drawn = laid_out(
        capsys, tmp_path, "weber", "--pairs", "20", *["--chain"] * chain
    )
    # The printed name reads back as a backend.
    pairs = open_virtual(f"qvm:weber,{named}").place(20)
    assert len(pairs) == len({q for pair in pairs for q in pair}) / 2 == 20
    device = virtual_device("weber")
    for pair, row in zip(pairs, rows, strict=True):
        assert device.couplers.has_edge(*pair)
        (a, b), (gate, error) = pair, row[1:3]
        assert row[0] == f"{a.row}.{a.col}-{b.row}.{b.col}"
        assert gate == device.gate(pair)
        known = device.gate_errors[min(pair), max(pair)][gate]
        assert float(error.rstrip("%")) == pytest.approx(100 * known, abs=0.0051)
        readout = [float(text.rstrip("%")) / 100 for text in row[3:7]]
        assert readout == pytest.approx([e for q in pair for e in device.readout_errors[q]])
        assert float(row[7]) == pytest.approx(2.718281828 ** device.weight(pair), abs=0.00051)
    if chain:
        for (one, _), (other, _) in itertools.pairwise(pairs):
            assert device.couplers.has_edge(one, other)
    total, each = map(float, re.findall(r"by ([\d.]+), ([\d.]+) for each", expected)[0])
    assert total == pytest.approx(2.718281828 ** sum(map(device.weight, pairs)), rel=0.005)
    assert each == pytest.approx(total ** (1 / 20), abs=0.001)
    stem = tmp_path / "layout" / f"weber_{'chain' if chain else 'pairs'}_20"
    assert drawn == f"drawn in {stem}.png"
    assert {path.suffix for path in stem.parent.iterdir()} == {".png", ".svg", ".pdf"}
    assert stem.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    assert stem.with_suffix(".pdf").read_bytes().startswith(b"%PDF")
    assert b"<svg" in stem.with_suffix(".svg").read_bytes()


def test_layout_takes_the_pairs_of_the_name(capsys, tmp_path):
    name = "qvm:weber,pairs=3.3-3.4+6.7-6.6+4.9-4.8"
    rows, _, named, _ = laid_out(capsys, tmp_path, name, "--pairs", "2")
    assert [row[0] for row in rows] == ["3.3-3.4", "6.7-6.6"]
    assert named == "pairs=3.3-3.4+6.7-6.6"


WRONG_PLACES = [
    (["weber", "--pairs", "25"], ["weber holds 24 disjoint pairs, not 25"]),
    (["rainbow", "--pairs", "9"], ["rainbow holds 8 disjoint pairs, not 9"]),
    (["nope", "--pairs", "2"], ["'nope'", "rainbow, weber, willow_pink"]),
    (["qvm:nope", "--pairs", "2"], ["'nope'", "rainbow, weber, willow_pink"]),
    (["qsim:readout=0.1", "--pairs", "2"], ["'qsim:readout=0.1'", "no processor"]),
    (["qvm:weber,pairs=0.5-3.3", "--pairs", "1"], ["q(0, 5)", "q(3, 3)", "weber"]),
    (["qvm:weber,pairs=3.3-9.9", "--pairs", "1"], ["q(9, 9)", "weber"]),
    (["qvm:weber,pairs=3.3-3.2+3.2-4.2", "--pairs", "2"], ["q(3, 2)", "two of the named pairs"]),
    (["qvm:weber,pairs=3.3-3.2", "--pairs", "2"], ["1 pairs are named, and 2 are needed"]),
    (["qvm:weber,pairs=3.3", "--pairs", "1"], ["'3.3'", "row.column-row.column"]),
    (["qvm:weber,pairs=3.3-3.2,4.3-4.4", "--pairs", "1"], ["qvm:weber,pairs=3.3-3.2,4.3-4.4"]),
    (["qvm:weber,pears=3.3-3.2", "--pairs", "1"], ["'pears'"]),
    (["qvm:weber", "--pairs", "0"], ["--pairs", "'0'", "at least 1"]),
    (["qvm:weber", "--pairs", "x"], ["--pairs", "'x'", "at least 1"]),
    (["qvm:weber"], ["--pairs"]),
    (["engine:chip", "--pairs", "1"], ["'engine:chip'", "engine:PROJECT/PROCESSOR"]),
]


@pytest.mark.parametrize(("arguments", "named"), WRONG_PLACES)
def test_layout_refuses_in_one_line_and_writes_nothing(capsys, tmp_path, arguments, named):
    line = refused(capsys, "layout", *arguments, "--out", str(tmp_path))
    for part in named:
        assert part in line
    assert list(tmp_path.iterdir()) == []


def test_layout_of_a_chain_that_is_too_long_is_refused(capsys, tmp_path):
    line = refused(capsys, "layout", "rainbow", "--pairs", "9", "--chain", "--out", str(tmp_path))
    assert "rainbow holds 8 pairs in a chain, not 9" in line


# preflight


def numbers_of(path):
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def no_map(monkeypatch):
    """Leaves out the slow part of a preflight where a test does not look at it."""
    monkeypatch.setattr("quantum_advantage.preflight.processors.render", lambda draw, stem: None)


def test_preflight_leaves_a_table_within_physical_ranges_and_a_map(capsys, tmp_path):
    out = printed(capsys, "preflight", "qvm:rainbow", "--pairs", "4", "--out", str(tmp_path))
    stem = tmp_path / "preflight" / "rainbow_4"
    names = sorted(path.name for path in stem.parent.iterdir())
    assert names == ["rainbow_4.csv", "rainbow_4.pdf", "rainbow_4.png", "rainbow_4.svg"]
    rows = numbers_of(stem.with_suffix(".csv"))
    assert len(rows) == 4
    pairs = open_virtual("qvm:rainbow").place(4)
    assert [row["pair"] for row in rows] == [f"{a.row}.{a.col}-{b.row}.{b.col}" for a, b in pairs]
    errors = [f"{side}_{e}" for side in ("system", "memory") for e in ("p10", "p01")]
    ranges = {
        "fidelity": (0.5, 1),
        "chsh": (2, 2 * 2**0.5),  # noisy, but entangled
        "f_x": (0.5, 1),
        "f_y": (0.5, 1),
        "f_z": (0.5, 1),
    } | dict.fromkeys(errors, (0, 0.25))
    for row, pair in zip(rows, pairs, strict=True):
        for name, (least, most) in ranges.items():
            value, low, high = (float(row[name + end]) for end in ("", "_low", "_high"))
            assert low < value < high
            assert least <= value <= most
        # Y is read from both bits, X and Z from one.
        assert float(row["f_y"]) < min(float(row["f_x"]), float(row["f_z"]))
        product = float(row["f_x"]) * float(row["f_y"]) * float(row["f_z"])
        assert float(row["cost"]) == pytest.approx(product**-0.5, rel=1e-4)
        assert row["outlier"] == "0"
        # Readout errors are those of the calibration, within five standard errors.
        device = virtual_device("rainbow")
        for name, true in zip(
            errors, [e for q in pair for e in device.readout_errors[q]], strict=True
        ):
            assert abs(float(row[name]) - true) < 5 * (true * (1 - true) / 3000) ** 0.5 + 1e-9
    lines = out.splitlines()
    assert lines[0].split()[0] == "pair"
    assert [line.split()[0] for line in lines[1:5]] == [row["pair"] for row in rows]
    cost = 1.0
    for row in rows:
        cost *= float(row["cost"])
    assert float(re.search(r"copies grow by ([\d.]+),", lines[5])[1]) == pytest.approx(
        cost, rel=5e-3
    )
    assert "0 of 4 pairs stand out" in lines[5]
    assert f"in {stem}.csv and {stem}.png" in lines[5]


def test_preflight_with_more_shots_has_narrower_intervals(capsys, tmp_path, no_map):
    widths = []
    for shots in ("600", "9600"):
        out = str(tmp_path / shots)
        printed(capsys, "preflight", "qvm:rainbow", "--pairs", "3", "--shots", shots, "--out", out)
        rows = numbers_of(tmp_path / shots / "preflight" / "rainbow_3.csv")
        widths.append(sum(float(r["fidelity_high"]) - float(r["fidelity_low"]) for r in rows))
    # Sixteen times the shots: a quarter of the width, or less as few shots are read with caution.
    assert 3.3 < widths[0] / widths[1] < 5.5


def test_preflight_places_again_without_pairs_that_stand_out(capsys, tmp_path, no_map):
    # The worst pair of the chip is never chosen, so it is named, with five of the best.
    device = virtual_device("weber")
    weights = device.calibrated_pairs()
    worst = max(weights, key=weights.get)
    good = [p for p in sorted(weights, key=weights.get) if not set(p) & set(worst)]
    chosen = [worst]
    for pair in good:
        if len(chosen) < 6 and not set(pair) & {q for p in chosen for q in p}:
            chosen.append(pair)
    text = "+".join(f"{a.row}.{a.col}-{b.row}.{b.col}" for a, b in chosen)
    arguments = ["preflight", f"qvm:weber,pairs={text}", "--pairs", "6", "--drop-outliers"]
    out = printed(capsys, *arguments, "--out", str(tmp_path))
    first, again = out.split("\n\n")
    bad = [line.split()[0] for line in first.splitlines() if line.endswith("stands out")]
    assert text.split("+")[0] in bad
    name = again.splitlines()[0].removeprefix("without them: ")
    after = open_virtual(name).place(6)
    assert not set(worst) & {q for pair in after for q in pair}
    csvs = sorted(path.stem for path in (tmp_path / "preflight").glob("*.csv"))
    assert csvs[:2] == ["weber_6", "weber_6_without"]
    rows = numbers_of(tmp_path / "preflight" / "weber_6_without.csv")
    assert {row["backend"] for row in rows} == {name}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        *WRONG_PLACES[1:2],
        *WRONG_PLACES[3:],
        (["qvm:rainbow", "--pairs", "2", "--shots", "10"], ["--shots", "'10'", "at least 120"]),
        (["qvm:rainbow", "--pairs", "2", "--max-minutes", "0"], ["--max-minutes", "'0'"]),
        (["nope", "--pairs", "2"], ["'nope'"]),
        (["qsim", "--pairs", "2"], ["'qsim'", "no processor"]),
    ],
)
def test_preflight_refuses_in_one_line_and_writes_nothing(capsys, tmp_path, arguments, named):
    text = (
        arguments[0] if ":" in arguments[0] or arguments[0] in ("nope", "qsim") else "qvm:rainbow"
    )
    line = refused(capsys, "preflight", text, *arguments[1:], "--out", str(tmp_path))
    for part in named:
        assert part in line
    assert list(tmp_path.iterdir()) == []


# The program itself.


@pytest.mark.parametrize(
    "arguments", [["nope"], ["bound", "--target", "1"], ["bound", "--alpha", "1"], ["show", "x"]]
)
def test_program_ends_with_status_2_and_one_line(arguments):
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stdout == ""
    assert re.match(r"quantum-advantage( bound)?: error: ", done.stderr)
    assert done.stderr.count("\n") == 1


NO_CREDENTIALS = (
    "no Google Cloud credentials were found; run: gcloud auth application-default login"
)


def hidden_credentials(folder):
    """Returns what an environment without credentials sets, and what it does not set."""
    given = {"HOME": str(folder), "CLOUDSDK_CONFIG": str(folder), "NO_GCE_CHECK": "true"}
    return given, ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT")


def test_program_without_credentials_says_in_one_line_how_to_get_them(tmp_path):
    given, absent = hidden_credentials(tmp_path)
    environment = {key: value for key, value in os.environ.items() if key not in absent}
    arguments = ["preflight", "engine:p/q", "--pairs", "2", "--out", str(tmp_path / "out")]
    done = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, env=environment | given, check=False
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == f"quantum-advantage: error: {NO_CREDENTIALS}\n"
    assert not (tmp_path / "out").exists()


def test_layout_of_a_real_processor_without_credentials_is_one_line(capsys, tmp_path, monkeypatch):
    given, absent = hidden_credentials(tmp_path)
    for key in absent:
        monkeypatch.delenv(key, raising=False)
    for key, value in given.items():
        monkeypatch.setenv(key, value)
    out = str(tmp_path / "out")
    line = refused(capsys, "layout", "engine:p/q", "--pairs", "2", "--out", out)
    assert line == f"quantum-advantage: error: {NO_CREDENTIALS}\n"
    assert not (tmp_path / "out").exists()


def test_unknown_command_is_named_with_the_known_ones(capsys):
    line = refused(capsys, "nope")
    for part in ("'nope'", *COMMANDS):
        assert part in line


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)])
def test_help_loads_the_standard_library_alone(command):
    code = (
        "import sys\n"
        "from quantum_advantage.cli import main\n"
        "try:\n"
        f"    main({[*command, '--help']})\n"
        "finally:\n"
        "    heavy = {'numpy', 'scipy', 'cirq', 'cirq_google', 'matplotlib'} & set(sys.modules)\n"
        "    print(sorted(heavy), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stdout.startswith("usage: quantum-advantage")
    assert done.stderr == "[]\n"


# What would change nothing, limits, and near matches.


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("bound --task purity --alpha 0.3", ["--alpha would change nothing", "purity"]),
        ("bound --task time_reversal --game one", ["--game would change nothing"]),
        ("bound --alpha 1e-200", ["alpha", "at least 1e-100"]),
        ("bound --alpha 0.9_9", ["--alpha", "'0.9_9'"]),
        ("bound --target nan", ["--target", "'nan'"]),
        ("show bell --qubits 200000", ["--qubits", "at most 30"]),
        ("shw bell", ["'shw'", "did you mean show?"]),
        ("show bel", ["'bel'", "did you mean bell?"]),
        ("show bell --task observable", ["did you mean observables?"]),
        ("layout webber --pairs 2", ["'webber'", "did you mean weber?"]),
        ("preflight weber --pairs 2 --max-minutes 3", ["--max-minutes would change nothing"]),
        ("preflight qsim --pairs 2", ["'qsim' is no processor"]),
        ("preflight weber --pairs 2 --shots 1e9", ["--shots", "at most 1000000"]),
        ("layout weber --pairs 99999", ["--pairs", "at most 1000"]),
        ("plan observables --games 1e9", ["--games", "at most 100000"]),
        ("certify x.csv --seed -1", ["--seed", "at least 0"]),
    ],
)
def test_mistake_or_idle_option_is_one_line(capsys, arguments, named):
    line = refused(capsys, *arguments.split())
    for part in named:
        assert part in line


def test_command_alone_prints_its_help_and_version(capsys):
    assert printed(capsys).startswith("usage: quantum-advantage")
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert re.fullmatch(r"quantum-advantage \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_preflight_takes_a_bare_processor_as_layout_does(capsys, tmp_path):
    out = printed(
        capsys, "preflight", "weber", "--pairs", "2", "--shots", "120", "--out", str(tmp_path)
    )
    assert "in " in out
    assert (tmp_path / "preflight" / "weber_2.csv").is_file()


def test_bound_beyond_all_numbers_says_so(capsys):
    assert "more than 1e308 copies" in printed(
        capsys, "bound", "--alpha", "1e-90", "--qubits", "1000"
    )
