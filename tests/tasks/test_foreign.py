"""Tasks and protocols of other packages, found by their entry points."""

from importlib import metadata

import cirq
import numpy as np
import pytest

from quantum_advantage.core import plugins
from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.search import copies_needed
from quantum_advantage.tasks.base import DecidingTask, Estimated, EstimatingTask, FromLaw, Task
from quantum_advantage.tasks.observables.protocols import Bell
from quantum_advantage.tasks.protocol import Protocol
from quantum_advantage.tasks.registry import load_deciding, load_estimating, load_task, task_names
from quantum_advantage.tasks.shared.described import PROTOCOLS_GROUP
from quantum_advantage.tasks.shared.seeds import Seeds

TASKS_GROUP = "quantum_advantage.tasks"
# Another measurement of the games, without an exact distribution.
MINE = Protocol("mine", "Bell, by me.", copies_per_shot=2, measurement=lambda o, n: Bell())
MISNAMED = Protocol("other", "Bell.", copies_per_shot=2, measurement=lambda o, n: Bell())


class Coins(DecidingTask):
    """Which way does a coin fall? With circuits or without, right in three of four trials."""

    NAME = "coins"

    def describe(self):
        def flip(options, qubits):
            return cirq.Circuit(cirq.H(cirq.q(0)), cirq.measure(cirq.q(0)))

        yield Protocol("flip", "Flips.", 1, measurement=flip, exact=flip, guess=lambda n: 4.0)

    def seconds(self, protocol, qubits, copies, *, circuits):
        return 0.0

    def count_right(self, chosen, prefixes, trials, seeds, source):
        nature, _, _ = seeds.generators()
        return nature.binomial(trials, 0.75, prefixes.size)


class Weights(EstimatingTask):
    """How heavy is it? Told exactly."""

    NAME = "weights"
    HAS_CIRCUITS = False

    def describe(self):
        yield Protocol("scales", "Weighs.", 1, lambda o, n: n, exact=lambda o, n: n)

    def quantities(self, protocol, qubits):
        return ("weight",)

    def seconds(self, protocol, qubits, copies, *, circuits):
        return 0.0

    def estimate(self, chosen, shots, systems, seeds, source):
        values = np.full((systems, 1), float(chosen.exact()))
        return Estimated(values, 0 * values, values)


class Package:
    def __init__(self, name):
        self.name = name


@pytest.fixture
def batch_sources():
    return Seeds(*np.random.SeedSequence(3).spawn(4))


@pytest.fixture
def brought(monkeypatch):
    """Lets packages bring entry points: (group, name, object, package)."""

    def bring(*entries):
        made = []
        for number, (group, name, value, package) in enumerate(entries):
            monkeypatch.setitem(globals(), f"brought_{number}", value)
            entry = metadata.EntryPoint(name, f"{__name__}:brought_{number}", group)
            made.append(entry._for(Package(package)))
        monkeypatch.setattr(metadata.EntryPoint, "load", load)
        monkeypatch.setattr(
            metadata, "entry_points", lambda group: [e for e in made if e.group == group]
        )
        plugins.entry_points.cache_clear()

    def load(entry):
        return globals()[entry.attr]

    yield bring
    plugins.entry_points.cache_clear()


def test_names_of_the_package_come_first_and_cost_no_import(brought):
    own = task_names()
    brought((TASKS_GROUP, "weights", Weights, "p"), (TASKS_GROUP, "coins", Coins, "p"))
    assert task_names() == (*own, "coins", "weights")


def test_tasks_of_others_are_loaded_by_kind(brought):
    brought((TASKS_GROUP, "coins", Coins, "p"), (TASKS_GROUP, "weights", Weights, "p"))
    assert type(load_task("coins")) is type(load_deciding("coins")) is Coins
    assert type(load_estimating("weights")) is Weights
    with pytest.raises(UsageError, match=r"task .weights. estimates; choose one of .*, coins"):
        load_deciding("weights")
    with pytest.raises(UsageError, match="unknown option 'x' in 'coins:x=1'; coins takes: none"):
        load_task("coins:x=1")


def test_a_deciding_task_of_another_package_is_searched(brought):
    brought((TASKS_GROUP, "coins", Coins, "p"))
    assert load_deciding("coins").first_budget("flip", 1, 0.7) == 10
    point = copies_needed("flip", 1, task="coins", backend="law", trials=400, games=20)
    assert point.copies < 1
    assert point.bound is None


def test_an_estimating_task_of_another_package_is_played(brought, batch_sources):
    brought((TASKS_GROUP, "weights", Weights, "p"))
    task = load_estimating("weights")
    played = task.play("scales", 5, np.array([3]), 2, 0, batch_sources, FromLaw())
    assert [(row.system, row.value) for row in played.rows] == [(0, 5.0), (1, 5.0)]
    with pytest.raises(UsageError, match=r"^weights has no circuits, outcomes come from their law"):
        task.check("scales", 5, circuits=True, noise=False)


def test_a_protocol_of_another_package_plays_the_games_of_the_task(brought, batch_sources):
    brought((PROTOCOLS_GROUP, "observables.mine", MINE, "p"))
    task = load_deciding("observables")
    assert task.protocol_names()[-1] == "mine"
    assert "mine" not in load_task("purity").protocol_names()
    assert task.explain("mine", 3) == "Bell, by me."
    assert task.circuit("mine", 3) == task.circuit("bell", 3)
    assert task.first_budget("mine", 3, 0.7) == 10
    assert task.bound("mine", 3, 0.7) is None
    assert task.bound_of("mine", 3).copies_for(0.7) == task.bound_of("bell", 3).copies_for(0.7)
    mine, bell = (
        task.play(p, 3, np.array([1, 4]), 50, 0, batch_sources, cirq.Simulator(seed=1)).correct
        for p in ("mine", "bell")
    )
    assert mine.tolist() == bell.tolist()
    with pytest.raises(UsageError, match=r"^backend law knows no exact law of mine; use qsim$"):
        task.check("mine", 3, circuits=False, noise=False)


@pytest.mark.parametrize(
    ("entries", "line"),
    [
        (
            [(TASKS_GROUP, "coins", Coins, "first"), (TASKS_GROUP, "coins", Coins, "second")],
            "package first cannot bring 'coins' in quantum_advantage.tasks: it is the name of what "
            "the package second brings",
        ),
        (
            [(TASKS_GROUP, "coins", MINE, "odd")],
            "entry point 'coins' of quantum_advantage.tasks must name a Task of the name 'coins'",
        ),
        (
            [(TASKS_GROUP, "coins", Weights, "odd")],
            "entry point 'coins' of quantum_advantage.tasks must name a Task of the name 'coins'",
        ),
    ],
)
def test_what_a_package_fails_to_bring_is_refused_in_one_line(brought, entries, line):
    brought(*entries)
    with pytest.raises(UsageError) as refusal:
        load_task("coins")
    assert str(refusal.value) == line
    # Nothing else suffers.
    assert isinstance(load_task("purity"), Task)
    with pytest.raises(
        UsageError, match="task 'purities' estimates; choose one of hidden_sign, observables"
    ):
        load_deciding("purities")


def test_no_package_takes_the_name_of_a_task_or_protocol_that_there_is(brought):
    brought(
        (TASKS_GROUP, "purity", Coins, "greedy"), (PROTOCOLS_GROUP, "observables.bell", MINE, "p")
    )
    with pytest.raises(UsageError) as refusal:
        load_task("purity")
    assert str(refusal.value) == (
        "package greedy cannot bring 'purity' in quantum_advantage.tasks: it is the name of the "
        "task purity"
    )
    with pytest.raises(UsageError, match="it is the name of the protocol bell of observables"):
        load_task("observables").resolve("bell", 3)
    assert load_task("observables").resolve("local_pauli", 3) == "local_pauli"
    assert task_names().count("purity") == 1


def test_a_protocol_bears_the_name_of_its_entry_point(brought):
    brought((PROTOCOLS_GROUP, "observables.mine", MISNAMED, "p"))
    with pytest.raises(UsageError, match=r"must name a Protocol of the name 'mine'$"):
        load_task("observables").circuit("mine", 2)
