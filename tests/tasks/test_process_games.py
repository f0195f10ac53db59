"""The replacement-channel game: circuits with resets against laws, and the questions' truth."""

import cirq
import numpy as np
import pytest
from task_plays import deviations, seeds

from quantum_advantage.backends.backend import Backend
from quantum_advantage.backends.opening import open_backend
from quantum_advantage.bounds.hidden_pauli import copies_required, largest_conventional_accuracy
from quantum_advantage.circuits.request import resolver_values
from quantum_advantage.circuits.run import run
from quantum_advantage.measurements.bell import bell_damping
from quantum_advantage.study.search import copies_needed
from quantum_advantage.systems.processes import ReplacementChannel
from quantum_advantage.tasks.base import FromLaw
from quantum_advantage.tasks.observables.exact import bell_accuracy
from quantum_advantage.tasks.observables.games import draw_games, read_task
from quantum_advantage.tasks.observables.protocols import Bell, LocalPauli
from quantum_advantage.tasks.observables.task import Observables
from quantum_advantage.tasks.processes import Processes

PROTOCOLS = Observables("observables").protocols

TASK = Processes("processes")
CONVENTIONAL = ["local_pauli:times=2", "random_clifford", "mutually_unbiased:times=3"]


def accuracy(protocol, n, shots, trials, circuits, root=1, backend="qsim"):
    sampler = open_backend(backend).make(root) if circuits else FromLaw()
    return TASK.play(protocol, n, np.array(shots), trials, 0, seeds(root), sampler).correct / trials


@pytest.mark.parametrize("n", [1, 4, 20])
def test_two_uses_measured_jointly_have_the_exact_accuracy(n):
    trials = 6000
    found = accuracy("bell", n, [1, 2, 5], trials, circuits=True)
    assert (deviations(found, trials, [bell_accuracy(t, 0.81) for t in (1, 2, 5)]) < 4).all()


@pytest.mark.parametrize("protocol", [*CONVENTIONAL, "memory:qubits=1", "known_question"])
def test_circuits_follow_the_law(protocol):
    shots, trials = [2, 6, 20], 3000
    law = accuracy(protocol, 3, shots, 20_000, circuits=False)
    found = accuracy(protocol, 3, shots, trials, circuits=True)
    assert (deviations(found, trials, law) < 4.5).all()


def test_circuits_follow_the_law_under_noise():
    shots, trials = np.array([1, 4, 16]), 4000
    damping = np.tile(bell_damping(0.05, 0.03), (4, 1))
    law = TASK.play("bell", 4, shots, 40_000, 0, seeds(2), FromLaw(damping)).correct / 40_000
    found = accuracy("bell", 4, shots, trials, True, 3, "qsim:depolarize=0.05,readout=0.03")
    assert (deviations(found, trials, law) < 4.5).all()


@pytest.mark.parametrize("protocol", CONVENTIONAL)
def test_no_conventional_learner_beats_the_bound(protocol):
    shots, trials = np.arange(1, 21), 4000
    found = accuracy(protocol, 3, shots, trials, circuits=True)
    bound = [largest_conventional_accuracy(int(t), qubits=3) for t in shots]
    assert (found <= np.array(bound) + 4 * 0.5 / trials**0.5).all()
    assert TASK.bound(protocol, 3, 0.7) == copies_required(0.7, qubits=3)
    assert TASK.bound("bell", 3, 0.7) is None


def test_a_question_known_beforehand_is_easy_at_any_size():
    """For an observable that is fixed before the measuring there is no advantage."""
    for n in (4, 12):
        assert copies_needed("known_question", n, task="processes", trials=2000).copies < 3


def test_any_sampler_of_cirq_runs_the_circuits():
    mine = Backend("mine", make=lambda seed: cirq.Simulator(seed=seed))
    point = copies_needed("bell", 2, backend=mine, task="processes", trials=100, games=5)
    assert point.copies < 3


def test_the_whole_circuit_has_the_outcomes_of_the_simulator_of_cirq(p_of_two):
    """Both samplers get the same circuit, inputs and resets included, and the same table."""
    rng = np.random.default_rng(5)
    games = draw_games(read_task("processes"), "hidden", 2, 1, rng, rng)
    request = TASK.request(Bell(), games.preparation, 1000, rng)
    (ours,) = run([request], open_backend("qsim").make(6))
    (theirs,) = run([request], cirq.Simulator(seed=7))
    numbers = [
        record.bits["system"][:, 0] + 4 * record.bits["memory"][:, 0] for record in (ours, theirs)
    ]
    assert p_of_two(*numbers) > 1e-4


def test_the_record_holds_the_learners_inputs_and_none_of_natures_dials():
    rng = np.random.default_rng(5)
    games = draw_games(read_task("processes"), "hidden", 3, 2, rng, rng)
    single = TASK.request(LocalPauli(), games.preparation, 7, rng)
    (record,) = run([single], open_backend("qsim").make(6))
    inputs = {f"input_a{i}" for i in range(3)}
    assert set(record.settings) == inputs | {f"basis{i}" for i in range(3)}
    joint = TASK.request(Bell(), games.preparation, 7, rng)
    assert joint.learner == inputs | {f"input_b{i}" for i in range(3)}
    assert {dial.name for dial in joint.dials} - joint.learner == {
        f"{label}{i}" for label in "ab" for i in range(3)
    }


def test_the_truth_is_that_of_outputs_on_fresh_inputs():
    """|tr(Q E(x))| of both strings, from the circuit on random inputs, says which is hidden."""
    rng = np.random.default_rng(8)
    n, uses = 2, 3000
    games = draw_games(read_task("processes"), "hidden", n, 3, rng, rng)
    qubits = cirq.LineQubit.range(n)
    simulator = cirq.DensityMatrixSimulator()
    for game in range(3):
        process = ReplacementChannel(games.preparation.select(slice(game, game + 1)))
        entangled = cirq.testing.random_unitary(2**n, random_state=game)[:, 0]
        rows = np.stack(process.draw(uses, ""), axis=1)
        output = np.zeros((2**n, 2**n), dtype=complex)
        for row, count in zip(*np.unique(rows, axis=0, return_counts=True), strict=True):
            values = {
                symbol: value
                for dial, position in zip(process.dials(""), row, strict=True)
                for symbol, value in zip(dial.symbols, dial.positions[position], strict=True)
            }
            circuit = cirq.resolve_parameters(process.circuit(qubits, ""), values)
            output += count / uses * simulator.simulate(
                circuit, initial_state=entangled.astype(np.complex64)
            ).final_density_matrix  # fmt: skip
        sizes = []
        for candidate, mean in zip(games.candidates[game], games.means[game], strict=True):
            string = cirq.unitary(cirq.DensePauliString(candidate))
            value = np.trace(string @ output).real
            assert value == pytest.approx(mean, abs=5 / uses**0.5)
            sizes.append(abs(value))
        assert np.argmax(sizes) == games.truth[game]


def test_inputs_are_those_of_every_shot():
    rng = np.random.default_rng(5)
    games = draw_games(read_task("processes"), "hidden", 1, 1, rng, rng)
    request = TASK.request(LocalPauli(), games.preparation, 500, rng)
    seen = {resolver_values(request, shot)["flip_input_a0"] for shot in range(500)}
    assert seen == {0.0, 1.0}


def test_every_protocol_is_shown_with_its_resets():
    for name in PROTOCOLS:
        circuit = TASK.circuit(name, 2)
        per_shot = TASK.copies_per_shot(name, 2)
        resets = [o for o in circuit.all_operations() if isinstance(o.gate, cirq.ResetChannel)]
        assert len(resets) == 2 * per_shot
        assert "one use of the process" in TASK.explain(name, 2)


def test_other_names_and_processors_are_refused():
    with pytest.raises(ValueError, match="must be processes"):
        Processes("observables")
    assert TASK.couplings("bell") == "more"
    assert str(Processes("processes:game=one")) == "processes:alpha=0.9,game=one"
