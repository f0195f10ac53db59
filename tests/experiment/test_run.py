"""Experiments from Python: what is asked, and what comes back."""

import numpy as np
import pytest

from quantum_advantage.core.usage import UsageError
from quantum_advantage.experiment.asked import options_of
from quantum_advantage.experiment.declaration import Curve, Experiment, Fixed, Search
from quantum_advantage.experiment.runner import run, run_script
from quantum_advantage.experiment.venues import Venues
from quantum_advantage.experiment.work import wanted_of
from quantum_advantage.study.kinds import decisions, estimates
from quantum_advantage.tasks.base import Task

SEARCH = Experiment(
    name="trial",
    about="A trial.",
    task="observables",
    curves=(Curve("bell", (2, 4)), Curve("local_pauli", (2,), circuits_to=0)),
    quick=(Curve("bell", (2,)),),
    full=(Curve("bell", (2, 4), Search((0.7, 0.9))), Curve("local_pauli", (2,), circuits_to=0)),
    trials=40,
    batch_size=2,
)
ERRORS = Experiment(
    name="errors",
    about="A trial.",
    task="whole_purity:mixing=0.1",
    curves=(Curve("bell", (1, 2), Fixed((20, 40))),),
    quick=(Curve("bell", (1,), Fixed((20,))),),
    full=(Curve("bell", (1, 2), Fixed((20, 40))),),
    trials=20,
    batch_size=1,
)


def told_nothing(line):
    """Takes lines about the progress."""


def test_searches_come_back_as_values_and_frames():
    found = run(SEARCH, report=told_nothing)
    assert repr(found) == "AccuracyData(3 points, 3 curves)"
    points = found.points_frame()
    assert points[["protocol", "qubits", "source"]].values.tolist() == [
        ["bell", 2, "circuit"],
        ["bell", 4, "circuit"],
        ["local_pauli", 2, "law"],
    ]
    assert points.copies.tolist() == [p.copies for p in found.points]
    curves = found.curves_frame()
    one = curves[(curves.protocol == "bell") & (curves.qubits == 2)]
    (same,) = (c for c in found.curves if (c.key.protocol, c.key.qubits) == ("bell", 2))
    assert one.copies.tolist() == same.copies.tolist()
    assert one.accuracy.tolist() == pytest.approx(same.accuracy.tolist())
    assert "<table" in found._repr_html_()


def test_errors_come_back_as_values_and_frames():
    found = run(ERRORS, report=told_nothing)
    assert repr(found) == "ErrorData(4 points, 80 estimates)"
    points, rows = found.points_frame(), found.rows_frame()
    assert points.value.tolist() == [p.value for p in found.points]
    means = rows.groupby(["qubits", "copies"]).value.mean()
    for point in found.points:
        assert means[point.spec.qubits, point.copies] == pytest.approx(point.value)
    assert "<table" in found._repr_html_()


@pytest.mark.parametrize(("experiment", "opened"), [(SEARCH, decisions), (ERRORS, estimates)])
def test_rows_are_those_of_the_script(tmp_path, monkeypatch, experiment, opened):
    monkeypatch.setattr("quantum_advantage.plots.render", lambda draw, stem: draw())
    run(experiment, out=tmp_path / "python", size="quick", report=told_nothing)
    arguments = ["--quick", "--workers", "1", "--out", str(tmp_path / "script")]
    assert run_script(experiment, lambda data: None, arguments) == 0
    name = f"data/{experiment.name}.csv"
    assert list(opened(experiment.name, tmp_path / "python" / name)) == list(
        opened(experiment.name, tmp_path / "script" / name)
    )


def test_a_second_run_into_the_same_folder_adds_what_is_missing(tmp_path):
    lines = []
    first = run(SEARCH, out=tmp_path, qubits=2, protocols="bell", report=lines.append)
    assert lines
    lines.clear()
    again = run(SEARCH, out=tmp_path, qubits=2, protocols="bell", report=lines.append)
    assert lines == []
    assert again.points == first.points


def test_one_value_or_several_both_work():
    one = run(SEARCH, qubits=2, protocols="bell", target=0.8, report=told_nothing)
    listed = run(SEARCH, qubits=[2], protocols=["bell"], target=[0.8], report=told_nothing)
    assert one.points == listed.points
    assert [p.target for p in one.points] == [0.8]


def test_workers_do_not_change_the_rows():
    one, two = (run(ERRORS, size="quick", workers=w, report=told_nothing) for w in (1, 2))
    assert set(one.rows) == set(two.rows)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"size": "huge"}, "size must be one of quick, default, full, not 'huge'"),
        ({"qubit": 2}, "unknown option 'qubit'; run takes .*did you mean qubits"),
        ({"qubits": 0}, "qubits must be"),
        ({"qubits": "2"}, "qubits must be"),
        ({"trials": 1.5}, "trials must be"),
        ({"target": 0.5}, "target must"),
        ({"target": 1}, "target must"),
        ({"backend": "nope"}, "unknown backend 'nope'"),
        ({"backend": 3}, "backend must be a"),
        ({"protocols": "nope"}, "unknown protocol 'nope'"),
        ({"protocols": ""}, "unknown protocol ''"),
        ({"seed": -1}, "seed must be"),
        ({"workers": 0}, "workers must be"),
        ({"workers": 2, "cluster": "tcp://nowhere:1"}, "workers would change nothing"),
        ({"backend": "engine:project/weber"}, "out must name a folder for the jobs"),
        ({"task": "poem"}, "unknown task 'poem'"),
        ({"qubits": []}, "qubits must be at least one; leave the argument out for all"),
        ({"qubits": np.array([], dtype=int)}, "qubits must be at least one"),
        ({"protocols": ()}, "protocols must be at least one"),
        ({"target": []}, "target must be at least one"),
        ({"max_copies": 1}, "less than the 2 copies of one shot of bell"),
        ({"out": 5}, "out must be the path of a folder, not 5"),
    ],
    ids=str,
)
def test_mistake_is_one_line_and_nothing_is_played(monkeypatch, asked, told):
    monkeypatch.delattr("quantum_advantage.study.engine.play_batch")
    with pytest.raises(UsageError, match=told) as caught:
        run(SEARCH, **asked)
    assert "\n" not in str(caught.value)


def test_a_target_where_budgets_are_fixed_is_refused():
    with pytest.raises(UsageError, match="target has no meaning where the budgets are fixed"):
        run(ERRORS, target=0.8)


def test_an_experiment_is_of_one_kind():
    with pytest.raises(ValueError, match="must all be searched or all have fixed budgets"):
        Experiment(
            "mixed",
            "",
            "observables",
            (Curve("bell", (2,)),),
            (),
            (Curve("bell", (2,), Fixed((2,))),),
        )


def test_a_generator_draws_the_seed():
    rng = np.random.default_rng(5)
    drawn = int(np.random.default_rng(5).integers(2**63))
    found = run(SEARCH, qubits=2, protocols="bell", seed=rng, report=told_nothing)
    same = run(SEARCH, qubits=2, protocols="bell", seed=drawn, report=told_nothing)
    assert found.points == same.points
    assert found.curves[0].key.seed == drawn


def test_one_number_or_several_declare_the_same():
    assert Curve("bell", 4) == Curve("bell", [4]) == Curve("bell", (4,))
    assert Fixed(20) == Fixed([20]) == Fixed((20,)) == Fixed(np.array([2e1]))
    assert Curve("bell", np.array(4)) == Curve("bell", np.float32(4)) == Curve("bell", 4)
    assert Search(0.7) == Search([0.7]) == Search()
    assert type(Curve("bell", np.int64(4)).qubits[0]) is int


@pytest.mark.parametrize(
    "qubits", ["4", None, 0, 1.5, True, [2, "x"], [[2]], float("nan")], ids=str
)
def test_what_is_no_number_of_qubits_is_refused_where_it_is_declared(qubits):
    with pytest.raises(UsageError, match="qubits must be whole numbers, at least 1, not "):
        Curve("bell", qubits)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: Curve(5, 2), "protocol must be a text, not 5"),
        (lambda: Curve("bell", 2, backend=5), "backend must be a text, not 5"),
        (lambda: Curve("bell", 2, task=None), "task must be a text, not None"),
        (lambda: Curve("bell", 2, circuits_to="a"), "circuits_to must be whole .*least 0, not 'a'"),
        (lambda: Curve("bell", 2, batch_size=2.5), "batch_size must be whole .*least 0, not 2.5"),
        (lambda: Curve("bell", 2, (10,)), "budgets must be a Search or Fixed, not "),
        (lambda: Fixed([]), "copies must be at least one number"),
        (lambda: Search(()), "targets must be at least one"),
        (lambda: Search((0.7, 1.0)), "targets must lie between 0.5 and 1, not 1.0"),
        (lambda: Search(0.7, 0), "max_copies must be whole numbers, at least 1, not 0"),
        (lambda: Experiment("mine", "", "observables", 5), "curves must be a Curve or several"),
        (lambda: Experiment("mine", "", "observables", [5]), "curves must be a Curve or several"),
        *(
            (
                lambda trials=trials: Experiment(
                    "mine", "", "observables", [Curve("bell", 2)], trials=trials
                ),
                "trials must be whole numbers, at least 1, not ",
            )
            for trials in (0, -5, float("nan"), 1.5, True, "a")
        ),
        (
            lambda: Experiment("mine", "", "observables", [Curve("bell", 2)], batch_size=0),
            "batch_size must be whole numbers, at least 1, not 0",
        ),
    ],
)
def test_what_is_no_declaration_is_refused_where_it_is_declared(call, told):
    with pytest.raises(UsageError, match=told):
        call()


def test_a_curve_without_sizes_is_not_played():
    nowhere = Experiment("mine", "", "observables", [Curve("bell", ())])
    with pytest.raises(UsageError, match="no curve that is asked for has a number of qubits"):
        run(nowhere, report=told_nothing)


def test_what_is_no_experiment_is_refused():
    with pytest.raises(UsageError, match="experiment must be an Experiment, not a int"):
        run(3)


def test_sizes_that_are_not_declared_are_the_default_one():
    for curves in (Curve("bell", 2), [Curve("bell", 2)]):
        short = Experiment("mine", "", "observables", curves)
        assert short.curves == short.quick == short.full == (Curve("bell", (2,)),)


def test_budgets_are_checked_once(monkeypatch):
    asked = []
    check = Task.check

    def counted(self, protocol, qubits, copies=None, **options):
        asked.append((qubits, copies))
        return check(self, protocol, qubits, copies, **options)

    monkeypatch.setattr(Task, "check", counted)
    experiment, options = ERRORS, options_of(ERRORS, None, {})
    wanted = wanted_of(experiment, options, ERRORS.curves, Venues("errors", options))
    assert asked == [(1, 20), (2, 20)]
    assert [one.first.budget for one in wanted] == [20, 40, 20, 40]


def test_a_budget_that_is_too_small_is_refused_before_anything_is_played():
    curves = (Curve("bell", 2, Fixed((40, 1))),)
    with pytest.raises(UsageError, match="copies must be at least 4 for bell, not 1"):
        run(Experiment("errors", "", "whole_purity:mixing=0.1", curves), report=told_nothing)
