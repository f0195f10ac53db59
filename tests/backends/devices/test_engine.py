import functools
import gzip
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from types import SimpleNamespace
from typing import ClassVar
from unittest import mock

import cirq
import cirq_google
import numpy as np
import pytest
import sympy
from calibration_examples import TODAY
from cirq_google.api import v2
from cirq_google.cloud import quantum
from cirq_google.engine import (
    SimulatedLocalEngine,
    SimulatedLocalProcessor,
    engine_validator,
    util,
)
from cirq_google.engine.engine import EngineContext
from cirq_google.engine.engine_client import EngineClient, EngineException
from cirq_google.engine.engine_job import EngineJob
from cirq_google.engine.local_simulation_type import LocalSimulationType
from google.auth.exceptions import DefaultCredentialsError, RefreshError

from quantum_advantage.backends.devices import engine as google
from quantum_advantage.backends.devices import engine_service, job_folder, packing, virtual
from quantum_advantage.backends.devices.chain_placement import chain_circuit, chain_for, line_slots
from quantum_advantage.backends.devices.engine import connect, open_engine
from quantum_advantage.backends.devices.jobs import JobError, JobFolder, read_jobs
from quantum_advantage.backends.devices.placement import best_chain
from quantum_advantage.backends.devices.virtual import virtual_device
from quantum_advantage.backends.opening import open_backend
from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.circuits.request import Dial, Request
from quantum_advantage.circuits.run import run
from quantum_advantage.core.bits import unpack_bits
from quantum_advantage.preflight.pairs import measure_pairs
from quantum_advantage.systems.evolutions import draw_evolutions
from quantum_advantage.tasks.shared.calibration import damping_request, read_damping
from quantum_advantage.tasks.shared.evolution_requests import (
    bell_uses_on_chain,
    bell_uses_on_grid,
)

PROJECT, PROCESSOR = "secret-project", "rainbow"
NAME = f"engine:{PROJECT}/{PROCESSOR}"
# The key of a run, fixed so that two lives of it can be compared.
KEY = "0a1b2c3d"
SPECIFICATION = cirq_google.engine.virtual_engine_factory.create_device_spec_from_processor_id(
    PROCESSOR
)
MEDIAN = cirq_google.engine.load_median_device_calibration(PROCESSOR)
CALIBRATION = MEDIAN.to_proto()
CALIBRATION.timestamp_ms = MEDIAN.timestamp
TYPE = quantum.ExecutionStatus.State
# From cirq-google 1.8 a job tells the configuration that it ran under.
TELLS_CONFIGURATION = hasattr(EngineJob, "get_config")
START = datetime(2026, 3, 1, 10, 0, 0, tzinfo=UTC)


UNCONNECTED = EngineClient()
METHODS = (
    "get_processor",
    "get_quantum_processor_config_async",
    "create_program_async",
    "create_job_async",
    "get_job_async",
    "get_job_results_async",
    "get_job",
    "list_reservations",
    "run_job_over_stream",
)
# cirq-google 1.8 has it no longer: a calibration belongs to a configuration.
METHODS += ("get_current_calibration",) * hasattr(UNCONNECTED, "get_current_calibration")


@functools.cache
def simulated(circuits, sweeps, repetitions, job_id):
    """The outcomes belong to the job, whoever fetches them and whenever."""
    simulator = cirq.Simulator(seed=int.from_bytes(job_id.encode(), "big") % 2**31)
    answer = v2.result_pb2.Result()
    for asked in zip(circuits, sweeps, repetitions, strict=True):
        found = simulator.run_sweep(*asked)
        v2.results_to_proto([found], v2.find_measurements(asked[0]), out=answer)
    return quantum.QuantumResult(result=util.pack_any(answer))


class Cloud:
    """Google's service behind an ``EngineClient``: keeps programs and jobs, and runs them.

    ``faults`` maps (name of the client's method, number of its call) to an error, to raise before
    the call has an effect; with 'after' in front of the name it is raised when the call is done.
    ``failures`` maps a number of a created job to its error message.
    """

    def __init__(self, faults=None, failures=None):
        self.faults, self.failures = faults or {}, failures or {}
        self.programs, self.jobs, self.created = {}, {}, []
        self.calls = Counter()
        self.calibration = CALIBRATION
        self.state = TYPE.SUCCESS
        self.reservations = []
        # What get_processor says besides.
        self.facts = {}
        self.client = SimpleNamespace(
            **{name: mock.create_autospec(getattr(UNCONNECTED, name)) for name in METHODS}
        )
        for name in METHODS[:6]:
            getattr(self.client, name).side_effect = self._answer(name, getattr(self, name))
        if "get_current_calibration" in METHODS:
            calibration = quantum.QuantumCalibration(data=util.pack_any(self.calibration))
            self.client.get_current_calibration.side_effect = lambda *_: calibration
        self.client.list_reservations.side_effect = lambda *_: self.reservations
        self.client.get_job.side_effect = self.client.get_job_async.side_effect

    def _answer(self, name, method):
        def answer(*args, **kwargs):
            number, self.calls[name] = self.calls[name], self.calls[name] + 1
            for stage in (name, f"after {name}"):
                if stage.startswith("after"):
                    answered = method(*args, **kwargs)
                if error := self.faults.get((stage, number)):
                    raise error
            return answered

        return answer

    def engine(self, timeout=None):
        context = EngineContext(
            client=self.client, enable_streaming=False, compress_run_context=True, timeout=timeout
        )
        return cirq_google.Engine(project_id=PROJECT, context=context)

    def get_processor(self, project_id, processor_id):
        return quantum.QuantumProcessor(
            name=f"projects/{project_id}/processors/{processor_id}",
            device_spec=util.pack_any(SPECIFICATION),
            default_device_config_key=quantum.DeviceConfigKey(
                run="todays_run", config_alias="todays_config"
            ),
            **self.facts,
        )

    def get_quantum_processor_config_async(
        self, project_id, processor_id, config_name, device_config_revision
    ):
        if config_name not in ("todays_config", "mine"):
            return None  # as the client does where there is none
        return quantum.QuantumProcessorConfig(
            name=f"projects/{project_id}/processors/{processor_id}/configAutomationRuns/x/configs/"
            f"{config_name}",
            device_specification=util.pack_any(SPECIFICATION),
            characterization=util.pack_any(self.calibration),
        )

    def create_program_async(self, project_id, program_id, code, description=None, labels=None):
        name = f"projects/{project_id}/programs/{program_id}"
        if name in self.programs:
            raise EngineException(f"{name} already exists", HTTPStatus.CONFLICT)
        self.programs[name] = code
        return program_id, quantum.QuantumProgram(name=name)

    def create_job_async(self, *, project_id, program_id, job_id, **asked):
        parent = f"projects/{project_id}/programs/{program_id}"
        name = f"{parent}/jobs/{job_id}"
        if name in self.jobs:
            raise EngineException(f"{name} already exists", HTTPStatus.CONFLICT)
        assert parent in self.programs
        self.jobs[name] = asked | {"number": len(self.created)}
        self.created.append(job_id)
        return job_id, self.get_job_async(project_id, program_id, job_id, ready=True)

    def get_job_async(
        self, project_id, program_id, job_id, return_run_context=False, *, ready=False
    ):
        name = f"projects/{project_id}/programs/{program_id}/jobs/{job_id}"
        if name not in self.jobs:
            raise EngineException(f"{name} not found", HTTPStatus.NOT_FOUND)
        number = self.jobs[name]["number"]
        status = quantum.ExecutionStatus(
            state=TYPE.READY if ready else self.state,
            processor_name=f"projects/{project_id}/processors/{PROCESSOR}",
        )
        if TELLS_CONFIGURATION:
            status.device_config_key = quantum.DeviceConfigKey(
                snapshot_id="s7", config_alias="todays_config"
            )
        if not ready and number in self.failures:
            status.state = TYPE.FAILURE
            status.failure = quantum.ExecutionStatus.Failure(
                error_code=quantum.ExecutionStatus.Failure.Code.SYSTEM_ERROR,
                error_message=self.failures[number],
            )
        return quantum.QuantumJob(
            name=name,
            execution_status=status,
            create_time=START + timedelta(minutes=number),
            update_time=START + timedelta(minutes=number, seconds=5),
        )

    def get_job_results_async(self, project_id, program_id, job_id):
        circuits, sweeps, repetitions = self.asked(
            f"projects/{project_id}/programs/{program_id}", job_id
        )
        return simulated(tuple(c.freeze() for c in circuits), sweeps, repetitions, job_id)

    def asked(self, program, job_id):
        """What a job runs: for each sweep its circuit and repetitions, from the bytes sent."""
        code = util.unpack_any(self.programs[program], v2.program_pb2.Program())
        reader = cirq_google.CIRCUIT_SERIALIZER
        if code.keyed_circuits:
            circuits = [circuit for *_, circuit in reader.deserialize_multi_program(code)]
        else:
            circuits = [reader.deserialize(code)]
        context = util.unpack_any(
            self.jobs[f"{program}/jobs/{job_id}"]["run_context"], v2.run_context_pb2.RunContext()
        )
        assert context.compressed_run_context
        context = v2.run_context_pb2.RunContext.FromString(
            gzip.decompress(context.compressed_run_context)
        )
        asked = context.parameter_sweeps
        sweeps = tuple(v2.sweep_from_proto(one.sweep) for one in asked)
        if len(circuits) == 1:
            circuits *= len(sweeps)
        return circuits, sweeps, tuple(one.repetitions for one in asked)

    def all_asked(self):
        return [self.asked(*name.split("/jobs/")) for name in self.jobs]


class Folder(JobFolder):
    """A folder that ``leave`` can let go, as the end of a process does."""

    opened: ClassVar[list[JobFolder]] = []

    def __init__(self, *args):
        super().__init__(*args)
        self.opened.append(self)


def leave():
    """Ends this life of the process as far as its folders know."""
    while Folder.opened:
        Folder.opened.pop().close()


@pytest.fixture(autouse=True)
def _small_jobs(monkeypatch):
    monkeypatch.setattr(packing, "MOST_POINTS", 10)
    monkeypatch.setattr(job_folder, "new_key", lambda: KEY)
    monkeypatch.setattr(google, "JobFolder", Folder)
    yield
    leave()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "run"


def request_of(shots=60, pairs=1):
    return damping_request(pairs, shots, np.random.default_rng(3))


def sample(folder, cloud, request=None, seed=1, name=NAME, **options):
    backend = open_engine(name, folder, engine=cloud.engine(), **options)
    try:
        (record,) = run([request or request_of()], backend.make(seed))
    finally:
        leave()
    return record.bits


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    for key, words in expected.items():
        np.testing.assert_array_equal(found[key], words)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The bits, and the ids of the jobs, of a run that nothing interrupts."""
    same_key = mock.patch.object(job_folder, "new_key", return_value=KEY)
    with mock.patch.object(packing, "MOST_POINTS", 10), same_key:
        cloud = Cloud()
        return sample(tmp_path_factory.mktemp("whole"), cloud), tuple(cloud.created)


def test_the_request_of_this_file_makes_several_jobs(undisturbed):
    assert len(undisturbed[1]) >= 4


def test_nothing_is_sent_to_a_processor_that_is_down(folder):
    cloud = Cloud()
    backend = open_engine(NAME, folder, engine=cloud.engine())
    cloud.facts = {
        "health": quantum.QuantumProcessor.Health.DOWN,
        "expected_recovery_time": START + timedelta(hours=3),
    }
    with pytest.raises(JobError, match="the service calls rainbow DOWN, and is expected") as caught:
        run([request_of()], backend.make(1))
    assert "back at 2026-03-01 13:00 UTC" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not cloud.created


def test_what_is_planned_is_told_when_the_processor_is_opened(folder):
    cloud, now = Cloud(), datetime.now(UTC)
    cloud.facts = {"expected_down_time": now + timedelta(hours=2)}
    cloud.reservations = [
        quantum.QuantumReservation(
            start_time=now + timedelta(hours=5), end_time=now + timedelta(hours=6)
        )
    ]
    with pytest.warns(UserWarning, match="rainbow") as warned:
        open_engine(NAME, folder, engine=cloud.engine())
    down, begin, end = (f"{now + timedelta(hours=h):%Y-%m-%d %H:%M} UTC" for h in (2, 5, 6))
    assert [str(one.message) for one in warned] == [
        f"rainbow goes down at {down}",
        f"rainbow is reserved for this project from {begin} to {end}",
    ]


def test_a_service_that_does_not_tell_its_reservations_is_used_all_the_same(folder):
    cloud = Cloud()
    cloud.client.list_reservations.side_effect = EngineException(
        "not allowed", HTTPStatus.FORBIDDEN
    )
    assert_same(sample(folder, cloud), sample(folder, Cloud()))


def test_a_preflight_is_one_job_of_several_circuits(folder, monkeypatch):
    monkeypatch.setattr(packing, "MOST_POINTS", 10_000)
    cloud = Cloud()
    found = measure_pairs(open_engine(NAME, folder, engine=cloud.engine()).make(1), 2, 1400)
    ((circuits, sweeps, repetitions),) = cloud.all_asked()
    assert len(set(map(cirq.Circuit.freeze, circuits))) == 3
    assert sum(len(s) * each for s, each in zip(sweeps, repetitions, strict=True)) == 3 * 1400
    # Without noise every number is what it should be.
    np.testing.assert_array_equal(found.fidelity[:, 0], 1)
    np.testing.assert_array_equal(found.readout[..., 0], 0)
    np.testing.assert_array_equal(found.damping.right, found.damping.shots)
    assert (found.chsh[:, 1] > 2).all()
    leave()
    again = measure_pairs(open_engine(NAME, folder, engine=cloud.engine()).make(1), 2, 1400)
    np.testing.assert_array_equal(again.chsh, found.chsh)
    assert len(cloud.created) == 1


def test_several_circuits_run_in_one_job_of_the_local_engine(folder, monkeypatch):
    monkeypatch.setattr(packing, "MOST_POINTS", 10_000)
    backend = open_engine(f"engine:{PROCESSOR}", folder, engine=local_engine())
    found = measure_pairs(backend.make(1), 1, 1400)
    assert len(read_jobs(folder)) == 1
    assert 0.8 < found.fidelity[0, 0] < 1


# What is sent.


def test_what_is_sent_is_native_and_within_the_limits_of_the_service(folder):
    cloud = Cloud()
    sample(folder, cloud)
    device = cirq_google.GridDevice.from_proto(SPECIFICATION)
    points = shots = 0
    for circuits, sweeps, repetitions in cloud.all_asked():
        (circuit,) = set(map(cirq.Circuit.freeze, circuits))
        device.validate_circuit(circuit)
        assert cirq.is_parameterized(circuit)
        assert {len(op.qubits) for op in circuit.all_operations()} == {1, 2}
        settings = [resolver for sweep in sweeps for resolver in sweep]
        assert all(not cirq.is_parameterized(cirq.resolve_parameters(circuit, r)) for r in settings)
        engine_validator.validate_for_engine(circuits, sweeps, repetitions)
        assert len(settings) <= 10
        points += len(settings)
        shots += sum(len(sweep) * each for sweep, each in zip(sweeps, repetitions, strict=True))
    assert shots == 60
    assert points == sum(job.points for job in read_jobs(folder))


def test_the_measured_bits_come_back_for_their_rows(folder):
    """On a noiseless processor every prepared sign comes out."""
    request = request_of(120, pairs=2)
    backend = open_engine(NAME, folder, engine=Cloud().engine())
    (record,) = run([request], backend.make(1))
    counts = read_damping(record, 2)
    np.testing.assert_array_equal(counts.right, counts.shots)
    assert counts.shots.sum() == 240
    # Random where nothing is prepared: half of the bits are ones.
    ones = sum(unpack_bits(words, 2).sum() for words in record.bits.values())
    assert abs(ones - 240) < 5 * np.sqrt(480 / 4)


def test_values_are_numbers_of_python(folder, monkeypatch):
    values, repetitions = [], []
    inner = EngineContext._serialize_run_context

    def spy(self, sweeps, shots):
        for sweep in sweeps if isinstance(sweeps, list) else [sweeps]:
            values.extend(value for factor in sweep.sweeps for value in factor.points)
        repetitions.extend(shots if isinstance(shots, list) else [shots])
        return inner(self, sweeps, shots)

    monkeypatch.setattr(EngineContext, "_serialize_run_context", spy)
    sample(folder, Cloud())
    assert {type(value) for value in values} == {float}
    assert {type(shots) for shots in repetitions} == {int}


def test_a_job_names_processor_configuration_and_circuit(folder):
    cloud = Cloud()
    sample(folder, cloud)
    written = {job.job_id: job for job in read_jobs(folder)}
    assert set(written) == set(cloud.created)
    for name, asked in cloud.jobs.items():
        program, _, job_id = name.partition("/jobs/")
        job = written[job_id]
        assert program == f"projects/{PROJECT}/programs/{job.program_id}"
        assert asked["processor_id"] == PROCESSOR
        assert (asked["run_name"], asked["device_config_name"]) == ("todays_run", "todays_config")
        assert not asked["snapshot_id"]
        assert asked["labels"] == {"experiment": "quantum-advantage", "circuit": job.circuit}
        _, sweeps, repetitions = cloud.asked(program, job_id)
        shots = sum(len(sweep) * each for sweep, each in zip(sweeps, repetitions, strict=True))
        assert (job.points, job.repetitions) == (sum(map(len, sweeps)), shots)
        moment = START + timedelta(minutes=asked["number"])
        assert ("config todays_config" in job.ran) == TELLS_CONFIGURATION
        assert job.created == moment.isoformat()
        assert job.finished == (moment + timedelta(seconds=5)).isoformat()


@pytest.mark.parametrize(
    ("options", "run_name", "snapshot"),
    [("config=mine,run=last_week", "last_week", ""), ("config=mine,snapshot=s1", "", "s1")],
)
def test_a_named_configuration_is_asked_for(folder, options, run_name, snapshot):
    cloud = Cloud()
    sample(folder, cloud, name=f"{NAME},{options}")
    for asked in cloud.jobs.values():
        assert asked["device_config_name"] == "mine"
        assert (asked["run_name"], asked["snapshot_id"]) == (run_name, snapshot)
    (call, *_) = cloud.client.get_quantum_processor_config_async.call_args_list
    revision = cirq_google.Snapshot(snapshot) if snapshot else cirq_google.Run(run_name)
    assert call.kwargs["config_name"] == "mine"
    assert call.kwargs["device_config_revision"] == revision
    described = json.loads((folder / "run.json").read_text())["service"]
    assert described == {
        "processor": PROCESSOR,
        "config": "mine",
        "run": run_name,
        "snapshot": snapshot,
    }
    with pytest.raises(ValueError, match=r"run\.json belongs to .*config mine.* not to"):
        sample(folder, cloud)


def test_a_configuration_that_does_not_exist_is_refused_before_anything_is_sent(folder):
    cloud = Cloud()
    with pytest.raises(ValueError, match="gone") as caught:
        open_engine(f"{NAME},config=gone,run=last_week", folder, engine=cloud.engine())
    assert "\n" not in str(caught.value)


def test_jobs_of_one_circuit_share_a_program(folder):
    cloud = Cloud()
    sample(folder, cloud)
    assert len(cloud.programs) == 1 < len(cloud.jobs)


def test_the_device_and_its_calibration_are_those_of_the_configuration(folder):
    backend = open_engine(NAME, folder, engine=Cloud().engine())
    virtual = virtual_device(PROCESSOR)
    np.testing.assert_allclose(
        backend.damping(3), open_backend(f"qvm:{PROCESSOR}").damping(3), rtol=1e-6
    )
    assert json.loads((folder / "run.json").read_text())["calibrated"] == (
        virtual.calibrated.isoformat(timespec="seconds")
    )


def under(names):
    """The calibration of the processor under other names."""
    changed = type(CALIBRATION)()
    changed.timestamp_ms = CALIBRATION.timestamp_ms
    for metric in CALIBRATION.metrics:
        if metric.name in names:
            changed.metrics.add().CopyFrom(metric)
            changed.metrics[-1].name = names[metric.name]
    return changed


GATE = "two_qubit_parallel_sycamore_gate_xeb_pauli_error_per_cycle"


def test_todays_names_place_and_foresee_as_the_old_ones(folder, tmp_path):
    cloud = Cloud()
    cloud.calibration = under(TODAY | {GATE: GATE})
    today = open_engine(NAME, folder, engine=cloud.engine())
    cloud.calibration = under(dict.fromkeys(TODAY) | {name: name for name in (*TODAY, GATE)})
    old = open_engine(NAME, tmp_path / "old", engine=cloud.engine())
    assert today.place(8) == old.place(8)
    np.testing.assert_array_equal(today.damping(8), old.damping(8))
    assert today.device.readout_errors == old.device.readout_errors != {}


def test_unknown_names_leave_a_processor_whose_pairs_must_be_named(folder, tmp_path):
    cloud = Cloud()
    cloud.calibration = under({GATE: "future_error", "single_qubit_p00_error": "future_zero"})
    unread = open_engine(NAME, folder, engine=cloud.engine())
    with pytest.raises(ValueError, match="no gate error under a name that is known here") as error:
        unread.place(1)
    assert "it has future_zero, future_error; name the pairs" in str(error.value)
    assert "cz_inferred_gate_error_pauli" in str(error.value)
    named = open_engine(f"{NAME},pairs=5.3-5.2", tmp_path / "named", engine=cloud.engine())
    assert len(named.place(1)) == 1
    assert named.damping(1) is None


def test_no_file_of_a_run_names_the_project(folder):
    # Every kind of trouble that is written down.
    cloud = Cloud(failures={1: "the fridge warmed up"})
    with pytest.raises(JobError):
        sample(folder, cloud)
    assert_project_is_nowhere(folder)
    sample(folder, cloud)
    assert_project_is_nowhere(folder)


def assert_project_is_nowhere(folder):
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 3
    for path in files:
        assert PROJECT.encode() not in path.read_bytes(), path
        assert PROJECT not in path.name


# Trouble.


def lost(number=2):
    return ConnectionResetError(number, "Connection reset by peer")


TROUBLE = {
    "quota": (
        ("create_job_async", 2),
        EngineException("Quota exceeded", HTTPStatus.TOO_MANY_REQUESTS),
        "the quota is spent.*Quota exceeded",
    ),
    "quota at the program": (
        ("create_program_async", 0),
        EngineException("Quota exceeded", HTTPStatus.TOO_MANY_REQUESTS),
        "the quota is spent",
    ),
    "time-out on sending": (
        ("create_job_async", 1),
        TimeoutError("Reached max retry attempts for error: unavailable"),
        "no answer in time.*max retry",
    ),
    "time-out after sending": (
        ("after create_job_async", 1),
        TimeoutError("Reached max retry attempts for error: unavailable"),
        "no answer in time",
    ),
    "time-out on waiting": (("get_job_async", 1), TimeoutError(), "no answer in time"),
    "lost on sending": (("create_job_async", 3), lost(), "the connection was lost"),
    "lost after sending": (("after create_job_async", 3), lost(), "the connection was lost"),
    "lost on waiting": (("get_job_async", 2), lost(), "the connection was lost"),
    "lost on fetching": (("get_job_results_async", 2), lost(), "the connection was lost"),
    "expired on sending": (
        ("create_job_async", 2),
        RefreshError("Reauthentication is needed."),
        "credentials do not work.*gcloud auth application-default login",
    ),
    "expired on fetching": (
        ("get_job_results_async", 0),
        RefreshError("Reauthentication is needed."),
        "credentials do not work.*gcloud auth application-default login",
    ),
    "unauthorised": (
        ("get_job_async", 0),
        EngineException("Unauthenticated", HTTPStatus.UNAUTHORIZED),
        "credentials have expired.*gcloud auth application-default login",
    ),
    "out of order": (
        ("create_job_async", 0),
        EngineException("Internal", HTTPStatus.INTERNAL_SERVER_ERROR),
        "the service refused .Internal",
    ),
}


@pytest.mark.parametrize(("where", "error", "message"), TROUBLE.values(), ids=TROUBLE)
def test_trouble_costs_no_finished_job_and_no_second_one(
    folder, undisturbed, where, error, message
):
    expected, ids = undisturbed
    cloud = Cloud(faults={where: error})
    with pytest.raises(JobError, match=message) as caught:
        sample(folder, cloud)
    assert "\n" not in str(caught.value)
    assert PROJECT not in str(caught.value)
    before = list(cloud.created)
    stage, number = where
    kept = {"create_job_async": number, "after create_job_async": number, "create_program_async": 0}
    done = kept.get(stage, len(ids) - 1)
    assert sum(job.state == "done" for job in read_jobs(folder)) == done
    cloud.faults = {}
    assert_same(sample(folder, cloud), expected)
    assert tuple(cloud.created) == ids, "a job was paid for twice"
    assert cloud.created[: len(before)] == before
    assert {job.state for job in read_jobs(folder)} == {"done"}
    # A third time, nothing is asked of the service but what it is.
    calls = Counter(cloud.calls)
    assert_same(sample(folder, cloud), expected)
    for name in ("create_program_async", "create_job_async", "get_job_async"):
        assert cloud.calls[name] == calls[name]


def test_a_job_that_is_never_done_times_out_and_is_fetched_later(folder, undisturbed):
    cloud = Cloud()
    cloud.state = TYPE.RUNNING
    backend = open_engine(NAME, folder, engine=cloud.engine(timeout=0.05))
    request = request_of()
    with pytest.raises(JobError, match="no answer in time"):
        run([request], backend.make(1))
    assert {job.state for job in read_jobs(folder)} == {"sent"}
    leave()
    cloud.state = TYPE.SUCCESS
    assert_same(sample(folder, cloud), undisturbed[0])
    assert tuple(cloud.created) == undisturbed[1]


@pytest.mark.parametrize(
    "message",
    [
        "the fridge warmed up",
        pytest.param(
            "Timed out on the control rack",
        ),
    ],
)
def test_a_job_that_failed_is_sent_anew_and_the_others_are_kept(folder, undisturbed, message):
    cloud = Cloud(failures={1: message})
    with pytest.raises(JobError, match=message):
        sample(folder, cloud)
    _, ids = undisturbed
    assert tuple(cloud.created) == ids
    states = {job.job_id: job.state for job in read_jobs(folder)}
    assert states == dict.fromkeys(ids, "done") | {ids[1]: "failed"}
    sample(folder, cloud)
    assert tuple(cloud.created) == (*ids, ids[1].removesuffix("-1") + "-2")
    assert {job.state for job in read_jobs(folder)} == {"done"}


def test_a_cancelled_job_is_sent_anew(folder, undisturbed):
    cloud = Cloud()
    cloud.state = TYPE.CANCELLED
    with pytest.raises(JobError, match="CANCELLED"):
        sample(folder, cloud)
    cloud.state = TYPE.SUCCESS
    sample(folder, cloud)
    ids = undisturbed[1]
    assert tuple(cloud.created) == (*ids, *(job.removesuffix("-1") + "-2" for job in ids))


@pytest.mark.parametrize(
    "error", [RuntimeError("Event loop is closed"), RuntimeError("cannot schedule new futures")]
)
def test_an_error_of_this_machine_is_no_failure_of_the_job(folder, undisturbed, error):
    cloud = Cloud(faults={("get_job_results_async", 1): error})
    with pytest.raises((JobError, RuntimeError)):
        sample(folder, cloud)
    cloud.faults = {}
    sample(folder, cloud)
    assert tuple(cloud.created) == undisturbed[1]


def test_what_is_not_an_answer_to_the_question_is_not_kept(folder, monkeypatch):
    cloud = Cloud()
    whole = cloud.get_job_results_async

    def short(*args):
        answered = whole(*args)
        proto = util.unpack_any(answered.result, v2.result_pb2.Result())
        del proto.sweep_results[0].parameterized_results[-1:]
        return quantum.QuantumResult(result=util.pack_any(proto))

    cloud.client.get_job_results_async.side_effect = short
    with pytest.raises(JobError, match=r"the service returned \d+ results for \d+ points"):
        sample(folder, cloud)
    assert not list(folder.glob("*.npz"))


# Calibrations, and the placement of the first day.


def test_a_calibration_that_changes_midway_is_noted_and_warned_of(folder, monkeypatch):
    monkeypatch.setattr(engine_service, "CALIBRATION_SECONDS", -1)
    cloud = Cloud()
    later = v2.metrics_pb2.MetricsSnapshot()
    later.CopyFrom(CALIBRATION)
    later.timestamp_ms += 3_600_000
    create = cloud.client.create_job_async.side_effect

    def recalibrated(**asked):
        if len(cloud.created) == 1:
            cloud.calibration = later
        return create(**asked)

    cloud.client.create_job_async.side_effect = recalibrated
    with pytest.warns(UserWarning, match="the calibration changed during the run") as seen:
        sample(folder, cloud)
    assert len(seen) == 1
    moments = [
        datetime.fromtimestamp(c.timestamp_ms / 1000, UTC).isoformat(timespec="seconds")
        for c in (CALIBRATION, later)
    ]
    counted = Counter(job.calibrated for job in read_jobs(folder))
    assert counted == {moments[0]: 2, moments[1]: len(cloud.created) - 2}


def worse(proto, pairs):
    """A calibration in which some couplers are hopeless."""
    changed = v2.metrics_pb2.MetricsSnapshot()
    changed.CopyFrom(proto)
    changed.timestamp_ms += 86_400_000
    bad = [{f"{a.row}_{a.col}", f"{b.row}_{b.col}"} for a, b in pairs]
    for metric in changed.metrics:
        if metric.name.startswith("two_qubit") and set(metric.targets) in bad:
            metric.values[0].double_val = 0.5
    return changed


def test_the_placement_of_the_first_day_is_kept_when_the_calibration_changes(
    folder, tmp_path, undisturbed
):
    cloud = Cloud(faults={("create_job_async", 2): lost()})
    with pytest.raises(JobError):
        sample(folder, cloud)
    (pair,) = virtual_device(PROCESSOR).calibrated_pairs().keys() & {
        tuple(sorted(pair))
        for pair in open_engine(NAME, tmp_path / "any", engine=cloud.engine()).place(1)
    }
    cloud.faults, cloud.calibration = {}, worse(CALIBRATION, [pair])
    with pytest.warns(UserWarning, match="calibration changed"):
        assert_same(sample(folder, cloud), undisturbed[0])
    assert tuple(cloud.created) == undisturbed[1]
    used = {q for circuits, _, _ in cloud.all_asked() for c in circuits for q in c.all_qubits()}
    assert used == set(pair)
    # A run that begins now chooses otherwise.
    fresh = open_engine(NAME, tmp_path / "new", engine=cloud.engine())
    assert not set(fresh.place(1)[0]) & used or set(fresh.place(1)[0]) != used
    assert (fresh.damping(1) != open_engine(NAME, folder, engine=cloud.engine()).damping(1)).any()


def test_named_pairs_are_used(folder):
    cloud = Cloud()
    sample(folder, cloud, name=f"{NAME},pairs=5.3-5.2")
    used = {q for circuits, _, _ in cloud.all_asked() for c in circuits for q in c.all_qubits()}
    assert used == {cirq.GridQubit(5, 3), cirq.GridQubit(5, 2)}


def test_mitigation_is_sent_with_the_circuits_and_is_another_run(folder):
    cloud = Cloud()
    sample(folder, cloud)
    sent = len(cloud.created)
    sample(folder, cloud, name=f"{NAME},gauge=all,dd=xx")
    assert len(cloud.created) == len(set(cloud.created)) > sent
    symbols = [cirq.parameter_names(circuit) for circuit, _, _ in cloud.all_asked()]
    assert sum(any("gauge_choice" in name for name in names) for names in symbols) >= 1
    assert not any("gauge_choice" in name for name in symbols[0])


def test_other_named_pairs_are_other_jobs(folder):
    cloud = Cloud()
    sample(folder, cloud, name=f"{NAME},pairs=5.3-5.2")
    sent = len(cloud.created)
    sample(folder, cloud, name=f"{NAME},pairs=5.1-5.2")
    assert len(cloud.created) == len(set(cloud.created)) == 2 * sent


def test_the_cap_holds(folder, tmp_path):
    sample(tmp_path / "whole", Cloud())
    whole = sum(job.seconds for job in read_jobs(tmp_path / "whole")) / 60
    cloud = Cloud()
    with pytest.raises(JobError, match="--max-minutes 0"):
        sample(folder, cloud, max_minutes=whole / 2)
    sent = len(cloud.created)
    assert 0 < sent == len(read_jobs(folder)) < len(read_jobs(tmp_path / "whole"))
    assert sum(job.seconds for job in read_jobs(folder)) <= 60 * whole / 2


# Opening.


def one_line(error):
    assert "\n" not in str(error)
    return str(error)


def test_without_credentials_nothing_is_opened_and_no_simulator_steps_in(folder, monkeypatch):
    def missing(*args, **kwargs):
        raise DefaultCredentialsError("Your default credentials were not found.\nTo set up ...")

    monkeypatch.setattr("google.auth.default", missing)
    monkeypatch.setattr(google, "default_credentials", missing)
    with pytest.raises(ValueError, match="gcloud auth application-default login") as caught:
        open_engine(NAME, folder)
    assert "no Google Cloud credentials" in one_line(caught.value)
    assert not folder.exists()


def test_the_connection_is_made_as_the_jobs_need_it(folder, monkeypatch, undisturbed):
    cloud = Cloud()
    made = []

    def client(**options):
        made.append(options)
        return cloud.client

    monkeypatch.setattr(google, "EngineClient", client)
    monkeypatch.setattr(google, "default_credentials", lambda: (object(), PROJECT))
    engine = connect(PROJECT)
    assert type(engine) is cirq_google.Engine
    assert engine.project_id == PROJECT
    # A job over a stream may exist or not when its creation returns.
    assert engine.context.enable_streaming is False
    assert made[0]["max_retry_delay_seconds"] == google.RETRY_SECONDS <= 300
    assert made[0]["verbose"] is False
    (record,) = run([request_of()], open_engine(NAME, folder).make(1))
    assert_same(record.bits, undisturbed[0])
    cloud.client.run_job_over_stream.assert_not_called()


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            EngineException("not\nfound", HTTPStatus.NOT_FOUND),
            "there is no such project, processor",
        ),
        (EngineException("denied", HTTPStatus.FORBIDDEN), "has no access to this processor"),
        (EngineException("who", HTTPStatus.UNAUTHORIZED), "gcloud auth application-default login"),
        (RefreshError("expired"), "gcloud auth application-default login"),
        (TimeoutError("max retry"), "no answer in time"),
        (ConnectionRefusedError("refused"), "the connection was lost"),
    ],
)
@pytest.mark.parametrize("method", ["get_processor", "get_quantum_processor_config_async"])
def test_a_processor_that_cannot_be_reached_is_one_line(folder, method, error, message):
    cloud = Cloud(faults={(method, 0): error})
    with pytest.raises(ValueError, match=message) as caught:
        open_engine(NAME, folder, engine=cloud.engine())
    assert f"engine:{PROCESSOR}" in one_line(caught.value)
    assert not cloud.created
    assert not folder.exists()


@pytest.mark.parametrize(
    "name", ["qsim", "qvm:rainbow", "engine:rainbow", "engine:", "engine:a/b/c d"]
)
def test_what_names_no_processor_is_refused(folder, name):
    with pytest.raises(ValueError, match=r"must read|must name the project") as caught:
        open_engine(name, folder)
    one_line(caught.value)
    assert not folder.exists()


def test_opening_a_real_processor_as_a_simulator_is_refused():
    with pytest.raises(ValueError, match="open_engine"):
        open_backend(NAME)


def test_the_name_of_the_backend_does_not_tell_the_project(folder):
    assert open_engine(NAME, folder, engine=Cloud().engine()).name == f"engine:{PROCESSOR}"


# The strict local engine: Google's own emulation of what the service accepts.


def local_engine(kind=LocalSimulationType.SYNCHRONOUS, **limits):
    processor = SimulatedLocalProcessor(
        processor_id=PROCESSOR,
        sampler=FactorisedSampler("qsim", virtual.virtual_noise(PROCESSOR), 11),
        device=cirq_google.engine.create_device_from_processor_id(PROCESSOR),
        validator=engine_validator.create_engine_validator(
            **{key: value for key, value in limits.items() if key != "max_size"}
        ),
        program_validator=engine_validator.create_program_validator(
            **{key: value for key, value in limits.items() if key == "max_size"}
        ),
        simulation_type=kind,
        calibrations={
            1: cirq_google.engine.load_median_device_calibration(PROCESSOR),
        },
    )
    return SimulatedLocalEngine([processor])


STATES = Dial("state", ("flip",), ((0.0,), (0.5,), (1.0,)))


def bell_request(shots):
    a, b = cirq.LineQubit.range(2)
    circuit = cirq.Circuit(
        cirq.X(a) ** sympy.Symbol("flip"), cirq.CNOT(a, b), cirq.measure(a, b, key="m")
    )
    column = (np.arange(shots) % 3).astype(np.uint8)
    return Request(circuit, (STATES,), (column,), shots, frozenset({"state"}))


@pytest.mark.parametrize(
    "kind", [LocalSimulationType.SYNCHRONOUS, LocalSimulationType.ASYNCHRONOUS]
)
def test_the_strict_local_engine_gives_the_distributions_of_the_virtual_processor(
    folder, p_of_two, kind
):
    request = bell_request(9000)
    engine = open_engine(f"engine:{PROCESSOR}", folder, engine=local_engine(kind))
    virtual = open_backend(f"qvm:{PROCESSOR}")
    (one,), (two,) = (run([request], backend.make(4)) for backend in (engine, virtual))
    states = request.table[0]
    for state in range(3):
        outcomes = [record.bits["m"][states == state] for record in (one, two)]
        assert p_of_two(*outcomes) > 1e-4
    # The masks are taken back: without noise the two bits would agree.
    bits = unpack_bits(one.bits["m"], 2)
    assert (bits[states == 0].mean(axis=0) < 0.15).all()
    assert (bits[states == 2].mean(axis=0) > 0.85).all()


def test_the_local_engine_keeps_its_jobs_too(folder):
    engine, request = local_engine(), bell_request(300)
    (one,) = run([request], open_engine(f"engine:{PROCESSOR}", folder, engine=engine).make(1))
    leave()
    (two,) = run([request], open_engine(f"engine:{PROCESSOR}", folder, engine=engine).make(1))
    assert_same(two.bits, one.bits)
    assert {job.state for job in read_jobs(folder)} == {"done"}


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"max_moments": 2}, "limit of 2 moments"),
        ({"max_repetitions": 10}, "total repetitions"),
        ({"max_size": 100}, "Program too long"),
    ],
)
def test_the_limits_of_the_service_are_enforced(folder, limits, message):
    backend = open_engine(f"engine:{PROCESSOR}", folder, engine=local_engine(**limits))
    with pytest.raises(ValueError, match=message) as caught:
        run([bell_request(300)], backend.make(1))
    assert "\n" not in str(caught.value)
    assert not list(folder.glob("*.npz"))


def test_a_job_stays_within_the_repetitions_that_the_service_takes(folder, monkeypatch):
    monkeypatch.setattr(packing, "MOST_REPETITIONS", 50)
    backend = open_engine(f"engine:{PROCESSOR}", folder, engine=local_engine(max_repetitions=50))
    run([bell_request(300)], backend.make(1))
    assert all(job.repetitions <= 50 for job in read_jobs(folder))
    assert sum(job.repetitions for job in read_jobs(folder)) == 300


@pytest.mark.parametrize(
    ("method", "limit"),
    [("validate_for_engine", {"max_moments": 2}), ("validate_program", {"max_size": 100})],
)
def test_a_circuit_that_the_service_would_refuse_is_not_sent(folder, monkeypatch, method, limit):
    strict = functools.partial(getattr(engine_validator, method), **limit)
    monkeypatch.setattr(virtual.engine_validator, method, strict)
    cloud = Cloud()
    backend = open_engine(NAME, folder, engine=cloud.engine())
    with pytest.raises(ValueError, match="the service would refuse the circuit"):
        run([bell_request(30)], backend.make(1))
    assert not cloud.created


def test_a_folder_is_opened_again_in_the_same_process(folder):
    """As by a cell of a notebook that is run a second time."""
    cloud = Cloud()
    backend = open_engine(NAME, folder, engine=cloud.engine())
    (one,) = run([request_of()], backend.make(1))
    backend = open_engine(NAME, folder, engine=cloud.engine())
    (two,) = run([request_of()], backend.make(1))
    assert_same(two.bits, one.bits)


def test_the_chain_of_the_first_day_is_kept_when_the_calibration_changes(folder, tmp_path):
    cloud = Cloud()
    first = open_engine(NAME, folder, engine=cloud.engine()).chain(chain_circuit(2))
    leave()
    cloud.calibration = worse(CALIBRATION, [first[0]])
    assert open_engine(NAME, folder, engine=cloud.engine()).chain(chain_circuit(2)) == first
    leave()
    assert (
        open_engine(NAME, tmp_path / "new", engine=cloud.engine()).chain(chain_circuit(2)) != first
    )


def test_a_chain_by_its_circuit_is_kept_for_every_circuit(folder):
    cloud, name = Cloud(), f"{NAME},place=circuit"
    circuits = [chain_circuit(2), chain_circuit(2) + chain_circuit(2)[:-1]]
    backend = open_engine(name, folder, engine=cloud.engine())
    assert backend.name.endswith("place=circuit")
    first = [backend.chain(circuit) for circuit in circuits]
    for circuit, chain in zip(circuits, first, strict=True):
        assert chain == chain_for(backend.device, circuit, line_slots(circuit))
    leave()
    cloud.calibration = worse(CALIBRATION, [first[0][0]])
    again = open_engine(name, folder, engine=cloud.engine())
    assert [again.chain(circuit) for circuit in circuits] == first


def test_the_block_of_the_first_day_is_kept_when_the_calibration_changes(folder, tmp_path):
    cloud = Cloud()
    evolutions = draw_evolutions([True], 4, 1, "matched:native=syc", "grid", depth=3)
    circuit = bell_uses_on_grid(evolutions, 1, rows=2, columns=2).circuit
    first = dict(open_engine(NAME, folder, engine=cloud.engine()).block(circuit))
    leave()
    pair = first[cirq.LineQubit(0)], first[cirq.LineQubit(1)]
    cloud.calibration = worse(CALIBRATION, [pair])
    assert open_engine(NAME, folder, engine=cloud.engine()).block(circuit) == first
    leave()
    assert open_engine(NAME, tmp_path / "new", engine=cloud.engine()).block(circuit) != first


def test_a_circuit_on_a_chain_is_sent_on_its_qubits(folder):
    cloud = Cloud()
    request = bell_uses_on_chain(draw_evolutions([True, False], 2, 1, depth=1), 4)
    sample(folder, cloud, request)
    used = {q for circuits, _, _ in cloud.all_asked() for c in circuits for q in c.all_qubits()}
    chain = best_chain(virtual_device(PROCESSOR), 2)
    assert used == {q for pair in chain for q in pair}
