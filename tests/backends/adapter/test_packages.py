"""The real packages behind the adapter, where they are installed: their code, a mocked service.

Tried with cirq-aqt 1.7.0, cirq-ionq 1.6.1 and 1.7.0, cirq-pasqal 1.7.0, cirq-superstaq 0.5.70 and
iqm-client 36.0.0 (with its extra ``cirq``).
"""

from types import SimpleNamespace

import cirq
import numpy as np
import pytest

from quantum_advantage import Backend, copies_needed, measure_bell, measure_shadow, squares
from quantum_advantage.backends.adapter.packing import ServiceLimits
from quantum_advantage.inference.shadows.expectations import expectation
from quantum_advantage.tasks.registry import load_task
from quantum_advantage.tasks.shared.seeds import Seeds

pytestmark = pytest.mark.slow

A, B = cirq.GridQubit.rect(1, 2)
STATE = cirq.Circuit(cirq.X(A) ** 0.25, cirq.CNOT(A, B), cirq.S(B))
STRINGS = ("ZZ", "ZI", "IZ", "XX", "XY")


SIMULATOR = cirq.Simulator(seed=11)
GATES = {
    **{"x": cirq.X, "y": cirq.Y, "z": cirq.Z, "h": cirq.H, "s": cirq.S, "si": cirq.S**-1},
    **{"t": cirq.T, "ti": cirq.T**-1, "v": cirq.X**0.5, "vi": cirq.X**-0.5},
    "swap": cirq.SWAP,
}
TURNS = {"rx": cirq.rx, "ry": cirq.ry, "rz": cirq.rz}


class Counter:
    """Jobs that a mocked service got."""

    jobs = 0


class IonQClient:
    """The transport of cirq-ionq: circuits as JSON in, histograms out."""

    @staticmethod
    def _input(program):
        """What is sent: ``body`` until cirq-ionq 1.6, ``input`` since 1.7."""
        return program.input if hasattr(program, "input") else program.body

    def __init__(self, counter):
        self._counter, self._jobs = counter, {}

    def create_job(self, serialized_program, repetitions, **kwargs):
        self._counter.jobs += 1
        name = str(self._counter.jobs)
        self._jobs[name] = serialized_program, repetitions
        return {"id": name}

    def get_job(self, job_id):
        program, repetitions = self._jobs[job_id]
        qubits = self._input(program)["qubits"]
        return {
            "id": job_id,
            "status": "completed",
            "target": "qpu",
            "backend": "qpu",
            "stats": {"qubits": qubits},
            "qubits": qubits,
            "metadata": {"shots": str(repetitions), **program.metadata},
        }

    def get_results(self, job_id, **kwargs):
        program, repetitions = self._jobs[job_id]
        sent = self._input(program)
        qubits = cirq.LineQubit.range(sent["qubits"])
        if "circuit" in sent:
            return self._histogram(sent["circuit"], qubits, repetitions)
        return {
            str(i): self._histogram(one["circuit"], qubits, repetitions)
            for i, one in enumerate(sent["circuits"])
        }

    def _histogram(self, ops, qubits, repetitions):
        circuit = cirq.Circuit(self._operation(op, qubits) for op in ops)
        circuit.append(cirq.measure(*qubits, key="all"))
        bits = SIMULATOR.run(circuit, repetitions=repetitions).measurements["all"]
        # IonQ is little endian.
        values, counts = np.unique(bits @ (1 << np.arange(len(qubits))), return_counts=True)
        return {str(v): n / repetitions for v, n in zip(values, counts, strict=True)}

    def _operation(self, op, qubits):
        targets = op.get("targets") or [op["target"]]
        if op["gate"] == "cnot":
            controls = op.get("controls") or [op["control"]]
            return cirq.CNOT(qubits[controls[0]], qubits[targets[0]])
        gate = GATES.get(op["gate"]) or TURNS[op["gate"]](op["rotation"])
        return gate(*(qubits[t] for t in targets))


def ionq():
    package = pytest.importorskip("cirq_ionq", reason="cirq-ionq is not installed")
    service, counter = package.Service(api_key="none", default_target="qpu"), Counter()
    service._client = IonQClient(counter)
    options = {
        "gateset": package.IonQTargetGateset(),
        "batch": service.run_batch,
        "limits": ServiceLimits(circuits_per_job=1000),
    }
    return service.sampler(), options, counter


def aqt():
    package = pytest.importorskip("cirq_aqt", reason="cirq-aqt is not installed")
    sampler = package.aqt_sampler.AQTSamplerLocalSimulator(simulate_ideal=True)
    gateset = package.aqt_target_gateset.AQTTargetGateset()
    counter, send = Counter(), sampler._send_json

    def sent(**kwargs):
        counter.jobs += 1
        return send(**kwargs)

    sampler._send_json = sent
    options = {"gateset": gateset, "measure": False, "limits": ServiceLimits(jobs=1000)}
    return sampler, options, counter


def superstaq():
    package = pytest.importorskip("cirq_superstaq", reason="cirq-superstaq is not installed")
    counter = Counter()

    class Service:
        def create_job(self, circuits, repetitions, target):
            counter.jobs += 1
            found = [SIMULATOR.run(c, repetitions=repetitions) for c in circuits]
            counts = [
                {
                    f"{value:0{len(one.measurements['m'][0])}b}": n
                    for value, n in one.histogram(key="m").items()
                }
                for one in found
            ]
            return SimpleNamespace(counts=lambda i: counts[i])

    sampler = package.Sampler(Service(), "mock_qpu")
    return sampler, {"limits": ServiceLimits(circuits_per_job=1000)}, counter


def iqm():
    package = pytest.importorskip("iqm.cirq_iqm", reason="iqm-client[cirq] is not installed")
    from iqm.cirq_iqm.iqm_sampler import IQMSampler, JobStatus
    from iqm.cirq_iqm.serialize import circuit_operation_to_operation

    counter = Counter()

    class Client:
        def create_circuit_job_definition(self, circuits, calibration_set_id, shots, options):
            return circuits, shots

        def get_dynamic_quantum_architecture(self, calibration_set_id):
            return SimpleNamespace(calibration_set_id=None)

        def submit_circuit_job(self, definition, use_timeslot):
            counter.jobs += 1
            circuits, shots = definition
            found = []
            for circuit in circuits:
                whole = cirq.Circuit(map(circuit_operation_to_operation, circuit.instructions))
                tables = SIMULATOR.run(whole, repetitions=shots).measurements
                found.append({key: table.tolist() for key, table in tables.items()})
            return SimpleNamespace(
                job_id=None,
                wait_for_completion=lambda: JobStatus.COMPLETED,
                result=lambda: found,
                job_data=SimpleNamespace(compilation=None),
            )

    sampler = IQMSampler.__new__(IQMSampler)
    sampler._client, sampler._device = Client(), package.Apollo()
    sampler._use_default_calibration_set = sampler._use_timeslot = False
    sampler._calibration_set_id = sampler._run_sweep_timeout = sampler._compiler_options = None
    line = [sampler.device.get_qubit(i) for i in (1, 2, 4, 5)]

    def native(circuit):
        native = cirq.optimize_for_target_gateset(circuit, gateset=cirq.CZTargetGateset())
        # A turn about z before the measurement changes nothing, and is left out.
        native = sampler.device.decompose_circuit(cirq.eject_z(native))
        sampler.device.validate_circuit(native)
        return native

    options = {"gateset": native, "line": line, "batch": sampler.run_iqm_batch}
    return sampler, {**options, "limits": ServiceLimits(circuits_per_job=1000)}, counter


def pasqal():
    package = pytest.importorskip("cirq_pasqal", reason="cirq-pasqal is not installed")
    line, counter = cirq.NamedQubit.range(4, prefix="q"), Counter()
    sampler = package.PasqalSampler("nowhere", device=package.PasqalDevice(line))

    def sent(serialization_str, repetitions):
        counter.jobs += 1
        circuit = cirq.read_json(json_text=serialization_str)
        return SIMULATOR.run(circuit, repetitions=repetitions)

    sampler._send_serialized_circuit = sent

    def native(circuit):
        # One gate at a time: whole circuits, not their parts, go to the gate set.
        return cirq.optimize_for_target_gateset(circuit, gateset=package.PasqalGateset())

    return sampler, {"gateset": native, "line": line, "limits": ServiceLimits(jobs=1000)}, counter


SERVICES = {"ionq": ionq, "aqt": aqt, "superstaq": superstaq, "iqm": iqm, "pasqal": pasqal}
SINGLE = ("aqt", "pasqal")


@pytest.fixture(params=SERVICES)
def service(request):
    sampler, options, counter = SERVICES[request.param]()
    return request.param, Backend.from_sampler(sampler, request.param, **options), counter


def truth(string):
    observable = cirq.DensePauliString(string).on(A, B)
    return observable.expectation_from_state_vector(STATE.final_state_vector(), {A: 0, B: 1}).real


def test_a_real_package_measures_what_is_there(service):
    name, backend, counter = service
    found = squares(measure_bell(STATE, backend.make(3), shots=2000), list(STRINGS))
    assert counter.jobs == 1
    for (value, error), string in zip(found, STRINGS, strict=True):
        assert abs(value - truth(string) ** 2) < 5 * error
    record = measure_shadow(STATE, backend.make(3), shots=900, seed=5, times=3)
    assert counter.jobs <= 1 + (9 if name in SINGLE else 8)
    for string in STRINGS:
        value, error = expectation(record, cirq.DensePauliString(string).on(A, B))
        assert abs(value - truth(string)) < 5 * error
    backend.make(1).check_order(4)


def test_copies_needed_on_a_real_package(service):
    name, backend, counter = service
    lines = []
    # One shot is right with 0.70, and a second one adds nothing: 0.65 is where the curve is steep.
    options = {"trials": 200, "games": 10, "seed": 4, "target": 0.65}
    point = copies_needed("bell", 1, backend=backend, report=lines.append, **options)
    batches = counter.jobs
    expected = copies_needed("bell", 1, trials=4000, games=100, target=0.65)
    assert lines[0].startswith(f"bell at n = 1 on {name}: some ")
    assert point.copies_low <= expected.copies_high
    assert point.copies_high >= expected.copies_low
    # Game by game: one shot is right with 1/2 + α²/4 = 0.7025.
    seeds = Seeds(*np.random.SeedSequence(3).spawn(4))
    task, shots = load_task("observables"), np.array([1])
    played = task.play("bell", 1, shots, 3000, 0, seeds, backend.make(5))
    assert abs(played.correct[0] / 3000 - 0.7025) < 4 * np.sqrt(0.7025 * 0.2975 / 3000)
    assert batches <= 20 * 6 or name in SINGLE
