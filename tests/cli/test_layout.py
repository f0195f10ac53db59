import itertools
import re

import pytest
from processor_calls import NO_CREDENTIALS, WRONG_PLACES, hidden_credentials

from quantum_advantage.backends.devices.virtual import open_virtual, virtual_device


@pytest.fixture
def laid_out(printed):
    """Lays pairs out; returns the rows of the table as words, and what the last lines say."""

    def run(out, *arguments):
        lines = printed("layout", *arguments, "--out", str(out)).splitlines()
        assert lines[0].split() == ["pair", "gate", "gate", "error", "readout", "errors", "cost"]
        rows = [line.split() for line in lines[1:-3]]
        return rows, *lines[-3:]

    return run


@pytest.mark.parametrize("chain", [False, True])
def test_layout_prints_disjoint_pairs_that_are_couplers_and_draws_them(laid_out, tmp_path, chain):
    rows, expected, named, drawn = laid_out(
        tmp_path, "weber", "--pairs", "20", *["--chain"] * chain
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


def test_layout_takes_the_pairs_of_the_name(laid_out, tmp_path):
    name = "qvm:weber,pairs=3.3-3.4+6.7-6.6+4.9-4.8"
    rows, _, named, _ = laid_out(tmp_path, name, "--pairs", "2")
    assert [row[0] for row in rows] == ["3.3-3.4", "6.7-6.6"]
    assert named == "pairs=3.3-3.4+6.7-6.6"


@pytest.mark.parametrize(("arguments", "named"), WRONG_PLACES)
def test_layout_refuses_in_one_line_and_writes_nothing(refused, tmp_path, arguments, named):
    line = refused("layout", *arguments, "--out", str(tmp_path))
    for part in named:
        assert part in line
    assert list(tmp_path.iterdir()) == []


def test_layout_of_a_chain_that_is_too_long_is_refused(refused, tmp_path):
    line = refused("layout", "rainbow", "--pairs", "9", "--chain", "--out", str(tmp_path))
    assert "rainbow holds 8 pairs in a chain, not 9" in line


def test_layout_of_a_grid_prints_a_block_and_its_gates(printed, tmp_path):
    lines = printed("layout", "weber", "--pairs", "4", "--grid", "2", "--out", str(tmp_path))
    *_, named, about, drawn = lines.splitlines()
    (a, b), (c, _), (e, f), (g, h) = open_virtual(f"qvm:weber,{named}").place(4)
    graph = virtual_device("weber").couplers
    # Rows memory, system, system, memory: the systems form a square.
    assert all(graph.has_edge(*bond) for bond in ((a, c), (e, g), (a, e), (c, g), (a, b), (g, h)))
    assert not graph.has_edge(b, f)
    assert about.startswith("grid of 2 x 2, dynamics at depth 5: 48 syc in a shot; its gates")
    assert drawn == f"drawn in {tmp_path / 'layout' / 'weber_grid_2_4.png'}"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("weber", "--pairs", "10", "--grid", "4"), "must have rows * columns = 10 qubits"),
        (("weber", "--pairs", "14", "--grid", "2"), "the largest of 4 rows that fits is 4 x 6"),
        (("weber", "--pairs", "4", "--grid", "2", "--chain"), "leave one of them out"),
        (("qvm:weber,pairs=3.3-3.4", "--pairs", "1", "--grid", "1"), "--grid chooses the pairs"),
    ],
)
def test_layout_of_a_grid_that_does_not_fit_is_refused(refused, tmp_path, arguments, reason):
    assert reason in refused("layout", *arguments, "--out", str(tmp_path))


def test_layout_of_a_real_processor_without_credentials_is_one_line(refused, tmp_path, monkeypatch):
    given, absent = hidden_credentials(tmp_path)
    for key in absent:
        monkeypatch.delenv(key, raising=False)
    for key, value in given.items():
        monkeypatch.setenv(key, value)
    out = str(tmp_path / "out")
    line = refused("layout", "engine:p/q", "--pairs", "2", "--out", out)
    assert line == f"quantum-advantage layout: error: {NO_CREDENTIALS}\n"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("layout webber --pairs 2", ["'webber'", "did you mean weber?"]),
        ("layout weber --pairs 99999", ["--pairs", "at most 1000"]),
    ],
)
def test_mistake_or_idle_option_is_one_line(refused, arguments, named):
    line = refused(*arguments.split())
    for part in named:
        assert part in line
