"""The adapter: form of circuits, jobs, limits, and what it refuses in one line."""

import cirq
import numpy as np
import pytest
import sympy
from foreign_services import IQM, IonQ, Superstaq, ionq_gates
from hostile_samplers import Spoilt, tables

from quantum_advantage.backends.adapter.adapted import AdaptedSampler
from quantum_advantage.backends.adapter.compiling import Compiler
from quantum_advantage.backends.adapter.form import service_form
from quantum_advantage.backends.adapter.packing import ServiceLimits, packed, price_of
from quantum_advantage.backends.backend import Backend
from quantum_advantage.backends.fingerprints import fingerprint_of
from quantum_advantage.circuits.request import Dial, Request
from quantum_advantage.circuits.run import run
from quantum_advantage.core.bits import unpack_bits
from quantum_advantage.core.usage import UsageError

A, B, C = cirq.GridQubit.rect(1, 3)
POSITIONS = 7
FLIPS = Dial(
    "flips",
    ("x", "y", "z"),
    tuple(tuple(float(p >> i & 1) for i in range(3)) for p in range(POSITIONS)),
)
CIRCUIT = cirq.Circuit(
    *(cirq.X(q) ** sympy.Symbol(s) for q, s in zip((A, B, C), "xyz", strict=True)),
    cirq.measure(C, A, key="two", invert_mask=(True,)),
    cirq.measure(B, key="one"),
)


def request(column):
    column = np.asarray(column, dtype=np.uint8)
    return Request(CIRCUIT, (FLIPS,), (column,), column.size)


def random_request(shots, seed=0):
    return request(np.random.default_rng(seed).binomial(POSITIONS - 1, 0.3, shots))


class Batching(cirq.Sampler):
    """A sampler with batches of its own, each one job."""

    def __init__(self):
        self.jobs = []

    def run_sweep(self, program, params, repetitions=1):
        raise AssertionError("one circuit at a time")

    def run_batch(self, programs, params_list=None, repetitions=1):
        self.jobs.append((len(programs), repetitions))
        return cirq.Simulator().run_batch(programs, repetitions=repetitions)


MAKES = {
    "sweeps": lambda: AdaptedSampler(cirq.Simulator(), limits=ServiceLimits(circuits_per_job=3)),
    "one by one": lambda: AdaptedSampler(IonQ(), compiler=Compiler(ionq_gates())),
    "own batches": lambda: AdaptedSampler(
        Batching(), compiler=Compiler(ionq_gates()), limits=ServiceLimits(circuits_per_job=4)
    ),
    "a function": lambda: AdaptedSampler(
        service := Superstaq(),
        batch=service.service_run,
        limits=ServiceLimits(circuits_per_job=50, shots_per_circuit=5),
    ),
}


@pytest.mark.parametrize("make", MAKES.values(), ids=MAKES)
def test_every_shot_gets_the_bits_of_its_own_setting_and_keys(make):
    asked = random_request(200)
    (record,) = run([asked], make())
    flips = np.array(FLIPS.positions, dtype=np.uint8)[asked.table[0]]
    two, one = (unpack_bits(record.bits[key], n) for key, n in (("two", 2), ("one", 1)))
    np.testing.assert_array_equal(two, np.stack([1 - flips[:, 2], flips[:, 0]], axis=1))
    np.testing.assert_array_equal(one, flips[:, 1:2])


@pytest.mark.parametrize("circuits", [1, 2, 5, 1000])
@pytest.mark.parametrize("shots", [1, 3, 64, 1000, 5_000_000])
def test_jobs_hold_every_shot_once_within_limits(circuits, shots):
    asked = random_request(700, seed=circuits)
    limits = ServiceLimits(circuits_per_job=circuits, shots_per_circuit=shots, jobs=10_000)
    jobs = packed(asked, limits)
    every = np.concatenate([job.members.ravel() for job in jobs])
    np.testing.assert_array_equal(np.sort(every), np.arange(700))
    for job in jobs:
        assert job.members.shape[0] == job.rows.size <= circuits
        assert job.members.shape[1] <= shots
        same = asked.table[0][job.members] == asked.table[0][job.rows][:, None]
        assert same.all()


def test_where_circuits_share_jobs_there_are_no_more_jobs_than_digits():
    asked = random_request(700)
    most = np.bincount(asked.table[0]).max()
    assert len(packed(asked, ServiceLimits(circuits_per_job=100))) <= int(most).bit_length()
    # One circuit in a job: one job for each setting.
    assert price_of(packed(asked, ServiceLimits())).circuits == np.unique(asked.table[0]).size


def test_a_request_beyond_the_limits_is_refused_with_its_price_before_anything_is_sent():
    service = IonQ()
    adapted = AdaptedSampler(service, compiler=Compiler(ionq_gates()), limits=ServiceLimits(jobs=3))
    with pytest.raises(UsageError, match="7 jobs, 7 circuits, 90 shots, and at most 3 jobs"):
        run([request(np.arange(90) % 7)], adapted)
    small = AdaptedSampler(service, limits=ServiceLimits(qubits=2))
    with pytest.raises(UsageError, match="circuit has 3 qubits, and the service takes 2"):
        run([random_request(10)], small)
    short = AdaptedSampler(service, line=cirq.LineQubit.range(2))
    with pytest.raises(UsageError, match="3 qubits, but the service's line 2"):
        run([random_request(10)], short)
    assert service.jobs == 0


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda t: {"q": t["m"]}, "keys 'q' instead of 'm'"),
        (lambda t: {}, "keys none instead of 'm'"),
        (lambda t: {"m": np.hstack([t["m"], t["m"]])}, r"shape \(9, 6\) .* \(9, 3\)"),
        (lambda t: {"m": t["m"][:5]}, "5 of 9 repetitions"),
        (lambda t: {"m": t["m"] / 2}, "outcome 0.5"),
    ],
)
def test_wrong_answers_end_in_one_line_that_names_what_came(spoil, message):
    adapted = AdaptedSampler(Spoilt(tables(spoil)))
    with pytest.raises(UsageError, match=f"^hostile_samplers.Spoilt returned .*{message}"):
        run([request([1] * 9)], adapted)


@pytest.mark.parametrize("qubits", [1, 2, 5, 8])
def test_the_order_of_bits_is_checked_by_circuits_that_spell_the_numbers_of_qubits(qubits):
    AdaptedSampler(cirq.Simulator()).check_order(qubits)
    if qubits > 1:
        for place in range(qubits - 1):
            swapped = np.arange(qubits)
            swapped[place : place + 2] = place + 1, place
            spoilt = Spoilt(tables(lambda t, s=swapped: {"m": t["m"][:, s]}))
            with pytest.raises(UsageError, match=f"place {place} of {qubits} .* qubit {place + 1}"):
                AdaptedSampler(spoilt).check_order(qubits)


def test_what_cannot_be_put_into_form_is_refused():
    early = cirq.Circuit(cirq.measure(A, key="m"), cirq.X(A), cirq.measure(B, key="n"))
    with pytest.raises(UsageError, match="at its end only"):
        service_form(early)
    confused = cirq.measure(A, key="m", confusion_map={(0,): np.eye(2)[::-1]})
    with pytest.raises(UsageError, match="no confusion map"):
        service_form(cirq.Circuit(confused))


def unstable():
    calls = iter(range(100))
    return lambda circuit: circuit[:-1] + [cirq.Moment()] * next(calls) + circuit[-1:]


@pytest.mark.parametrize(
    ("gates", "message"),
    [
        (unstable(), "to the same one each time"),
        (lambda c: cirq.Circuit(cirq.X(cirq.LineQubit(0))) + c, "differ by up to"),
        (lambda c: c[:-1], "must measure {'m': 2}, bits by key, as before, but measures {}"),
        (lambda c: None, "must return a cirq.Circuit, but returned a NoneType"),
        (cirq.CZTargetGateset, "gateset must be a cirq.CompilationTargetGateset"),
        (3, "gateset must be a cirq.CompilationTargetGateset"),
    ],
)
def test_gate_sets_that_change_more_than_gates_are_refused(gates, message):
    a, b = cirq.LineQubit.range(2)
    circuit = cirq.Circuit(cirq.CNOT(a, b), cirq.measure(a, b, key="m"))
    with pytest.raises(UsageError, match=message):
        Compiler(gates)(circuit)


@pytest.mark.parametrize("gateset", [cirq.CZTargetGateset(), cirq.SqrtIswapTargetGateset()])
def test_many_pairs_are_compiled_pair_by_pair(gateset):
    line = cirq.LineQubit.range(40)
    pairs = list(zip(line[::2], line[1::2], strict=True))
    circuit = cirq.Circuit(cirq.H.on_each(*line[::2]), cirq.CNOT.on_each(*pairs))
    circuit.append(cirq.Moment(cirq.measure(*line, key="m")))
    compiler = Compiler(gateset)
    native = compiler(circuit)
    assert len(compiler._cache) == 1
    assert native[-1] == circuit[-1]
    pair = cirq.Circuit(
        op for op in native[:-1].all_operations() if set(op.qubits) <= set(line[6:8])
    )
    state = pair.final_state_vector(qubit_order=line[6:8])
    assert abs(state[0]) == pytest.approx(abs(state[3])) == pytest.approx(np.sqrt(0.5))


def test_arguments_that_do_not_fit_are_refused_when_the_backend_is_made():
    for wrong, message in (
        ({"sampler": cirq.Simulator}, "sampler must be a cirq.Sampler, .* not <class"),
        ({"sampler": None}, "sampler must be a cirq.Sampler, .* not None"),
        ({"line": [A, A]}, "different qubits"),
        ({"batch": 3}, "batch must be a function"),
        ({"gateset": "cz"}, "gateset must be"),
        (
            {"gateset": cirq.CZTargetGateset(), "limits": ServiceLimits(circuits_per_job=2)},
            "needs batch=, since cirq.*Simulator has no run_batch",
        ),
    ):
        with pytest.raises(UsageError, match=message):
            Backend.from_sampler(**{"sampler": cirq.Simulator(), "name": "mine", **wrong})


def test_a_client_that_changes_with_every_job_stays_the_same_backend():
    service = IQM()

    def backend(**more):
        options = {"line": service.qubits, **more}
        return Backend.from_sampler(service, "iqm", **options)

    before = fingerprint_of(backend())
    service.jobs += 1
    service.note = "job 1"
    assert fingerprint_of(backend()) == before
    assert fingerprint_of(backend(line=service.qubits[::-1])) != before
    assert fingerprint_of(backend(gateset=cirq.CZTargetGateset())) != before
    assert fingerprint_of(backend(fingerprint="garnet, November")) != before


def test_samplers_made_from_seeds_obey_them():
    mine = Backend.from_sampler(lambda seed: cirq.Simulator(seed=seed), "mine")
    coins = cirq.Circuit(cirq.H(A), cirq.measure(A, key="m"))
    first, again, other = (
        mine.make(seed).run(coins, repetitions=64).measurements["m"].ravel().tolist()
        for seed in (1, 1, 2)
    )
    assert first == again != other
