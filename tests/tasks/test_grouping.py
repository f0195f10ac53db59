"""One record of each evolution, read in several ways, on chains, grids and noisy processors."""

import numpy as np
import pytest

from quantum_advantage.backends.opening import open_backend
from quantum_advantage.circuits.run import run
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.learning.clustering import chance_accuracy
from quantum_advantage.inference.learning.readings import even_singlets, mean_weights, zero_shares
from quantum_advantage.inference.sensing.companion import share_error
from quantum_advantage.tasks.dynamics import SHOWN_SETS, Dynamics, bell_bits
from quantum_advantage.tasks.grouping import OF_EVOLUTIONS, Grouping, edge_qubits
from quantum_advantage.tasks.registry import load_task
from quantum_advantage.tasks.shared.families import Family
from quantum_advantage.tasks.shared.seeds import Seeds

PUBLIC = "grouping:ensemble=public"
WEBER = "qvm:weber,noise=twirled,place=circuit"


def seeds(number=0):
    return Seeds(*np.random.SeedSequence(number).spawn(4))


def estimate(protocol, n, shots, systems=20, number=0, backend="qsim", task=PUBLIC):
    loaded = load_task(task)
    sampler = open_backend(backend).make(number)
    found = loaded.estimate(loaded.read(protocol, n), shots, systems, seeds(number), sampler)
    names = loaded.quantities(protocol, n)
    right = (found.values == found.truths).mean(axis=0)
    return found, {
        name: float(share)
        for name, share in zip(names, right, strict=True)
        if name not in OF_EVOLUTIONS
    }


@pytest.mark.parametrize(
    ("protocol", "task"),
    [
        ("bell", PUBLIC),
        ("bell_on_chain", PUBLIC),
        ("bell_on_grid", PUBLIC + ",geometry=grid"),
    ],
)
def test_without_noise_every_reading_of_bell_measurements_is_right(protocol, task):
    found, shares = estimate(protocol, 4, 25, task=task)
    assert shares == dict.fromkeys(shares, 1.0)
    symmetric = found.truths[:, 0] == 1
    names = load_task(task).quantities(protocol, 4)
    weights, zeros = (found.values[:, names.index(name)] for name in ("weight_of", "zeros_of"))
    assert (weights[symmetric] == 0).all()
    assert (zeros[symmetric] == 1).all()
    assert weights[~symmetric].min() > 0.2


def test_the_moments_are_those_of_the_task_dynamics():
    """Both tasks draw the same evolutions from the same seeds, and read the same record."""
    other = Dynamics("dynamics:ensemble=public")
    sampler = open_backend("qsim").make(0)
    expected = other.estimate(other.read("bell_on_chain", 4), 25, 20, seeds(), sampler)
    found, _ = estimate("bell_on_chain", 4, 25)
    names = load_task(PUBLIC).quantities("bell_on_chain", 4)
    coordinates = found.values[:, names.index("coordinate")]
    assert np.abs(coordinates) == pytest.approx(np.abs(expected.values[:, 0]))


def record_of(kinds, shots, backend):
    family = Family.read(PUBLIC, Grouping(PUBLIC).options)
    evolutions = family.draw(kinds, 3, np.random.default_rng(5))
    request = load_task(PUBLIC).read("bell_on_chain", 3).measurement().request(evolutions, shots)
    (record,) = run([request], open_backend(backend).make(6))
    return bell_bits(record, len(kinds), 3)


def test_singlets_are_even_without_noise_and_odd_at_times_with_it():
    kinds = [False, False, True]
    assert even_singlets(record_of(kinds, 300, "qsim")).all()
    noisy = even_singlets(record_of(kinds, 300, WEBER)).mean(axis=1)
    assert (noisy < 1).all()


def test_the_flag_makes_the_bits_of_symmetric_evolutions_cleaner():
    bits = record_of([True] * 4, 1500, WEBER)
    kept = even_singlets(bits)
    raw, flagged = mean_weights(bits).mean(), bits[kept].mean()
    error = np.sqrt(raw / (bits.size / 6))  # bits of a shot err together
    assert flagged < raw - 4 * error
    assert zero_shares(bits).mean() > 0.3


def test_the_symmetry_is_found_on_a_noisy_chip():
    _, shares = estimate("bell_on_chain", 4, 50, systems=20, backend=WEBER)
    assert shares["weight"] >= 0.95
    assert shares["moments"] >= 0.9


def test_the_edge_of_lines_and_grids():
    assert edge_qubits("line", 2) == [0, 1]
    assert edge_qubits("grid", 9) == [0, 2, 6, 8]
    assert edge_qubits("grid:rows=2", 10) == [0, 4, 5, 9]


def test_fixed_depth_leaks_to_many_single_uses_and_not_to_few():
    few = np.mean([max(estimate("single_uses", 12, 100, 40, s)[1].values()) for s in range(3)])
    many = estimate("single_uses", 12, 1000, 40)[1]["complements"]
    assert few < 0.95
    assert many >= 0.95


def test_evolutions_of_one_kind_are_grouped_at_chance(monkeypatch):
    """Control: all evolutions general, labels meaningless, for every reading."""
    draw = Family.draw
    monkeypatch.setattr(
        Family, "draw", lambda family, kinds, n, rng: draw(family, np.zeros_like(kinds), n, rng)
    )
    off = []
    for number in range(30):
        found, shares = estimate("bell", 3, 20, number=number)
        truth = found.truths[:, 0].astype(int)
        groups = found.values[:, : len(shares)].T.astype(int)
        off.append(
            [s - chance_accuracy(g, truth) for s, g in zip(shares.values(), groups, strict=True)]
        )
    means, errors = np.mean(off, axis=0), np.std(off, axis=0) / np.sqrt(len(off))
    assert (np.abs(means) < 4 * errors + 1e-12).all()


def test_rows_of_a_set_are_its_accuracies_and_numbers_of_the_first_sets():
    task = load_task(PUBLIC)
    found, shares = estimate("single_uses", 3, 20, systems=6)
    names = task.quantities("single_uses", 3)
    assert names == ("moments", "complements", "collisions", "edge", "coordinate")
    numbers = task.numbers(found, names)
    share = shares["complements"]
    assert numbers[0, "complements"] == (share, share_error(share, 6), 1.0)
    assert numbers[4, "coordinate"] == (found.values[4, 4], np.inf, found.truths[4, 0])
    kept = task.kept("single_uses", 3, 6, SHOWN_SETS - 1)
    assert kept == (*((0, name) for name in names[:4]), *((s, "coordinate") for s in range(6)))
    assert task.kept("single_uses", 3, 6, SHOWN_SETS) == tuple((0, name) for name in names[:4])


def test_dear_sets_are_few():
    task = load_task(PUBLIC)
    assert [task.least_batches("bell_on_chain", n) for n in (4, 8, 9, 20)] == [5, 5, 1, 1]
    assert task.least_batches("single_uses", 20) == 5
    deep = load_task(PUBLIC.replace("grouping:", "grouping:depth=12,"))
    assert (deep.least_batches("bell_on_chain", 4), deep.least_batches("single_uses", 4)) == (1, 5)
    assert load_task("dynamics").least_batches("bell", 4) == 20


def test_what_cannot_be_played_is_refused():
    with pytest.raises(UsageError, match="at least 2 to make groups"):
        estimate("bell", 3, 20, systems=1)
    with pytest.raises(UsageError, match="not geometry=grid"):
        load_task("grouping:geometry=grid").check("bell_on_chain", 4, circuits=True, noise=False)
