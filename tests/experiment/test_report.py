from dataclasses import replace

import pytest

from quantum_advantage.backends.devices import engine
from quantum_advantage.core.statistics import LogLinearFit
from quantum_advantage.experiment import report
from quantum_advantage.experiment.report import (
    print_accuracy_work,
    print_exponents,
    print_points,
)
from quantum_advantage.study.accuracy import Exponent, Point
from quantum_advantage.study.spec import PointSpec, Spec
from quantum_advantage.tasks.shared.prefixes import shots_played

TASK = "observables:alpha=0.9,game=two"
POINT = Point("trial", PointSpec(TASK, "bell", 4, "qvm:weber"), 0.7, 2.5, 2.25, 2.75, 100, None)


def spec(protocol="bell", qubits=4, backend="qsim", budget=20, games=5):
    return Spec(TASK, protocol, qubits, backend, budget, games, 0)


def work(capsys, *specs, trials=100):
    print_accuracy_work(list(specs), trials, 1)
    printed, told = capsys.readouterr()
    assert told == ""
    return printed.splitlines()


# The list of work.


def test_circuits_are_listed_with_their_size_and_shots(capsys):
    _, line, total = work(capsys, spec())
    words = line.split()
    assert words[:6] == ["bell", "4", "qsim", "20", "8", "4"]
    assert float(words[6]) == 100 * 10  # 20 batches of 5 games, 10 shots of two copies each
    assert words[-1] == spec().id
    assert total.startswith("first rungs: some 1 s of one core")


def test_the_law_has_no_circuit(capsys):
    _, line, _ = work(capsys, spec("local_pauli", backend="law"))
    assert line.split()[:6] == ["local_pauli", "4", "law", "20", "-", "-"]


def test_a_first_rung_that_two_ladders_share_is_listed_once(capsys):
    assert len(work(capsys, spec(), spec())) == 3


def test_trials_are_whole_batches(capsys):
    _, line, _ = work(capsys, spec(games=30), trials=700)
    assert float(line.split()[6]) == 24 * 30 * 10


def test_simulators_alone_cost_nothing_on_a_processor(capsys):
    assert not any("processor" in line for line in work(capsys, spec(), spec(qubits=5)))


def jobs_listed(lines):
    """Returns the table of jobs as words, and the last lines."""
    start = next(i for i, line in enumerate(lines) if line.startswith("on the processor"))
    table = [line.split() for line in lines[start + 1 :]]
    head = next(i for i, words in enumerate(table) if words[:2] == ["protocol", "n"])
    rows = [words for words in table[head + 1 :] if words[0] not in ("some", "a")]
    return rows, lines[start:]


def test_jobs_of_a_processor_are_listed_with_what_they_cost(capsys):
    lines = work(capsys, spec(backend="qvm:weber"), spec("bell_calibrated", backend="qvm:weber"))
    (bell, calibrated), said = jobs_listed(lines)
    assert bell[:2] == ["bell", "4"]
    assert calibrated[:2] == ["bell_calibrated", "4"]
    jobs, settings, repetitions, size, hours = map(float, bell[2:])
    # 20 batches, each of 5 games of 10 shots in one request.
    assert (jobs, repetitions) == (20, 20 * 50)
    assert 0.9 * repetitions < settings <= repetitions
    assert 1000 < size < 10**6
    assert hours > 0
    # A calibrated batch has 600 shots more, in the same request.
    assert float(calibrated[4]) == 20 * 650
    assert not any("not asked" in line for line in said)
    total = float(calibrated[6]) + hours
    assert said[-2].startswith(f"some {total:.1f} hours of a processor")
    assert "--trials, --games and --qubits" in said[-2]
    assert said[-1].startswith("a job holds at most 1,500,000 repetitions and 5 minutes")


def test_a_batch_is_one_job_where_the_limits_allow_it(capsys):
    """Settings that come once, twice and three times do not make three jobs."""
    protocols = ("bell", "bell_calibrated", "local_pauli")
    rows, _ = jobs_listed(work(capsys, *(spec(name, backend="qvm:weber") for name in protocols)))
    assert [row[2] for row in rows] == ["20", "20", "20"]


def test_a_real_processor_is_not_asked(capsys, monkeypatch):
    def connect(project):
        raise AssertionError("nothing is to be asked")

    monkeypatch.setattr(engine, "connect", connect)
    rows, said = jobs_listed(work(capsys, spec(backend="engine:chip"), spec()))
    assert len(rows) == 1
    assert "is not asked" in said[1]
    assert "willow_pink" in said[1]


def test_one_copy_asks_for_less_in_a_request_than_two(capsys):
    lines = work(capsys, spec(backend="qvm:weber"), spec("local_pauli", 4, "qvm:weber", 10))
    (bell, local), _ = jobs_listed(lines)
    assert local[0] == "local_pauli"
    assert local[4] == bell[4]  # ten shots in each game, of one copy or of two
    assert 0 < int(local[5]) < int(bell[5])


def test_shots_are_those_that_a_batch_plays(capsys):
    rows, _ = jobs_listed(work(capsys, spec(budget=37, backend="qvm:weber")))
    assert int(rows[0][4]) == 20 * 5 * shots_played(37, 2)[-1]


# Results.


def test_points_are_printed_with_their_place(capsys):
    spec = PointSpec(TASK, "local_pauli", 6, "law")
    missed = Point("trial", spec, 0.9, None, 80, None, 100, 22.5)
    print_points([POINT, missed])
    head, first, second = (line.split() for line in capsys.readouterr().out.splitlines())
    assert head[:5] == ["protocol", "n", "source", "target", "copies"]
    assert head[-2:] == ["bound", "backend"]
    assert first == [
        "bell",
        "4",
        "circuit",
        "0.70",
        "2.5",
        "2.25",
        "to",
        "2.75",
        "4",
        "-",
        "qvm:weber",
    ]
    assert second[4:] == ["-", "80", "to", "-", "-", "22.5", "law"]


def test_points_of_several_tasks_are_printed_with_their_task(capsys):
    other = replace(POINT, spec=replace(POINT.spec, task="observables:alpha=0.5", backend="law"))
    print_points([POINT, other])
    head, *lines = (line.split() for line in capsys.readouterr().out.splitlines())
    assert head[-2:] == ["backend", "task"]
    assert [line[-2:] for line in lines] == [["qvm:weber", TASK], ["law", "observables:alpha=0.5"]]


def test_a_shot_of_two_copies_takes_two(capsys):
    one = replace(POINT, copies=1.9)
    whole = replace(POINT, copies=2.0)
    single = replace(POINT, spec=replace(POINT.spec, protocol="local_pauli:times=1"), copies=7.2)
    print_points([one, whole, single])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[8] for line in lines[1:]] == ["2", "2", "8"]


@pytest.mark.parametrize(("place", "named"), [("", "bell,"), ("qvm:weber", "bell on qvm:weber,")])
def test_exponents_are_printed_with_their_place(capsys, place, named):
    fit = LogLinearFit(slope=0.3, intercept=1.0, low=0.25, high=0.36)
    print_exponents([Exponent(TASK, "bell", place, 0.7, (4, 8, 12), fit)])
    assert capsys.readouterr().out == (
        f"log2(copies) per qubit, {named} target 0.7: +0.300 "
        "(95 % interval +0.250 to +0.360), n = 4, 8, 12\n"
    )


def test_a_huge_conventional_experiment_is_priced_without_being_played(capsys):
    spec = Spec(
        "observables:alpha=0.9,game=two", "local_pauli:times=1", 20, "qvm:weber", 10**7, 500, 0
    )
    report._print_jobs([spec], 10_000)
    row = capsys.readouterr().out.splitlines()[3].split()
    # Every shot is a parameter set of its own: 20 batches of 500 games of ten million shots.
    assert float(row[3]) == pytest.approx(20 * 500 * 10**7, rel=0.01)


def test_states_that_need_vectors_are_priced(capsys):
    def seconds(task, qubits):
        spec = Spec(task, "bell", qubits, "qsim", 10, 25, 0)
        print_accuracy_work([spec], 500, 1)
        return float(capsys.readouterr().out.splitlines()[1].split()[7])

    assert seconds("purity", 20) > 60 > seconds("purity", 8)
    assert seconds(TASK, 20) < 1
