from dataclasses import replace

import numpy as np
import pytest

from quantum_advantage.backends.backend import Backend
from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.batches import batch_seeds, play_batch
from quantum_advantage.study.engine import collect
from quantum_advantage.study.kinds import estimates as open_estimates
from quantum_advantage.study.spec import Spec
from quantum_advantage.study.wanted import Fixed
from quantum_advantage.study.workers import process_pool
from quantum_advantage.tasks.purities import Purities

SPEC = Spec("purities:mixing=0.2", "bell", 2, "qsim", 20, 2, 3)
OTHER = Spec("purities:mixing=0.2", "local_pauli", 2, "qsim", 20, 2, 3)


def collected(path=None, specs=(SPEC, OTHER), systems=40, **options):
    estimates = open_estimates("trial", path)
    estimates.open()
    collect(map(Fixed, specs), estimates, systems, **options)
    estimates.close()
    return set(estimates)


def test_batch_has_a_row_for_each_system_and_quantity():
    rows = play_batch("trial", SPEC, 5)
    assert [(r.system, r.quantity) for r in rows] == [
        (s, f"purity:first={k}") for s in range(2) for k in (1, 2)
    ]
    assert {(r.batch, r.copies, r.shots) for r in rows} == {(5, 20, 10)}
    assert all(np.isfinite([r.value, r.error, r.truth]).all() for r in rows)


def test_protocols_meet_the_same_systems():
    bell, pauli = (play_batch("trial", spec, 1) for spec in (SPEC, OTHER))
    assert [r.truth for r in bell] == [r.truth for r in pauli]
    assert [r.truth for r in bell] != [r.truth for r in play_batch("trial", SPEC, 2)]


def test_batch_is_what_the_task_estimates_from_the_seeds_of_the_batch():
    seeds = batch_seeds(SPEC, 0)
    sampler = FactorisedSampler(seed=int(seeds.sampler.generate_state(1)[0] >> 1))
    task = Purities(SPEC.task)
    found = task.estimate(task.read("bell", 2), 10, 2, seeds, sampler)
    rows = play_batch("trial", SPEC, 0)
    assert [r.value for r in rows] == pytest.approx(found.values.ravel().tolist(), rel=1e-8)
    assert [r.truth for r in rows] == pytest.approx(found.truths.ravel().tolist(), rel=1e-8)


def test_at_least_twenty_batches_are_collected_and_counted():
    seen = []
    rows = collected(specs=[SPEC], systems=3, report=seen.append)
    assert {row.batch for row in rows} == set(range(20))
    assert [(p.done, p.known) for p in seen] == [(i, 20) for i in range(1, 21)]


def test_second_run_adds_what_is_missing_alone(tmp_path):
    path = tmp_path / "trial.csv"
    few = collected(path, systems=40)
    seen = []
    more = collected(path, systems=50, report=seen.append)
    assert few < more
    assert len(seen) == 2 * 5
    assert collected(path, systems=50, report=seen.append) == more
    assert len(seen) == 2 * 5


def test_broken_run_goes_on_to_the_same_rows(tmp_path):
    path = tmp_path / "trial.csv"

    def stop(progress):
        if progress.done == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        collected(path, report=stop)
    assert 0 < len(open_estimates("trial", path)._rows) < len(collected())
    assert collected(path) == collected()


def test_workers_do_not_change_the_rows():
    with process_pool(2) as pool:
        assert collected(executor=pool) == collected()


def test_backend_of_a_users_own_takes_the_place_of_the_named_one():
    made = []

    def make(seed):
        made.append(seed)
        return FactorisedSampler(seed=seed)

    spec = replace(SPEC, backend="mine")
    mine = Backend("mine", make)
    rows = collected(specs=[spec], backend=mine)
    # Two more were looked into, for their fingerprint.
    assert len(made) == 22
    assert {row.spec.backend for row in rows} == {"mine"}
    assert rows == {row for b in range(20) for row in play_batch("trial", spec, b, mine)}


def test_backend_that_bears_the_name_of_another_one_is_refused():
    with pytest.raises(UsageError, match="backend name 'qsim' is taken"):
        collected(specs=[SPEC], backend=Backend("qsim", lambda seed: FactorisedSampler(seed=seed)))
