import os
import re
import subprocess
import sys

import pytest
from speed import children, history, machine
from speed.catalogue import WORKLOADS, chosen
from speed.children import (
    Effort,
    from_json,
    measure_apart,
    measure_here,
    measured_in_processes,
    result_of,
    to_json,
)
from speed.command import main
from speed.workload import Against, Numba, Peers, absence
from toy_workloads import here, measure_in, workload

from quantum_advantage.core.usage import UsageError

TOYS = {"toy": workload(), "other": workload("other", against=Against.PEER)}


@pytest.fixture
def run(tmp_path):
    """Runs the command on toys with ratios that are made up."""

    def call(*arguments, ratios=(2.0, 2.1, 2.05), workloads=TOYS, **changes):
        files = ["--history", str(tmp_path / "h.jsonl"), "--draw", str(tmp_path / "b.png")]
        return main([*arguments, *files], workloads, measure_in(ratios, **changes))

    return call


def records(tmp_path):
    return history.read_history(tmp_path / "h.jsonl")


def test_a_run_prints_a_table_keeps_a_record_and_draws(run, tmp_path, capsys):
    assert run() == 0
    rows = [line for line in capsys.readouterr().out.splitlines() if line.endswith(" -")]
    assert [line.split()[0] for line in rows] == ["toy", "other"]
    assert re.search(r"2.05 s +1 s +2.05 +2 to 2.1 +9 s +64 +-", rows[0])
    (record,) = records(tmp_path)
    assert record["results"]["toy"]["rounds"] == [[2.0, 2.1, 2.05]] * 2
    assert (tmp_path / "b.png").read_bytes()[1:4] == b"PNG"


def test_the_second_run_is_compared_and_drawn_beside_the_first(run, tmp_path, capsys):
    run()
    first = (tmp_path / "b.png").stat().st_size
    capsys.readouterr()
    assert run(ratios=(2.6, 2.6, 2.6)) == 0
    out = capsys.readouterr().out
    assert "+27%" in out
    assert "toy: slower by 27%, beyond the noise; since" in out
    assert len(records(tmp_path)) == 2
    assert (tmp_path / "b.png").stat().st_size > first


def test_named_workloads_alone_run(run, tmp_path):
    run("other")
    assert list(records(tmp_path)[0]["results"]) == ["other"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"ratios": (2.0, 2.1)}, 0),
        ({"ratios": (2.4, 2.5)}, 1),
        ({"ratios": (2.0, 2.6)}, 0),
        ({"ratios": (1.0, 1.1)}, 0),
        ({"results": "changed"}, 1),
        ({"results": "changed", "inputs": "changed"}, 0),
    ],
)
def test_a_check_has_a_status_and_adds_nothing(run, tmp_path, changes, status):
    run()
    before = (tmp_path / "h.jsonl").read_bytes()
    assert run("--check", **changes) == status
    assert (tmp_path / "h.jsonl").read_bytes() == before


def test_a_check_without_anything_to_compare_is_refused(run, tmp_path, monkeypatch):
    message = r"h\.jsonl has no record of these workloads on this machine .* without --check first"
    with pytest.raises(UsageError, match=message):
        run("--check")
    run("toy")
    with pytest.raises(UsageError, match=message):
        run("--check", "other")
    monkeypatch.setattr(machine, "_cpu", lambda: "another")
    with pytest.raises(UsageError, match=message):
        run("--check", "toy")


def test_a_check_names_what_it_did_not_compare(run, capsys):
    run("toy")
    run("--check")
    assert "not compared, as there is no such record: other\n" in capsys.readouterr().out


def test_what_seems_slower_is_measured_again_and_all_rounds_count(run, tmp_path, capsys):
    run("toy")
    capsys.readouterr()
    files = ["--history", str(tmp_path / "h.jsonl"), "--draw", str(tmp_path / "b.png")]
    busy = iter([measure_in([2.5, 2.6])] * 2 + [measure_in([2.0, 2.05])] * 2)

    def measure(workload, effort):
        return next(busy)(workload, effort)

    assert main([*files, "--check", "toy"], TOYS, measure) == 0
    assert next(busy, None) is None
    out = capsys.readouterr().out
    assert "again, as they seem slower:\ntoy " in out
    assert "2 to 2.6" in out
    assert "toy: slower" not in out


def test_a_busy_machine_is_told(run, monkeypatch, capsys):
    monkeypatch.setattr(machine, "cores", lambda: 2)
    for load, told in ((0.2, False), (1.5, True), (None, False)):
        monkeypatch.setattr(machine, "load", lambda load=load: load)
        run("toy")
        assert ("the machine is busy (load 1.5 on 2 cores)" in capsys.readouterr().out) is told


def test_an_unknown_workload_is_refused_with_the_nearest_name(run):
    with pytest.raises(UsageError) as refused:
        run("othr")
    assert (
        str(refused.value) == "there is no workload 'othr'; did you mean other?; --list shows all"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--ffht", "/no/lib.so"], "--ffht must name a file, not '/no/lib.so'"),
        (["--predicting", "/no/program"], "--predicting must name a file"),
        (["--markdown"], "has no record yet"),
    ],
)
def test_wrong_arguments_end_in_one_line(run, arguments, message):
    with pytest.raises(UsageError, match=re.escape(message)):
        run(*arguments)


def test_figures_have_a_known_ending(tmp_path):
    with pytest.raises(UsageError, match=r"--draw must end in \.png, \.svg or \.pdf"):
        main(["--draw", str(tmp_path / "b.gif")], TOYS, measure_in([1.0]))


@pytest.mark.parametrize("rounds", ["0", "-1", "two", "1e9"])
def test_wrong_numbers_of_rounds_are_refused(run, rounds, capsys):
    with pytest.raises(SystemExit) as ended:
        run("--rounds", rounds)
    assert ended.value.code == 2
    assert "--rounds" in capsys.readouterr().err


def test_a_damaged_history_is_refused_before_anything_is_measured(run, tmp_path):
    (tmp_path / "h.jsonl").write_text("{}\n")

    def never(workload, effort):
        raise AssertionError

    with pytest.raises(UsageError, match="damaged in line 1"):
        main(["--history", str(tmp_path / "h.jsonl")], TOYS, never)


def test_absent_peers_are_skipped_and_named(run, tmp_path, capsys):
    absent = {
        "toy": workload(),
        "package": workload("package", modules=("no_such_package",)),
        "program": workload("program", program="ffht"),
        "memory": workload("memory", gibibytes=2.0**40),
    }
    assert run(workloads=absent) == 0
    out = capsys.readouterr().out
    assert "package: skipped, no_such_package is not installed" in out
    assert "program: skipped, no --ffht PATH" in out
    (record,) = records(tmp_path)
    assert list(record["results"]) == ["toy"]
    assert set(record["skipped"]) >= {"package", "program"}


def test_absence_asks_for_packages_programs_and_memory(tmp_path):
    compiled = workload(numba=Numba.NEEDED)
    assert absence(compiled, Peers(), installed=lambda name: None) == "numba is not installed"
    assert absence(compiled, Peers(), installed=lambda name: name) is None
    large = workload(gibibytes=6)
    assert absence(large, Peers(), free_gibibytes=lambda: 6.1) is None
    assert absence(large, Peers(), free_gibibytes=lambda: None) is None
    reason = "it needs 6 GiB of free memory, and 5.9 are free"
    assert absence(large, Peers(), free_gibibytes=lambda: 5.9) == reason
    assert absence(workload(program="ffht"), Peers(ffht=tmp_path)) is None


def test_the_last_record_becomes_a_table_of_a_page(run, capsys):
    run()
    run("other", ratios=(3.0, 3.0))
    capsys.readouterr()
    assert run("--markdown") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Measured on ")
    assert lines[-1] == "| `other` | 3 s | 1 s | 3 | 3 to 3 | 64 |"
    assert not any("`toy`" in line for line in lines)


def test_what_a_process_says_comes_back_as_it_was():
    found = measure_here(workload(), Effort(rounds=1, seconds=1e-6))
    assert from_json(to_json(found)) == found
    assert found.memory > 10
    assert found.kind == "exact"


def test_processes_that_found_different_results_are_refused():
    values = iter([5, 6])
    toy = workload()

    def measure(workload_, effort):
        return here(workload(value=next(values)), effort)

    found = measured_in_processes(toy, Effort(1, 1e-6), measure)
    with pytest.raises(UsageError, match="toy: two processes had different results"):
        result_of(toy, Effort(1, 1e-6), found)


def test_a_workload_is_measured_in_processes_of_its_own():
    one = WORKLOADS["walsh_batched_numpy"]
    effort = Effort(rounds=1, seconds=0.01)
    found = result_of(one, effort, measured_in_processes(one, effort))
    assert len(found["rounds"]) == one.processes == 2
    assert found["results are"] == "exact"
    assert 0 < found["low"] <= found["ratio"] <= found["high"]


def test_a_process_that_fails_is_told_in_one_line(tmp_path):
    (tmp_path / "no_library.so").write_text("")
    effort = Effort(1, 0.01, peers=Peers(ffht=tmp_path / "no_library.so"))
    with pytest.raises(UsageError, match=r"walsh_ffht failed: .*no_library\.so"):
        measure_apart(WORKLOADS["walsh_ffht"], effort)


def test_the_command_lists_all_workloads_and_refuses_by_one_line():
    def call(*arguments):
        return subprocess.run(
            [sys.executable, str(children.RUN), *arguments],
            capture_output=True,
            text=True,
            env=dict(os.environ),
            timeout=60,
        )

    listed = call("--list")
    assert [line.split()[0] for line in listed.stdout.splitlines()] == list(WORKLOADS)
    refused = call("bell_tabel")
    assert refused.returncode == 2
    assert refused.stderr == (
        "benchmarks/run.py: error: there is no workload 'bell_tabel'; did you mean bell_table?; "
        "--list shows all\n"
    )


def test_every_workload_is_described_in_the_documentation():
    page = (history.ROOT / "docs" / "benchmarks.md").read_text()
    assert [name for name in WORKLOADS if f"`{name}`" not in page] == []
    rows = re.findall(r"^\| (`.+?`) \|", page, re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set(WORKLOADS)


def test_modules_are_small():
    for path in (history.ROOT / "benchmarks" / "speed").glob("*.py"):
        assert len(path.read_text().splitlines()) <= 350, path.name


def test_all_workloads_are_chosen_in_the_order_of_the_catalogue():
    assert [one.name for one in chosen([])] == list(WORKLOADS)
    assert [one.name for one in chosen(["demo", "bell_table"])] == ["bell_table", "demo"]
