"""Time-reversal symmetry: circuits against laws, laws against closed forms."""

import math

import numpy as np
import pytest
from task_plays import deviations

from quantum_advantage.backends.opening import open_backend
from quantum_advantage.bounds.time_reversal import largest_reversal_accuracy, uses_to_find_reversal
from quantum_advantage.tasks.base import FromLaw
from quantum_advantage.tasks.registry import load_task
from quantum_advantage.tasks.shared.seeds import Seeds
from quantum_advantage.tasks.time_reversal import TimeReversal

LAW_TRIALS = 20_000
TASK = TimeReversal("time_reversal")
CONVENTIONAL = ["complement_collisions", "z_collisions", "y_marginals"]


def accuracy(task, protocol, n, shots, trials, circuits, number=0, backend="qsim"):
    seeds = Seeds(*np.random.SeedSequence(number).spawn(4))
    sampler = open_backend(backend).make(number) if circuits else FromLaw()
    return task.play(protocol, n, np.asarray(shots), trials, 0, seeds, sampler).correct / trials


@pytest.mark.parametrize("n", [1, 2, 4, 8])
def test_one_bell_shot_errs_where_a_general_evolution_leaves_all_pairs_alone(n):
    size = 2**n
    (found,) = accuracy(TASK, "bell", n, [1], LAW_TRIALS, circuits=False)
    assert deviations(found, LAW_TRIALS, 1 - 1 / (size * (size + 1))) < 4


@pytest.mark.parametrize("n", [1, 2, 3])
def test_bell_circuits_have_the_exact_accuracy_after_one_shot(n):
    size, trials = 2**n, 4000
    (found,) = accuracy(TASK, "bell", n, [1], trials, circuits=True)
    assert deviations(found, trials, 1 - 1 / (size * (size + 1))) < 4


@pytest.mark.parametrize("protocol", ["bell", *CONVENTIONAL])
def test_circuits_follow_the_law(protocol):
    shots, trials = [1, 4, 10, 25], 1500
    law = accuracy(TASK, protocol, 5, shots, LAW_TRIALS, circuits=False)
    found = accuracy(TASK, protocol, 5, shots, trials, circuits=True, number=1)
    # The law's own error, and what is missing to Haar-random at depth 2n, add little.
    assert (deviations(found, trials, law) < 4.5).all()


@pytest.mark.parametrize("protocol", CONVENTIONAL)
def test_circuits_on_a_grid_follow_the_law(protocol):
    shots, trials = [5, 20, 60], 1500
    law = accuracy(TASK, protocol, 6, shots, LAW_TRIALS, circuits=False)
    task = TimeReversal("time_reversal:geometry=grid")
    found = accuracy(task, protocol, 6, shots, trials, circuits=True, number=2)
    assert (deviations(found, trials, law) < 4.5).all()


@pytest.mark.parametrize("protocol", CONVENTIONAL)
@pytest.mark.parametrize("n", [6, 12])
def test_no_conventional_protocol_beats_the_bound(protocol, n):
    shots = [2 ** (n // 2) // 2, 2 ** (n // 2), 4 * 2 ** (n // 2)]
    found = accuracy(TASK, protocol, n, shots, LAW_TRIALS, circuits=False)
    bound = np.array([largest_reversal_accuracy(s, qubits=n) for s in shots])
    assert (found < bound + 4 * 0.5 / math.sqrt(LAW_TRIALS)).all()


def test_collisions_find_the_symmetry_at_a_small_multiple_of_the_bound():
    uses = 2 * 2 ** (12 // 2)
    (found,) = accuracy(TASK, "complement_collisions", 12, [uses], LAW_TRIALS, circuits=False)
    assert 0.70 < found < 0.75
    assert 2.5 < uses / uses_to_find_reversal(0.7, qubits=12) < 3


def test_tolerant_bell_protocol_stands_readout_errors_and_the_strict_one_does_not():
    """At n = 6 and e = 5 % half of the shots of a real evolution show a bit that is not 0."""
    found = {
        protocol: accuracy(TASK, protocol, 6, [12], 400, True, backend="qsim:readout=0.05")[0]
        for protocol in ("bell", "bell_tolerant")
    }
    assert found["bell"] < 0.6
    assert found["bell_tolerant"] > 0.95


@pytest.mark.parametrize("option", ["depth=3", "ensemble=public"])
def test_fixed_depth_has_circuits_alone_and_no_bound(option):
    task = TimeReversal(f"time_reversal:{option}")
    assert task.bound("y_marginals", 6, 0.7) is None
    with pytest.raises(ValueError, match=f"backend law knows no exact law of {task}; use qsim"):
        task.check("y_marginals", 6, circuits=False, noise=False)
    assert accuracy(task, "bell", 3, [3], 100, circuits=True)[0] > 0.9


def test_shallow_evolutions_show_in_the_means_of_single_bits():
    """At depth 2 a constant number of uses is enough, where Haar-random ones need 2^n."""
    shallow = TimeReversal("time_reversal:depth=2")
    (found,) = accuracy(shallow, "y_marginals", 10, [60], 400, circuits=True)
    (deep,) = accuracy(TASK, "y_marginals", 10, [60], LAW_TRIALS, circuits=False)
    assert found > 0.9
    assert deep < 0.6


@pytest.mark.slow
def test_twenty_qubits_at_the_depth_of_the_paper_are_told_apart_by_two_uses():
    task = TimeReversal("time_reversal:ensemble=public")
    assert accuracy(task, "bell", 20, [1, 2], 20, circuits=True).tolist() == [1, 1]


def test_bound_and_copies_belong_to_the_protocols():
    assert TASK.copies_per_shot("bell", 4) == TASK.copies_per_shot("bell_tolerant", 4) == 2
    assert TASK.bound("bell", 8, 0.7) is None
    for protocol in CONVENTIONAL:
        assert TASK.copies_per_shot(protocol, 4) == 1
        assert TASK.bound(protocol, 8, 0.7) == uses_to_find_reversal(0.7, qubits=8)


def test_names_are_read_and_written_in_one_spelling():
    assert str(load_task("time_reversal:geometry=line,depth=0")) == "time_reversal"
    assert str(TimeReversal("time_reversal:geometry=grid,depth=4")) == (
        "time_reversal:depth=4,geometry=grid"
    )
    assert TASK.family.depth(6) == 12
    assert TimeReversal("time_reversal:ensemble=public").family.depth(6) == 5
    assert TASK.couplings("bell") == "more"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("time_reversal:depth=-1", "depth of .* must be at least 0, not -1"),
        ("time_reversal:ensemble=nope", "ensemble 'nope' must be matched or public"),
        ("time_reversal:geometry=ring", "geometry 'ring' must be line or grid"),
        ("time_reversal:x=1", "unknown option 'x'"),
    ],
)
def test_wrong_name_is_refused_in_one_line(name, reason):
    with pytest.raises(ValueError, match=reason):
        TimeReversal(name)


@pytest.mark.parametrize(
    ("protocol", "n", "circuits", "reason"),
    [
        ("bell", 14, True, "qubits must be at most 13 for bell as circuits"),
        ("bell", 15, False, "qubits must be at most 14 for the law"),
        ("bell_tolerant", 4, False, "no exact law of bell_tolerant"),
        ("nope", 4, True, "unknown protocol 'nope'"),
    ],
)
def test_what_cannot_be_played_is_refused(protocol, n, circuits, reason):
    with pytest.raises(ValueError, match=reason):
        TASK.check(protocol, n, circuits=circuits, noise=False)


def test_uses_on_a_grid_are_played_where_the_noise_of_a_shot_is_unknown():
    grid = TimeReversal("time_reversal:geometry=grid")
    found = accuracy(grid, "bell_on_grid", 4, [4], 60, circuits=True)
    same = accuracy(grid, "bell_tolerant", 4, [4], 60, circuits=True)
    assert found[0] > 0.9
    assert abs(found[0] - same[0]) < 0.1


def test_uses_on_a_chain_are_played_where_the_noise_of_a_shot_is_unknown():
    found = accuracy(TASK, "bell_on_chain", 3, [4], 60, circuits=True)
    same = accuracy(TASK, "bell_tolerant", 3, [4], 60, circuits=True)
    assert found[0] > 0.9
    assert abs(found[0] - same[0]) < 0.1
    assert TASK.couplings("bell_on_chain") == TASK.couplings("y_marginals") == "chain"
    grid = TimeReversal("time_reversal:geometry=grid")
    assert grid.couplings("y_marginals") == grid.couplings("bell_on_grid") == "grid"
    with pytest.raises(ValueError, match="bell_on_chain is for evolutions on a line"):
        grid.check("bell_on_chain", 4, circuits=True, noise=False)
