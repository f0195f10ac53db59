import os
import re
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from quantum_advantage.backends.devices import engine
from quantum_advantage.backends.devices.chain_placement import chain_circuit
from quantum_advantage.backends.devices.virtual import open_virtual, virtual_device
from quantum_advantage.backends.names import read_backend
from quantum_advantage.backends.simulators.noise import bell_damping
from quantum_advantage.experiment.options import Options
from quantum_advantage.experiment.venues import Venues, check_folder, make_folder
from quantum_advantage.preflight import processors
from quantum_advantage.preflight.processors import STAND_IN
from quantum_advantage.tasks.registry import load_task

NAMED = "qvm:rainbow,pairs=7.4-7.3+6.4-5.4"


def venues(out, backend=None, **options):
    """The venues of an experiment with options of its own."""
    name = None if backend is None else read_backend(backend)
    return Venues("trial", Options("observables", 1, out=out, backend=name, **options))


class Found:
    """A preflight that flags some pairs."""

    def __init__(self, *flagged):
        self._flagged = np.array(flagged, dtype=bool)

    def outliers(self):
        return self._flagged


@pytest.fixture
def flown(monkeypatch):
    """Replaces the preflight; returns the list of those that were asked for, and the preflight."""
    asked = []

    def run_preflight(backend, pairs, stem):
        asked.append((backend.name, pairs, stem))
        return Found(*(i in run_preflight.flags for i in range(pairs)))

    run_preflight.flags = ()
    monkeypatch.setattr(processors, "run_preflight", run_preflight)
    return asked, run_preflight


def test_module_loads_the_standard_library_alone():
    code = (
        "import sys, quantum_advantage.experiment.venues\n"
        "print(sorted({'numpy', 'scipy', 'cirq', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# Names.


@pytest.mark.parametrize(
    ("curve", "given", "circuits", "name"),
    [
        ("auto", None, True, "qsim"),
        ("auto", None, False, "law"),
        ("auto:readout=0.1", None, False, "law:readout=0.1"),
        ("qvm:weber", None, False, "qvm:weber"),
        ("qvm:weber", "stim", True, "stim"),
        ("qvm:weber", "auto", False, "law"),
        ("auto", NAMED, False, NAMED),
    ],
)
def test_a_curve_runs_where_it_says_unless_the_command_line_says_otherwise(
    tmp_path, curve, given, circuits, name
):
    assert str(venues(tmp_path, given).name(curve, circuits)) == name


# Opening and damping.


def test_a_processor_is_opened_once(tmp_path, monkeypatch):
    opened = []

    def watched(name, folder, minutes):
        opened.append((str(name), folder, minutes))
        return open_virtual(name)

    monkeypatch.setattr(processors, "open_processor", watched)
    there = venues(tmp_path, max_minutes=4.0)
    for qubits in (2, 3):
        there.damping(read_backend("qvm:rainbow"), qubits)
    assert opened == [("qvm:rainbow", tmp_path / "jobs" / "trial", 4.0)]
    assert there.engine is None


def test_damping_of_local_noise_is_its_formula(tmp_path):
    found = venues(tmp_path).damping(read_backend("law:depolarize=0.1,readout=0.02"), 3)
    np.testing.assert_allclose(found, np.tile(bell_damping(0.1, 0.02), (3, 1)))
    assert venues(tmp_path).damping(read_backend("qsim"), 3) is None


def test_damping_of_a_processor_is_what_its_calibration_predicts(tmp_path):
    found = venues(tmp_path).damping(read_backend("qvm:rainbow"), 3)
    device = virtual_device("rainbow")
    np.testing.assert_array_equal(found, device.damping(open_virtual("qvm:rainbow").place(3)))


def test_a_dry_run_asks_a_stand_in_for_the_damping(tmp_path, monkeypatch):
    def connect(project):
        raise AssertionError("nothing is to be asked")

    monkeypatch.setattr(engine, "connect", connect)
    there = venues(tmp_path, "engine:mine/chip", dry_run=True)
    found = there.damping(there.name("auto", True), 4)
    device = virtual_device(STAND_IN)
    np.testing.assert_array_equal(found, device.damping(open_virtual(f"qvm:{STAND_IN}").place(4)))
    assert there.engine is None
    assert list(tmp_path.iterdir()) == []


# Preflights.


def test_every_processor_is_flown_once_with_its_largest_number_of_pairs(tmp_path, flown, capsys):
    asked, _ = flown
    there = venues(tmp_path)
    points = [("qvm:rainbow", 2), ("qvm:weber", 3), ("qvm:rainbow", 5), ("qsim", 9), ("law", 50)]
    there.run_preflights((read_backend(name), n) for name, n in points)
    folder = tmp_path / "preflight"
    assert asked == [
        ("qvm:rainbow", 5, folder / "trial_rainbow"),
        ("qvm:weber", 3, folder / "trial_weber"),
    ]
    assert capsys.readouterr().err == "".join(
        f"trial: preflight of {chip} in {folder}/trial_{chip}.csv\n"
        for chip in ("rainbow", "weber")
    )


def test_named_pairs_have_files_of_their_own(tmp_path, flown):
    asked, _ = flown
    venues(tmp_path).run_preflights([(read_backend("qvm:rainbow"), 2), (read_backend(NAMED), 2)])
    names = [stem.name for _, _, stem in asked]
    assert names[0] == "trial_rainbow"
    assert re.fullmatch(r"trial_rainbow_[0-9a-f]{8}", names[1])


def test_pairs_that_stand_out_are_told_and_stay_unless_they_are_to_be_dropped(
    tmp_path, flown, capsys
):
    _, run_preflight = flown
    run_preflight.flags = (1, 2)
    there = venues(tmp_path)
    there.run_preflights([(read_backend("qvm:rainbow"), 4)])
    assert capsys.readouterr().err.endswith("trial_rainbow.csv, 2 of 4 pairs stand out\n")
    assert str(there.name("qvm:rainbow", True)) == "qvm:rainbow"


@pytest.mark.parametrize("flags", [(), (1,), (0, 3)])
def test_curves_run_on_other_pairs_where_some_are_dropped(tmp_path, flown, flags):
    _, run_preflight = flown
    run_preflight.flags = flags
    there = venues(tmp_path, drop_outliers=True)
    there.run_preflights([(read_backend("qvm:rainbow"), 4)])
    name = there.name("qvm:rainbow", True)
    before = open_virtual("qvm:rainbow").place(4)
    assert bool(name.pairs) == bool(flags)
    after = open_virtual(name).place(4)
    used = {q for pair in after for q in pair}
    for i, pair in enumerate(before):
        assert (i not in flags) or not used & set(pair)
    # What is expected of the place is expected of its pairs now.
    np.testing.assert_allclose(there.damping(name, 4), virtual_device("rainbow").damping(after))


def test_curves_elsewhere_stay_where_they_are(tmp_path, flown):
    _, run_preflight = flown
    run_preflight.flags = (0,)
    there = venues(tmp_path, drop_outliers=True)
    there.run_preflights([(read_backend("qvm:rainbow"), 2)])
    for name in ("qsim", "qvm:weber", NAMED):
        assert str(there.name(name, True)) == name


def test_the_chain_of_the_largest_circuit_of_every_processor_is_flown(
    tmp_path, flown, monkeypatch, capsys
):
    asked, _ = flown
    chains = []

    def run_chain_preflight(backend, circuit, stem):
        chains.append((backend.name, len(circuit.all_qubits()), stem.name))
        couplers = len(circuit.all_qubits()) - 1
        return SimpleNamespace(couplers=(None,) * couplers, found=Found(*[True] * 2, *[False] * 5))

    monkeypatch.setattr(processors, "run_chain_preflight", run_chain_preflight)
    there = venues(tmp_path)
    points = [("qvm:rainbow", 2), (NAMED, 2), ("qvm:rainbow", 4), ("qsim", 30)]
    there.run_chain_preflights((read_backend(b), chain_circuit(n)) for b, n in points)
    assert asked == []
    (one, *shape), (other, *named) = chains
    assert (one, *shape) == ("qvm:rainbow", 8, "trial_rainbow_chain")
    assert (other, named[0]) == (NAMED, 4)
    assert re.fullmatch(r"trial_rainbow_chain_[0-9a-f]{8}", named[1])
    told = capsys.readouterr().err.splitlines()
    assert told[0].endswith("trial_rainbow_chain.csv, 2 of 7 couplers of a chain stand out")


def test_chains_are_refused_where_there_is_none(tmp_path, flown):
    there = venues(tmp_path)
    for name, pairs, reason in (
        ("qvm:rainbow", 9, r"rainbow holds .* pairs in a chain, not 9"),
        ("qvm:rainbow,pairs=5.3-5.2+5.1-5.0", 2, "named pairs must be a chain"),
    ):
        with pytest.raises(ValueError, match=reason):
            there.run_chain_preflights([(read_backend(name), chain_circuit(pairs))])


def test_blocks_are_held_without_a_preflight_and_refused_where_there_is_none(tmp_path, flown):
    asked, _ = flown
    there, task = venues(tmp_path), load_task("dynamics:depth=2,geometry=grid,native=syc")
    there.hold_blocks([(read_backend("qvm:rainbow"), task.circuit("bell_on_grid", 4))])
    assert asked == []
    with pytest.raises(ValueError, match="rainbow holds no block of 4 x 4 qubits"):
        there.hold_blocks([(read_backend("qvm:rainbow"), task.circuit("bell_on_grid", 8))])


# Folders.


def test_folder_is_made_and_may_be_there_already(tmp_path):
    for _ in range(2):
        make_folder(tmp_path / "a" / "b", tmp_path)
    assert (tmp_path / "a" / "b").is_dir()


def test_folder_below_a_file_is_refused_by_its_name(tmp_path):
    (tmp_path / "file").write_text("mine")
    out = tmp_path / "file"
    with pytest.raises(ValueError, match="must be a folder that can be written") as caught:
        make_folder(out / "data", out)
    assert f"--out {out} " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_folder_that_cannot_be_written_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(ValueError, match="permission denied"):
        make_folder(tmp_path / "data", tmp_path)


def test_names_of_places_do_not_hold_the_project(tmp_path, flown, monkeypatch):
    """The project is asked for, and part of no file's name and no spec."""
    asked, run_preflight = flown
    run_preflight.flags = (0,)

    def opened(name, folder, minutes):
        backend = open_virtual("qvm:rainbow")
        return replace(
            backend,
            name="engine:rainbow",
            on_pairs=lambda key, choose: replace(
                backend,
                name=f"engine:rainbow,pairs={NAMED.partition('pairs=')[2]}",
                place=lambda count: choose(),
            ),
        )

    monkeypatch.setattr(processors, "open_processor", opened)
    there = venues(tmp_path, "engine:secretproj/rainbow", drop_outliers=True)
    there.run_preflights([(there.name("auto", True), 2)])
    name = there.name("auto", True)
    assert name.project == "secretproj"
    assert str(name).startswith("engine:rainbow,pairs=")
    assert there.engine is not None
    assert there.engine.name == str(name)
    assert "secretproj" not in str(asked)


@pytest.mark.parametrize("below", ["", "out", "out/deeper"])
def test_output_below_a_file_is_refused_before_anything_is_made(below, tmp_path):
    (tmp_path / "file").write_text("")
    out = tmp_path / "file" / below if below else tmp_path / "file"
    with pytest.raises(ValueError, match=r"--out .* must be a folder .*file is a file"):
        check_folder(out)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_output_that_can_be_made_is_not_made_yet(tmp_path):
    check_folder(tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []
