import numpy as np
import pytest

from quantum_advantage.core.usage import UsageError
from quantum_advantage.tasks.base import FromLaw
from quantum_advantage.tasks.ground_states import QUANTITIES
from quantum_advantage.tasks.registry import load_task
from quantum_advantage.tasks.shared.seeds import Seeds

TASK = load_task("ground_states")
LEARNED = [name for name in TASK.protocols if name.count("_bases") == 0]
DIRECT = [name for name in TASK.protocols if name not in LEARNED]


def played(protocol, copies=200, qubits=8, systems=3, batches=4, seed=1):
    """Rows of several batches; all protocols meet the same systems."""
    rows = []
    for batch in range(batches):
        seeds = Seeds(*np.random.SeedSequence([seed, batch]).spawn(4))
        rows += TASK.play(
            protocol, qubits, np.array([copies]), systems, batch, seeds, FromLaw()
        ).rows
    return rows


def off_by(rows, quantity="correlator:distance=1"):
    return np.array([row.value - row.truth for row in rows if row.quantity == quantity])


@pytest.mark.parametrize("protocol", [*(f"{name}:systems=8" for name in LEARNED), *DIRECT])
def test_every_protocol_answers_every_question(protocol):
    rows = played(protocol, copies=100, systems=2, batches=1)
    assert [row.quantity for row in rows] == list(QUANTITIES) * 2
    numbers = np.array([(row.value, row.error, row.truth) for row in rows])
    assert np.isfinite(numbers).all()
    assert (numbers[:, 1] > 0).all()
    again = played(protocol, copies=100, systems=2, batches=1)
    assert again == rows


def test_all_protocols_meet_the_same_systems_and_questions():
    truths = [
        [row.truth for row in played(protocol, copies=50, systems=2, batches=1)]
        for protocol in ("training_mean:systems=4", "nearest_system:systems=8", "three_bases")
    ]
    assert truths[0] == truths[1] == truths[2]


def test_errors_of_measuring_the_new_state_are_those_that_are_stated():
    for protocol in DIRECT:
        rows = played(protocol, systems=10, batches=8)
        for quantity in QUANTITIES[:-1]:
            pulls = [(r.value - r.truth) / r.error for r in rows if r.quantity == quantity]
            # Errors of means over hits are stated a little too large, and energies sum bonds of
            # which neighbours are anticorrelated.
            assert np.std(pulls) < 1 + 4 / np.sqrt(2 * len(pulls)), (protocol, quantity)
            assert abs(np.mean(pulls)) < 4 / np.sqrt(len(pulls)), (protocol, quantity)


def test_three_bases_beat_random_ones_and_hits_beat_shadows():
    errors = [np.sqrt((off_by(played(p, systems=10, batches=8)) ** 2).mean()) for p in DIRECT]
    plain, by_hits, fixed = errors
    assert fixed < by_hits < plain


def test_one_model_of_all_pairs_beats_a_model_for_each_and_the_mean():
    errors = {
        name: np.sqrt((off_by(played(f"{name}:systems=20", systems=20, batches=2)) ** 2).mean())
        for name in ("local_kernel", "nearby_lasso", "training_mean")
    }
    assert errors["local_kernel"] < errors["nearby_lasso"] < errors["training_mean"]


def test_predictions_cost_no_copy_of_the_new_system():
    """The records of new systems are not drawn: another vector there changes no prediction."""
    from quantum_advantage.inference.generalising.frames import Grid
    from quantum_advantage.systems.heisenberg import draw_couplings
    from quantum_advantage.tasks.ground_states import _draw_questions

    grid = Grid(2, 4)
    rng = np.random.default_rng(1)
    couplings, asked = draw_couplings(2, 4, 1, rng), [_draw_questions(grid, rng)]
    learned = TASK.read("local_kernel:systems=8", 8).exact()
    answers = [
        learned.answers(
            grid, couplings, states, asked, 50, tuple(np.random.default_rng(s) for s in (2, 3, 4))
        )
        for states in ([], [None])
    ]
    assert np.array_equal(*answers)


@pytest.mark.parametrize(
    ("protocol", "qubits", "copies", "line"),
    [
        ("local_kernel", 9, 100, "even grid of at least 2 x 4"),
        ("local_kernel", 6, 100, "even grid of at least 2 x 4"),
        ("local_kernel", 24, 100, "at most 20"),
        ("local_kernel:systems=3", 8, 100, "systems of .* must lie between 4 and 10000"),
        ("local_kernels", 8, 100, "did you mean local_kernel"),
        ("three_bases", 8, 1, "copies must be at least 2"),
    ],
)
def test_what_cannot_be_played_is_refused_in_one_line(protocol, qubits, copies, line):
    with pytest.raises(UsageError, match=line):
        played(protocol, copies=copies, qubits=qubits, batches=1)
