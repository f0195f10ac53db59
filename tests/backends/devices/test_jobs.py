import json
import math
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import tracemalloc
import warnings
from collections import Counter
from unittest import mock

import cirq
import numpy as np
import pytest
import sympy
from cirq_google.api import v2
from cirq_google.cloud import quantum
from cirq_google.engine import runtime_estimator, util
from fake_service import (
    CIRCUIT,
    DIALS,
    FINISHED,
    KEY,
    MOMENT,
    A,
    FailedError,
    FakeHandle,
    FakeService,
    RefusedError,
    assert_same,
    bits_of,
    request_of,
    sample,
)

from quantum_advantage.backends.devices import job_folder, jobs, packing
from quantum_advantage.backends.devices.jobs import (
    CostSampler,
    JobError,
    JobFolder,
    JobSampler,
    circuit_hash,
    read_jobs,
)
from quantum_advantage.backends.devices.packing import portions_of
from quantum_advantage.circuits.request import Dial, Request
from quantum_advantage.core.files import check_of


@pytest.fixture(autouse=True)
def _small_jobs(monkeypatch):
    monkeypatch.setattr(packing, "MOST_POINTS", 2)
    monkeypatch.setattr(job_folder, "new_key", lambda: KEY)


@pytest.fixture
def cloud(tmp_path):
    """Makes services that share their jobs: one for each life of the process."""
    return lambda faults=None, **options: FakeService(tmp_path / "cloud", faults, **options)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "run"


def undisturbed(tmp_path, request=None, seed=1):
    return sample(tmp_path / "whole", FakeService(tmp_path / "other cloud"), request, seed)


def states(folder):
    return Counter(job.state for job in read_jobs(folder))


with mock.patch.object(packing, "MOST_POINTS", 2):
    PARTS = len(list(portions_of([request_of()])))


def test_the_requests_of_this_file_make_several_jobs_of_unequal_repetitions():
    portions = list(portions_of([request_of()]))
    assert len(portions) == PARTS >= 4
    assert any(len(portion.parts) > 1 for portion in portions)


def test_every_row_gets_the_outcomes_of_its_own_setting(folder, cloud):
    request = request_of(shots=600)
    found = sample(folder, cloud(), request)
    state, flip = request.table
    np.testing.assert_array_equal(found["a"][state % 4 == 0], 0)
    np.testing.assert_array_equal(found["a"][state == 2], 1)
    np.testing.assert_array_equal(found["b"], found["a"] ^ flip)
    ones, shots = found["a"][state % 2 == 1].sum(), (state % 2 == 1).sum()
    assert abs(ones - shots / 2) < 4 * np.sqrt(shots / 4)


def test_a_finished_job_says_what_it_was(folder, cloud):
    service = cloud()
    sample(folder, service)
    names = dict.fromkeys(names_in_order(folder))
    assert service.sent() == [f"qa-{KEY}-{name}-1" for name in names]
    for path in sorted(folder.glob("*.json")):
        if path.name == "run.json":
            continue
        shown = json.loads(path.read_text())
        circuits, sweeps, repetitions = service.load(shown["job_id"])
        circuit = circuits[0]
        assert shown["state"] == "done"
        shots = sum(len(sweep) * each for sweep, each in zip(sweeps, repetitions, strict=True))
        assert (shown["points"], shown["repetitions"]) == (sum(map(len, sweeps)), shots)
        assert shown["ran"] == "config default, run run_1"
        assert shown["circuit"] == circuit_hash(circuit)
        assert shown["program_id"] == f"qa-{shown['circuit']}"
        assert shown["calibrated"] == MOMENT
        assert (shown["created"], shown["finished"]) == FakeHandle(service, "").times()
        assert shown["seconds"] == pytest.approx(estimated(circuits, sweeps, repetitions))
        with np.load(path.with_suffix(".npz")) as data:
            assert {key: data[key].shape for key in data.files} == dict.fromkeys(
                ("0 a", "0 b"), (shots, 1)
            )


def estimated(circuits, sweeps, repetitions):
    """Google's own estimate: what every job costs, and what each sweep adds."""
    added = (
        runtime_estimator.estimate_run_sweep_time(circuit, sweep, each, latency=0.0)
        for circuit, sweep, each in zip(circuits, sweeps, repetitions, strict=True)
    )
    return runtime_estimator._BASE_LATENCY + sum(added)


def names_in_order(folder):
    made = [job.name for job in read_jobs(folder)]
    return sorted(made, key=lambda name: (folder / f"{name}.json").stat().st_mtime_ns)


def test_what_is_finished_is_read_from_disk_and_nothing_is_sent(folder, cloud):
    first = sample(folder, cloud())
    service = cloud({(stage, 0): RefusedError("offline") for stage in ("before", "find")})
    assert_same(sample(folder, service), first)
    assert not service.calls


def test_other_seeds_and_repeated_requests_are_jobs_of_their_own(folder, cloud):
    service = cloud()
    opened = JobFolder(folder, service)
    sampler = JobSampler(opened, 1)
    first, again = (sampler.sample_table(request_of())["a"] for _ in range(2))
    other = JobSampler(opened, 2).sample_table(request_of())["a"]
    assert len(service.sent()) == len(set(service.sent())) == 3 * PARTS
    for one, two in ((first, again), (first, other), (again, other)):
        assert (one != two).any()


def test_another_circuit_or_table_is_another_job(folder, cloud):
    service = cloud()
    sample(folder, service)
    sample(folder, service, request_of(seed=1))
    turned = cirq.Circuit(cirq.Moment(cirq.X(A)), *CIRCUIT)
    sample(folder, service, request_of(circuit=turned))
    assert len(set(service.sent())) == len(service.sent()) > 2 * PARTS


# Whatever happens to one job, the others are finished, and the next life goes on from there.


@pytest.mark.parametrize("number", range(PARTS))
def test_a_refusal_keeps_what_was_sent_and_the_rest_follows(tmp_path, folder, cloud, number):
    service = cloud({("before", number): RefusedError("the quota is spent")})
    with pytest.raises(JobError, match="the quota is spent") as caught:
        sample(folder, service)
    assert "\n" not in str(caught.value)
    assert f"finished jobs are kept in {folder}" in str(caught.value)
    assert service.calls["before"] == number + 1, "jobs were sent after the refusal"
    assert states(folder) == Counter(done=number, planned=1)
    assert_same(sample(folder, cloud()), undisturbed(tmp_path))
    assert len(service.sent()) == len(set(service.sent())) == PARTS
    assert states(folder) == {"done": PARTS}


@pytest.mark.parametrize("stage", ["after", "results"])
@pytest.mark.parametrize("number", [0, 2, PARTS - 1])
def test_a_lost_connection_costs_no_second_job(tmp_path, folder, cloud, stage, number):
    service = cloud({(stage, number): ConnectionResetError("reset by peer")})
    with pytest.raises(JobError, match="reset by peer"):
        sample(folder, service)
    unfinished = states(folder)
    assert unfinished["done"] == (number if stage == "after" else PARTS - 1)
    assert unfinished["planned" if stage == "after" else "sent"] == 1
    assert_same(sample(folder, cloud()), undisturbed(tmp_path))
    assert len(service.sent()) == len(set(service.sent())) == PARTS


def test_a_service_that_cannot_say_whether_it_knows_a_job_gets_none(folder, cloud):
    with pytest.raises(JobError):
        sample(folder, cloud({("after", 0): ConnectionResetError("reset")}))
    service = cloud({("find", 0): RefusedError("not now")})
    with pytest.raises(JobError, match="not now"):
        sample(folder, service)
    assert len(service.sent()) == 1
    sample(folder, cloud())
    assert len(set(service.sent())) == len(service.sent()) == PARTS


@pytest.mark.parametrize("number", [0, PARTS - 1])
def test_a_job_that_failed_is_sent_anew_under_a_new_id(folder, cloud, number):
    service = cloud({("results", number): FailedError("the chip\nwarmed up")})
    with pytest.raises(JobError, match="warmed up"):
        sample(folder, service)
    assert states(folder) == Counter(done=PARTS - 1, failed=1)
    (failed,) = (job for job in read_jobs(folder) if job.state == "failed")
    assert failed.reason == "the chip warmed up"
    assert_consistent(sample(folder, cloud()))
    assert service.sent()[PARTS:] == [f"qa-{KEY}-{failed.name}-2"]
    (renewed,) = (job for job in read_jobs(folder) if job.name == failed.name)
    assert (renewed.state, renewed.attempt, renewed.reason) == ("done", 2, "")
    assert renewed.seconds == pytest.approx(2 * failed.seconds)


def assert_consistent(found):
    state, flip = request_of().table
    np.testing.assert_array_equal(found["b"], found["a"] ^ flip)
    sure = state % 2 == 0
    np.testing.assert_array_equal(found["a"][sure], (state // 2 % 2)[sure])


def test_a_job_that_fails_twice_is_sent_three_times(folder, cloud):
    for _ in range(2):
        with pytest.raises(JobError, match="warm"):
            sample(folder, cloud({("results", 0): FailedError("warm")}))
    service = cloud()
    sample(folder, service)
    assert sorted(name.rpartition("-")[2] for name in service.sent()) == ["1"] * PARTS + ["2", "3"]


def test_both_attempts_of_a_job_count_towards_the_cap_whatever_happens_in_between(folder, cloud):
    with pytest.raises(JobError):
        sample(folder, cloud({("results", 0): FailedError("warm")}))
    (failed,) = (job for job in read_jobs(folder) if job.state == "failed")
    with pytest.raises(JobError):
        sample(folder, cloud({("before", 0): RefusedError("quota")}))
    sample(folder, cloud())
    (renewed,) = (job for job in read_jobs(folder) if job.name == failed.name)
    assert renewed.attempt == 2
    assert renewed.seconds == pytest.approx(2 * failed.seconds)


def test_an_error_nobody_foresaw_is_not_disguised(folder, cloud):
    with pytest.raises(ZeroDivisionError):
        sample(folder, cloud({("results", 1): ZeroDivisionError()}))
    assert_consistent(sample(folder, cloud()))
    assert len(cloud().sent()) == PARTS


def live_and_die(folder, store, faults):
    packing.MOST_POINTS = 2
    sample(folder, FakeService(store, faults))


def in_another_process(folder, store, faults):
    """Runs one life in a process of its own; returns its exit code."""
    context = multiprocessing.get_context("fork")
    process = context.Process(target=live_and_die, args=(folder, store, faults))
    process.start()
    process.join(60)
    return process.exitcode


@pytest.mark.parametrize("stage", ["before", "after", "results"])
@pytest.mark.parametrize("number", [0, 2, PARTS - 1])
def test_a_killed_process_loses_nothing_and_pays_once(tmp_path, folder, cloud, stage, number):
    faults = {(stage, number): "SIGKILL"}
    assert in_another_process(folder, tmp_path / "cloud", faults) == -signal.SIGKILL
    found = states(folder)
    if stage == "results":
        assert found == Counter(done=number, sent=PARTS - number)
    else:
        # The job's id was on disk before it was sent.
        assert found == Counter(sent=number, planned=1)
        known = set(cloud().sent())
        (planned,) = (job for job in read_jobs(folder) if job.state == "planned")
        assert (planned.job_id in known) == (stage == "after")
    assert_same(sample(folder, cloud()), undisturbed(tmp_path))
    assert len(cloud().sent()) == len(set(cloud().sent())) == PARTS
    assert all(job.endswith("-1") for job in cloud().sent())


def test_a_process_that_dies_again_and_again_still_ends(tmp_path, folder, cloud):
    lives = 0
    while in_another_process(folder, tmp_path / "cloud", {("results", 1): "SIGKILL"}):
        lives += 1
        assert lives < 3 * PARTS
    assert lives >= PARTS - 2
    assert_same(sample(folder, cloud()), undisturbed(tmp_path))
    assert len(cloud().sent()) == PARTS


def test_a_file_that_was_half_written_is_no_job(folder, cloud):
    sample(folder, cloud())
    (name, *_) = names_in_order(folder)
    (folder / f"{name}.json.part").write_text('{"name": "')
    (folder / f"{name}.npz.part").write_bytes(b"PK")
    assert len(read_jobs(folder)) == PARTS
    assert_consistent(sample(folder, cloud()))


def test_a_job_is_done_only_when_its_outcomes_are_on_disk(tmp_path, folder, cloud, monkeypatch):
    def full(folder, job, outcomes):
        raise OSError(28, "No space left on device", str(folder))

    with monkeypatch.context() as patch:
        patch.setattr(job_folder, "write_outcomes", full)
        with pytest.raises((OSError, JobError), match="No space left"):
            sample(folder, cloud())
    assert "done" not in states(folder)
    assert_same(sample(folder, cloud()), undisturbed(tmp_path))
    assert len(cloud().sent()) == PARTS


# One folder, one process, one processor.


def test_the_folder_of_another_processor_is_refused_with_both_names(folder, cloud):
    sample(folder, cloud())
    before = (folder / "run.json").read_bytes()
    with pytest.raises(ValueError, match=r"processor chip.* not to processor other.*--out"):
        JobFolder(folder, cloud(processor="other"))
    assert (folder / "run.json").read_bytes() == before


def test_a_refused_folder_is_not_locked(folder, cloud):
    sample(folder, cloud())
    with pytest.raises(ValueError, match="belongs to") as caught:
        JobFolder(folder, cloud(processor="other"))
    sample(folder, cloud())
    del caught


def hold(folder, store, ready, leave):
    opened = JobFolder(folder, FakeService(store))
    ready.set()
    leave.wait(60)
    opened.close()


def test_a_second_process_is_refused_while_the_first_uses_the_folder(tmp_path, folder, cloud):
    context = multiprocessing.get_context("fork")
    ready, leave = context.Event(), context.Event()
    process = context.Process(target=hold, args=(folder, tmp_path / "cloud", ready, leave))
    process.start()
    assert ready.wait(60)
    try:
        with pytest.raises(ValueError, match=f"another process is running jobs in {folder}"):
            JobFolder(folder, cloud())
    finally:
        leave.set()
        process.join(60)
    assert_consistent(sample(folder, cloud()))


def test_a_killed_process_leaves_no_lock(tmp_path, folder, cloud):
    context = multiprocessing.get_context("fork")
    ready, leave = context.Event(), context.Event()
    process = context.Process(target=hold, args=(folder, tmp_path / "cloud", ready, leave))
    process.start()
    assert ready.wait(60)
    process.kill()
    process.join(60)
    assert_consistent(sample(folder, cloud()))


def test_threads_share_a_folder_and_send_every_job_once(tmp_path, folder, cloud):
    service = cloud()
    opened = JobFolder(folder, service)
    found = {}

    def ask(seed):
        found[seed] = bits_of(JobSampler(opened, seed).sample_table(request_of(seed)))

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    opened.close()
    expected = sum(len(list(portions_of([request_of(seed)]))) for seed in range(6))
    assert len(service.sent()) == len(set(service.sent())) == expected
    for seed in range(6):
        alone = sample(
            tmp_path / f"alone {seed}",
            FakeService(tmp_path / f"cloud {seed}"),
            request_of(seed),
            seed,
        )
        assert_same(found[seed], alone)


def test_two_runs_of_one_seed_do_not_take_each_others_jobs(tmp_path, cloud, monkeypatch):
    """A second run of the same experiment in the same project, on this or another processor."""
    monkeypatch.undo()
    monkeypatch.setattr(packing, "MOST_POINTS", 2)
    first = sample(tmp_path / "monday", cloud())
    for _ in range(3):
        try:
            second = sample(tmp_path / "tuesday", cloud(processor="other"))
            break
        except JobError:
            continue
    ids = [{job.job_id for job in read_jobs(tmp_path / day)} for day in ("monday", "tuesday")]
    assert not ids[0] & ids[1]
    assert set(cloud().sent()) == ids[0] | ids[1]
    assert_consistent(first)
    assert_consistent(second)


# Damaged files.


def damages(content):
    yield "empty", b""
    yield "cut", content[: len(content) // 2]
    yield "cut at its end", content[:-1]
    yield "text", b"nothing of the kind"
    for place in range(0, len(content), 5):
        yield (
            f"byte {place}",
            content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :],
        )


def test_a_damaged_result_is_named_whatever_the_damage(folder, cloud):
    whole = sample(folder, cloud())
    path = next(folder.glob("*.npz"))
    content = path.read_bytes()
    noticed, unclear = 0, []
    for kind, damaged in damages(content):
        path.write_bytes(damaged)
        try:
            found = sample(folder, cloud())
        except JobError as error:
            noticed += 1
            if str(path) not in str(error) or "\n" in str(error):
                unclear.append(f"{kind}: {error}")
        except Exception as error:
            unclear.append(f"{kind}: {error!r}")
        else:
            # Bytes that nobody reads, such as a file's date.
            assert_same(found, whole)
    assert noticed > 10
    assert not unclear


def test_a_result_of_another_shape_is_named(folder, cloud):
    sample(folder, cloud())
    path = next(folder.glob("*.npz"))
    with np.load(path) as data:
        kept = {key: data[key][:, :-1] for key in data.files}
    np.savez_compressed(path, **kept)
    with pytest.raises(JobError, match=f"{path} is damaged .* job qa-"):
        sample(folder, cloud())


def test_a_missing_result_is_named(folder, cloud):
    sample(folder, cloud())
    path = next(folder.glob("*.npz"))
    path.unlink()
    with pytest.raises(JobError, match=f"{path} is damaged"):
        sample(folder, cloud())


def test_the_advice_for_a_damaged_result_works_at_once_and_costs_nothing(tmp_path, folder, cloud):
    """'remove it and NAME.json, and the job is fetched or sent again'."""
    sample(folder, cloud())
    path = next(folder.glob("*.npz"))
    path.unlink()
    path.with_suffix(".json").unlink()
    assert_same(sample(folder, cloud()), undisturbed(tmp_path))
    assert len(cloud().sent()) == PARTS


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"name": "x"}', "\x00\x01", "3"])
def test_a_damaged_description_is_named(folder, cloud, content):
    sample(folder, cloud())
    path = next(p for p in sorted(folder.glob("*.json")) if p.name != "run.json")
    path.write_text(content)
    with pytest.raises(ValueError, match=f"{path} is not a job of this program"):
        sample(folder, cloud())


@pytest.mark.parametrize("content", ["", "{", "[]", "null"])
def test_a_damaged_description_of_the_run_is_named(folder, cloud, content):
    sample(folder, cloud())
    (folder / "run.json").write_text(content)
    with pytest.raises(ValueError, match=r"run\.json"):
        sample(folder, cloud())


# Answers that cannot be read: each is kept, told in one line, and paid for once.


def broken_proto(change):
    """Changes an answer's inner message."""

    def spoil(answer):
        proto = v2.result_pb2.Result.FromString(answer.result.value)
        change(proto)
        return quantum.QuantumResult(result=util.pack_any(proto))

    return spoil


def each_point(proto):
    return [point for sweep in proto.sweep_results for point in sweep.parameterized_results]


def renames(proto):
    for point in each_point(proto):
        point.measurement_results[0].key = "other"


def lacks_a_key(proto):
    for point in each_point(proto):
        del point.measurement_results[0]


def lacks_a_qubit(proto):
    del each_point(proto)[0].measurement_results[0].qubit_measurement_results[:]


def lacks_a_point(proto):
    del proto.sweep_results[0].parameterized_results[-1]


def has_a_point_twice(proto):
    proto.sweep_results[0].parameterized_results.append(each_point(proto)[0])


def tells_other_repetitions(proto):
    proto.sweep_results[0].repetitions += 1


def tells_endless_repetitions(proto):
    proto.sweep_results[0].repetitions = 2**31 - 1


def lacks_bits(proto):
    each_point(proto)[0].measurement_results[0].qubit_measurement_results[0].results = b""


def measures_another_qubit(proto):
    each_point(proto)[0].measurement_results[0].qubit_measurement_results[0].qubit.id = "7_7"


def measures_no_qubit(proto):
    each_point(proto)[0].measurement_results[0].qubit_measurement_results[0].qubit.id = "poem"


BROKEN = {
    "empty": lambda answer: b"",
    "no protocol buffer": lambda answer: b"\xff\xfe nothing of the kind",
    "another type": lambda answer: quantum.QuantumResult(
        result=util.pack_any(v2.program_pb2.Program())
    ),
    "cut inside": lambda answer: quantum.QuantumResult(
        result={"type_url": answer.result.type_url, "value": answer.result.value[:-3]}
    ),
    "no sweep": lambda answer: quantum.QuantumResult(
        result=util.pack_any(v2.result_pb2.Result())
    ),
    **{
        change.__name__: broken_proto(change)
        for change in (
            renames, lacks_a_key, lacks_a_qubit, lacks_a_point, has_a_point_twice,
            tells_other_repetitions, tells_endless_repetitions, lacks_bits,
            measures_another_qubit, measures_no_qubit,
        )
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", BROKEN)
def test_an_answer_that_cannot_be_read_is_kept_and_paid_for_once(tmp_path, folder, cloud, kind):
    service = cloud({("answer", 1): BROKEN[kind]})
    with pytest.raises(JobError, match=r"job qa-.* ran, and its result in .* cannot be") as caught:
        sample(folder, service)
    assert "\n" not in str(caught.value)
    assert states(folder) == Counter(done=PARTS - 1, broken=1)
    (raw,) = folder.glob("*.raw")
    (job,) = (job for job in read_jobs(folder) if job.state == "broken")
    assert raw.name == f"{job.name}.1.raw"
    assert job.job_id in str(caught.value)
    # A restart neither sends it again nor asks the service, and ends with the same line.
    for _ in range(2):
        service = cloud({("find", 0): RefusedError("offline"), ("before", 0): RefusedError("no")})
        with pytest.raises(JobError, match=job.job_id):
            sample(folder, service)
        assert not service.calls
    assert len(cloud().sent()) == PARTS
    # The advice works: it is fetched again by its id, and the service's good answer is taken.
    raw.unlink()
    (folder / f"{job.name}.json").unlink()
    assert_same(sample(folder, cloud()), undisturbed(tmp_path))
    assert len(cloud().sent()) == PARTS


def test_an_answer_that_can_be_read_later_is_taken_from_the_disk(tmp_path, folder, cloud):
    """As by a later version of this program, or of the decoder."""
    service = cloud()
    service.decode = lambda raw, portion: (_ for _ in ()).throw(ValueError("not yet"))
    with pytest.raises(JobError, match="cannot be read: not yet"):
        sample(folder, service)
    assert states(folder) == Counter(broken=PARTS)
    service = cloud()
    assert_same(sample(folder, service), undisturbed(tmp_path))
    assert not service.calls
    assert states(folder) == {"done": PARTS}
    assert not list(folder.glob("*.raw"))


@pytest.mark.parametrize("error", [AttributeError("None has no isoformat"), ZeroDivisionError()])
def test_trouble_with_the_times_loses_no_result(tmp_path, folder, cloud, error):
    with pytest.raises(type(error)):
        sample(folder, cloud({("times", 1): error}))
    assert len(list(folder.glob("*.raw"))) == 1
    service = cloud()
    assert_same(sample(folder, service), undisturbed(tmp_path))
    assert not service.calls["answer"] or service.calls["answer"] < PARTS
    assert len(cloud().sent()) == PARTS


def test_a_service_that_does_not_tell_the_times_is_taken_at_its_result(tmp_path, folder, cloud):
    found = sample(folder, cloud({("times", 1): RefusedError("gone")}))
    assert_same(found, undisturbed(tmp_path))
    assert sorted(job.finished for job in read_jobs(folder))[:2] == ["", FINISHED]
    assert all(job.created for job in read_jobs(folder))


class DyingFolder(JobFolder):
    """Dies when an answer is on disk, before anything is done with it."""

    def _read(self, job, portion):
        os.kill(os.getpid(), signal.SIGKILL)


def die_after_keeping(folder, store):
    packing.MOST_POINTS = 2
    opened = DyingFolder(folder, FakeService(store))
    JobSampler(opened, 1).sample_table(request_of())


def test_a_process_that_dies_between_fetching_and_reading_asks_for_nothing_again(
    tmp_path, folder, cloud
):
    context = multiprocessing.get_context("fork")
    process = context.Process(target=die_after_keeping, args=(folder, tmp_path / "cloud"))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    assert len(list(folder.glob("*.raw"))) == 1
    assert states(folder) == {"sent": PARTS}
    service = cloud()
    assert_same(sample(folder, service), undisturbed(tmp_path))
    assert service.calls["results"] == PARTS - 1
    assert len(service.sent()) == PARTS


@pytest.mark.parametrize("octets", [0, 100, 2000, 5000])
def test_a_full_disk_at_any_moment_costs_no_second_job(
    tmp_path, folder, cloud, monkeypatch, octets
):
    left = [octets]
    real = os.write

    def write(handle, content):
        if not left[0]:
            raise OSError(28, "No space left on device")
        taken = min(left[0], len(content))
        left[0] -= taken
        return real(handle, bytes(content[:taken]))

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", write)
        with pytest.raises((OSError, JobError), match="No space left"):
            sample(folder, cloud())
    assert not list(folder.glob("*.part")) if folder.exists() else True
    assert_same(sample(folder, cloud()), undisturbed(tmp_path))
    assert len(cloud().sent()) == PARTS


# The cap on device time.


def test_the_cap_stops_before_the_job_that_would_exceed_it(folder, cloud):
    meter = CostSampler()
    meter.sample_table(request_of())
    minutes = meter.cost.seconds / 60
    service = cloud()
    with pytest.raises(JobError, match="beyond --max-minutes") as caught:
        sample(folder, service, max_minutes=0.6 * minutes)
    done = states(folder)["done"]
    assert f"finished jobs are kept in {folder}" in str(caught.value)
    assert 0 < done == len(service.sent()) < PARTS
    assert sum(job.seconds for job in read_jobs(folder)) <= 60 * 0.6 * minutes
    with pytest.raises(JobError, match="beyond --max-minutes"):
        sample(folder, service, max_minutes=0.6 * minutes)
    assert len(service.sent()) == done
    sample(folder, service, max_minutes=1.001 * minutes)
    assert len(service.sent()) == PARTS
    # What is there costs nothing any more.
    sample(folder, service, max_minutes=0.001)


def test_no_job_is_sent_where_the_cap_allows_none(folder, cloud):
    service = cloud()
    with pytest.raises(JobError, match="0 finished jobs"):
        sample(folder, service, max_minutes=1e-6)
    assert not service.sent()


def edited_job(folder, sealed, **changes):
    """Changes values of the first job's description, with a check that fits, or none at all."""
    path = next(p for p in sorted(folder.glob("*.json")) if p.name != "run.json")
    shown = json.loads(path.read_text())
    del shown["check"]
    shown |= changes
    if sealed:
        shown["check"] = check_of(shown)
    path.write_text(json.dumps(shown))
    return path


@pytest.mark.parametrize(
    "seconds", [math.nan, math.inf, -math.inf, -1.0, 1e300, "3", None, True, [1], 10**400]
)
def test_no_number_in_a_description_lifts_the_cap(folder, cloud, seconds):
    service = cloud()
    minutes = 1e-6
    sample(folder, cloud())
    sent = len(service.sent())
    path = edited_job(folder, False, seconds=seconds)
    with pytest.raises(ValueError, match=f"{path} is not a job of this program"):
        sample(folder, service, seed=2, max_minutes=minutes)
    assert len(service.sent()) == sent


@pytest.mark.parametrize("minutes", [math.nan, math.inf, 0, -1])
def test_a_cap_is_a_number_of_minutes(folder, cloud, minutes):
    with pytest.raises(ValueError, match="max_minutes must be a number of minutes above 0"):
        JobFolder(folder, cloud(), minutes)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "../../../../tmp/x"}, {"name": "0" * 20}, {"key": "x"}, {"key": "00000000"},
        {"attempt": 0}, {"attempt": True}, {"attempt": 1.0}, {"circuit": "a/b"}, {"points": 0},
        {"points": 10**12}, {"points": 3}, {"repetitions": -1}, {"repetitions": 7},
        {"state": "finished"}, {"state": None}, {"reason": "a\nb"}, {"reason": "a" * 5000},
        {"created": 5}, {"digest": "x"}, {"job_id": "qa-1"}, {"program_id": None},
    ],
    ids=str,
)  # fmt: skip
def test_values_that_cannot_be_are_refused_in_one_line(folder, cloud, changes):
    sample(folder, cloud())
    service = cloud()
    path = edited_job(folder, True, **changes)
    with pytest.raises(ValueError, match=str(path.stem)) as caught:
        sample(folder, service)
    assert "\n" not in str(caught.value)
    assert not service.calls


@pytest.mark.parametrize("changes", [{"seconds": 0.001}, {"state": "failed"}, {"attempt": 2}])
def test_an_edited_description_is_noticed(folder, cloud, changes):
    sample(folder, cloud())
    path = next(p for p in sorted(folder.glob("*.json")) if p.name != "run.json")
    shown = json.loads(path.read_text()) | changes
    path.write_text(json.dumps(shown))
    with pytest.raises(ValueError, match=f"{path} does not match its check"):
        sample(folder, cloud())


def test_changed_outcomes_are_noticed(folder, cloud):
    sample(folder, cloud())
    path = next(folder.glob("*.npz"))
    with np.load(path) as data:
        kept = {key: data[key] for key in data.files}
    kept["0 a"] ^= 1
    np.savez_compressed(path, **kept)
    with pytest.raises(JobError, match=f"{path} is damaged .it does not match the digest"):
        sample(folder, cloud())


def test_outcomes_that_unpack_to_more_than_was_asked_for_are_refused(folder, cloud):
    sample(folder, cloud())
    path = edited_job(folder, True, digest="").with_suffix(".npz")
    tables = {"0 a": np.zeros((2, 10_000_000), np.uint8), "0 b": np.zeros(1, np.uint8)}
    np.savez_compressed(path, **tables)
    tracemalloc.start()
    with pytest.raises(JobError, match=r"a.npy must have at most \d+ bytes"):
        sample(folder, cloud())
    assert tracemalloc.get_traced_memory()[1] < 5 * 2**20
    tracemalloc.stop()


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "x"}, {"key": None}, {"service": []}, {"service": {"processor": 1}},
        {"pinned": []}, {"pinned": {"pairs 2": 5}}, {"pinned": {"damping 2": [[1, 1, 1]]}},
        {"pinned": {"damping 2": [[1, 1, 1, 5.0]]}}, {"pinned": {"damping 2": "1"}},
        {"calibrated": 3},
    ],
    ids=str,
)  # fmt: skip
def test_a_description_of_the_run_that_cannot_be_is_refused(folder, cloud, changes):
    sample(folder, cloud())
    path = folder / "run.json"
    shown = json.loads(path.read_text()) | changes
    del shown["check"]
    path.write_text(json.dumps(shown))
    with pytest.raises(ValueError, match=r"run\.json is damaged"):
        sample(folder, cloud())


def test_descriptions_without_checks_and_digests_are_read(tmp_path, folder, cloud):
    """As earlier versions wrote them."""
    first = sample(folder, cloud())
    for path in folder.glob("*.json"):
        shown = json.loads(path.read_text())
        del shown["check"]
        shown.pop("digest", None)
        path.write_text(json.dumps(shown, indent=1))
    service = cloud()
    assert_same(sample(folder, service), first)
    assert not service.calls


@pytest.mark.parametrize("cut", [None, "5 minutes by cirq-google 1.6.1"])
def test_jobs_that_were_cut_by_another_rule_are_not_paid_for_again(folder, cloud, cut):
    sample(folder, cloud())
    path = folder / "run.json"
    run = json.loads(path.read_text())
    del run["check"], run["cut"]
    path.write_text(json.dumps(run if cut is None else run | {"cut": cut}))
    service = cloud()
    with pytest.raises(ValueError, match=cut or "an earlier rule") as caught:
        sample(folder, service)
    assert "\n" not in str(caught.value)
    assert packing.RULE in str(caught.value)
    assert not service.calls


def test_a_run_without_jobs_takes_the_rule_of_today(folder, cloud):
    with pytest.raises(JobError):
        sample(folder, cloud({("before", 0): RefusedError("no")}), max_minutes=1e-6)
    path = folder / "run.json"
    run = json.loads(path.read_text())
    del run["check"], run["cut"]
    path.write_text(json.dumps(run))
    assert_consistent(sample(folder, cloud()))


def test_nothing_is_sent_to_a_processor_out_of_service_and_what_ran_is_fetched(folder, cloud):
    with pytest.raises(JobError):
        sample(folder, cloud({("results", 1): RefusedError("lost")}))
    done = states(folder)["done"]
    assert 0 < done < PARTS
    service = cloud()
    service.trouble = "the service calls chip DOWN"
    # All jobs were sent before; they are fetched from a processor that takes no more.
    assert_consistent(sample(folder, service))
    with pytest.raises(JobError, match="was not sent: the service calls chip DOWN") as caught:
        sample(folder, service, request_of(seed=7))
    assert "\n" not in str(caught.value)
    assert len(service.sent()) == PARTS


def test_a_lock_that_is_a_link_is_not_followed(tmp_path, folder, cloud):
    folder.mkdir()
    precious = tmp_path / "precious"
    precious.write_text("mine")
    (folder / "lock").symlink_to(precious)
    with pytest.raises(OSError, match="lock"):
        JobFolder(folder, cloud())
    assert precious.read_text() == "mine"


# The calibration.


def test_a_calibration_that_changes_is_noted_and_warned_of_once(folder, cloud):
    later = "2026-03-01T12:00:00+00:00"
    service = cloud(calibrations=[MOMENT, MOMENT, MOMENT, later])
    with pytest.warns(UserWarning, match=f"from {MOMENT.split('+')[0]}.* to {later[:13]}") as seen:
        sample(folder, service)
    assert len(seen) == 1
    assert Counter(job.calibrated for job in read_jobs(folder)) == {MOMENT: 2, later: PARTS - 2}
    assert json.loads((folder / "run.json").read_text())["calibrated"] == MOMENT


def test_a_calibration_that_stays_is_not_warned_of(folder, cloud):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sample(folder, cloud())


def test_what_was_chosen_when_the_run_began_is_kept(folder, cloud):
    opened = JobFolder(folder, cloud())
    assert opened.pinned("pairs 2", lambda: "3.3-3.2") == "3.3-3.2"
    assert opened.pinned("pairs 1", lambda: None) is None
    opened.close()
    opened = JobFolder(folder, cloud())
    assert opened.pinned("pairs 2", lambda: pytest.fail("chosen again")) == "3.3-3.2"
    assert opened.pinned("pairs 1", lambda: pytest.fail("chosen again")) is None
    opened.close()


# What it costs, and what it is called.


@pytest.mark.parametrize("shots", [60, 400])
def test_the_cost_is_that_of_the_jobs_that_would_be_sent(folder, cloud, shots):
    meter, service = CostSampler(), cloud()
    requests = [request_of(shots=shots), request_of(seed=1, shots=shots)]
    for request in requests:
        packed = meter.sample_table(request)
        assert {key: words.shape for key, words in packed.items()} == {
            "a": (shots, 1),
            "b": (shots, 1),
        }
        assert not any(words.any() for words in packed.values())
    for number, request in enumerate(requests):
        sample(folder, service, request, seed=number)
    sent = [service.load(job_id) for job_id in service.sent()]
    cost = meter.cost
    assert cost.jobs == len(sent)
    assert cost.points == sum(len(sweep) for _, sweeps, _ in sent for sweep in sweeps)
    repeated = (pair for _, sweeps, reps in sent for pair in zip(sweeps, reps, strict=True))
    assert cost.repetitions == sum(len(sweep) * reps for sweep, reps in repeated) == 2 * shots
    assert cost.seconds == pytest.approx(sum(estimated(*job) for job in sent))
    assert cost.seconds == pytest.approx(sum(job.seconds for job in read_jobs(folder)))
    assert cost.request_bytes > 0


def test_the_largest_request_is_told():
    # Four rows, once or twice each: two jobs, of other sizes in bytes.
    kinds = np.array([0, 1, 2, 3, 1, 3])
    table = tuple(column.astype(np.uint8) for column in divmod(kinds, 2))
    request = Request(CIRCUIT, DIALS, table, kinds.size)
    meter = CostSampler()
    meter.sample_table(request)
    sizes = [
        v2.run_context_to_proto(portion.sweeps(), portion.each()).ByteSize()
        for portion in portions_of([request])
    ]
    assert len(sizes) == 2
    assert meter.cost.request_bytes == max(sizes)


@pytest.mark.parametrize("most", [1, 7])
def test_jobs_of_one_shape_have_one_size_whatever_their_values(most, monkeypatch):
    monkeypatch.setattr(packing, "MOST_POINTS", most)
    rng = np.random.default_rng(3)
    values = [0.0, 1.0, -1.0, 1e-30, *rng.uniform(-2, 2, 36).tolist()]
    dial = Dial("turn", ("x", "z"), tuple(zip(values, values[::-1], strict=True)))
    circuit = cirq.Circuit(
        cirq.X(A) ** sympy.Symbol("x"), cirq.Z(A) ** sympy.Symbol("z"), cirq.measure(A, key="a")
    )
    request = Request(circuit, (dial,), (np.arange(40, dtype=np.uint8),), 40)
    context_of, meter, written = v2.run_context_to_proto, CostSampler(), []
    monkeypatch.setattr(
        jobs.v2, "run_context_to_proto", lambda *job: written.append(job) or context_of(*job)
    )
    meter.sample_table(request)
    portions = list(portions_of([request]))
    sizes = [context_of(portion.sweeps(), portion.each()).ByteSize() for portion in portions]
    assert [len(set(sizes[:-1])), len(portions)] == [1, -(-40 // most)]
    assert meter.cost.request_bytes == max(sizes)
    assert len(written) == len({portion.points for portion in portions}) < len(portions)


def test_circuits_have_equal_hashes_if_and_only_if_they_are_equal():
    rng = np.random.default_rng(0)
    circuits = [cirq.testing.random_circuit(4, 6, 0.6, random_state=k) for k in range(20)]
    circuits += [CIRCUIT, CIRCUIT[:-1], cirq.Circuit(CIRCUIT, cirq.Moment(cirq.X(A)))]
    assert len({circuit_hash(circuit) for circuit in circuits}) == len(circuits)
    for circuit in circuits:
        shuffled = cirq.Circuit(
            cirq.Moment(ops[i] for i in rng.permutation(len(ops)))
            for ops in (list(moment) for moment in circuit)
        )
        assert circuit_hash(shuffled) == circuit_hash(circuit)


NAMES = """
import numpy as np
from quantum_advantage.backends.devices import job_folder
from quantum_advantage.backends.devices import jobs
from quantum_advantage.backends.devices.answers import decode_results, encode_results
from quantum_advantage.backends.devices.virtual import cost_on, virtual_device
from quantum_advantage.preflight.pairs import measure_pairs

sampler, meter = cost_on(virtual_device("rainbow"))
asked = []
inner = meter.sample_tables
def spy(requests):
    for number, portion in enumerate(jobs.portions_of(requests)):
        asked.append(jobs._name(portion, jobs._hash_of_circuits(portion), 5, number))
    return inner(requests)
meter.sample_tables = spy
for pairs in (1, 2, 3):
    measure_pairs(sampler, pairs, 240)
print(*asked)
"""


@pytest.mark.slow
def test_jobs_have_the_same_names_in_every_process():
    found = []
    for hash_seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", NAMES],
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        found.append(done.stdout.split())
    assert found[0] == found[1]
    assert len(set(found[0])) == len(found[0]) >= 3
