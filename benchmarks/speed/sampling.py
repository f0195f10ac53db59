"""Sampling many circuits that differ from shot to shot: Bell pairs, stabiliser bases, copies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from speed.copying import fresh_copy
from speed.digests import Outcome
from speed.workload import Against, Peers, Prepared, Side, Workload

SHOTS = 1_000_000
QUBITS = 20


def drawn_bits(records: Any) -> Outcome:
    """Digests the bits of all records, key by key.

    Args:
        records: What ``run`` returned.
    """
    bits = [record.bits[key] for record in records for key in sorted(record.bits)]
    return Outcome(tuple(bits), drawn=True)


def _hidden_system(shots: int, qubits: int, seed: int) -> tuple[Any, list[Any], Any]:
    """Makes a hidden Pauli string and a hidden sign for each shot."""
    from quantum_advantage.core.pauli import random_letters
    from quantum_advantage.systems.hidden_pauli import HiddenPauli

    rng = np.random.default_rng(seed)
    letters = random_letters(shots, qubits, rng)
    signs = (1 - 2 * rng.integers(0, 2, shots)).astype(np.int8)
    return HiddenPauli(letters, signs, np.full(shots, 0.9), rng), [letters, signs], rng


def _bell_table(peers: Peers) -> Prepared:
    from quantum_advantage.tasks.observables.protocols import Bell

    system, inputs, rng = _hidden_system(SHOTS, QUBITS, 1)
    table = [np.array(c) for c in Bell().request(system, 1, np.random.default_rng(2)).table]
    return Prepared(
        inputs=inputs,
        work=Side(lambda: Bell().request(system, 1, rng)),
        other=Side(lambda: [fresh_copy(column) for column in table]),
        outcome=lambda request: Outcome(tuple(request.table), drawn=True),
    )


def table_and_numbers(request: Any) -> Side:
    """Returns the limit of Bell sampling: the table is read, and each pair gets random bits.

    Args:
        request: A request of many two-copy circuits of ``QUBITS`` pairs.
    """
    rng = np.random.default_rng(2)
    columns = [np.array(column) for column in request.table]
    octets = 4 * request.shots * QUBITS
    return Side(lambda: ([fresh_copy(column) for column in columns], rng.bytes(octets)))


def _bell_sides(backend: str) -> tuple[list[Any], Any, Side]:
    """Makes a request of a million two-copy circuits and the work of sampling it."""
    from quantum_advantage.backends.opening import open_backend
    from quantum_advantage.circuits.run import run
    from quantum_advantage.tasks.observables.protocols import Bell

    system, inputs, rng = _hidden_system(SHOTS, QUBITS, 1)
    request, sampler = Bell().request(system, 1, rng), open_backend(backend).make(1)
    return inputs, request, Side(lambda: run([request], sampler))


def _bell(backend: str) -> Callable[[Peers], Prepared]:
    def prepare(peers: Peers) -> Prepared:
        inputs, request, work = _bell_sides(backend)
        return Prepared([*inputs, *request.table], work, table_and_numbers(request), drawn_bits)

    return prepare


def _stim_fixed(packed: bool) -> Callable[[Peers], Prepared]:
    def prepare(peers: Peers) -> Prepared:
        import cirq
        import stimcirq

        from quantum_advantage.measurements.bell import bell_basis_change

        inputs, request, work = _bell_sides("qsim")
        line = cirq.LineQubit.range(2 * QUBITS)
        circuit = cirq.Circuit(cirq.H.on_each(*line), cirq.S.on_each(*line[::3]))
        circuit += cirq.Circuit(bell_basis_change(line[::2], line[1::2]))
        circuit.append(cirq.Moment(cirq.measure(*line, key="m")))
        sampler = stimcirq.cirq_circuit_to_stim_circuit(circuit).compile_sampler(seed=1)
        sample = sampler.sample_bit_packed if packed else sampler.sample
        return Prepared(
            [*inputs, *request.table], work, Side(lambda: sample(SHOTS)), outcome=drawn_bits
        )

    return prepare


def _clifford_request(shots: int) -> tuple[Any, list[Any]]:
    """Makes a request with a random stabiliser basis for each shot, n = 10."""
    from quantum_advantage.core.pauli import random_letters
    from quantum_advantage.systems.hidden_pauli import HiddenPauli
    from quantum_advantage.tasks.observables.protocols import RandomClifford

    rng = np.random.default_rng(1)
    letters = random_letters(shots, 10, rng)
    system = HiddenPauli(letters, np.ones(shots, dtype=np.int8), np.full(shots, 0.9), rng)
    request = RandomClifford().request(system, 1, rng)
    return request, [letters, *request.table]


def _sliced(shots: int) -> tuple[Any, list[Any], Side]:
    from quantum_advantage.backends.opening import open_backend
    from quantum_advantage.circuits.run import run

    request, inputs = _clifford_request(shots)
    sampler = open_backend("qsim").make(1)
    return request, inputs, Side(lambda: run([request], sampler), units=shots / SHOTS)


def _stabiliser_bases(peers: Peers) -> Prepared:
    import cirq

    shots = SHOTS // 4
    request, inputs, work = _sliced(shots)
    operations = [op for op in request.circuit.all_operations() if not cirq.is_measurement(op)]
    rows = np.zeros((10, shots // 64), dtype=np.uint64)
    column, chosen = np.asarray(request.table[-1]), np.zeros(2**10 + 1, dtype=np.bool_)

    def passes() -> None:
        for op in operations:
            np.packbits(chosen[column])
            for _ in op.qubits:
                np.bitwise_xor(rows, rows, out=rows)
                np.bitwise_xor(rows, rows, out=rows)

    return Prepared(inputs, work, Side(passes, units=shots / SHOTS), drawn_bits)


def _stim_each(peers: Peers) -> Prepared:
    import cirq
    import stimcirq

    from quantum_advantage.circuits.request import resolver_values

    _, inputs, work = _sliced(SHOTS // 4)
    few, _ = _clifford_request(50)
    circuits = [
        stimcirq.cirq_circuit_to_stim_circuit(
            cirq.drop_negligible_operations(
                cirq.resolve_parameters(few.circuit, resolver_values(few, t))
            )
        )
        for t in range(few.shots)
    ]
    other = Side(
        lambda: [circuit.compile_sampler(seed=1).sample(1) for circuit in circuits],
        units=few.shots / SHOTS,
    )
    return Prepared(inputs, work, other, drawn_bits)


def _copies_apart(peers: Peers) -> Prepared:
    from quantum_advantage.backends.opening import open_backend
    from quantum_advantage.circuits.run import run
    from quantum_advantage.systems.random_states import random_states
    from quantum_advantage.tasks.shared.purity_measurements import SingletParity

    rng = np.random.default_rng(1)
    state = random_states(QUBITS, np.zeros(1), rng, rng)
    sampler = open_backend("qsim").make(1)
    few, many = (SingletParity((0.0, 1.0)).request(state, shots, rng) for shots in (20, 120))
    vector, space = np.ones((2, 2**QUBITS), dtype=np.complex64)
    return Prepared(
        inputs=[*few.table, *many.table, repr(many.circuit)],
        work=Side(lambda: run([many], sampler), 100, less=lambda: run([few], sampler)),
        other=Side(lambda: np.copyto(space, vector)),
        outcome=drawn_bits,
    )


TABLE_AND_NUMBERS = "one copy of the table and 32 random bits for each pair and shot"
_BELL = "two-copy circuits, n = 20, each shot another"
WORKLOADS = [
    Workload(
        name="bell_table",
        title="table of dial positions, n = 20",
        unit="10^6 shots",
        against=Against.LIMIT,
        other="one copy of the table",
        prepare=_bell_table,
    ),
    Workload(
        name="bell_noiseless",
        title=f"{_BELL}, noiseless",
        unit="10^6 shots",
        against=Against.LIMIT,
        other=TABLE_AND_NUMBERS,
        prepare=_bell("qsim"),
    ),
    Workload(
        name="bell_noisy",
        title=f"{_BELL}, local noise",
        unit="10^6 shots",
        against=Against.LIMIT,
        other=TABLE_AND_NUMBERS,
        prepare=_bell("qsim:depolarize=0.01,readout=0.02"),
    ),
    Workload(
        name="stim_fixed",
        title=f"{_BELL}, noiseless",
        unit="10^6 shots",
        against=Against.PEER,
        other="stim on one fixed circuit of 40 qubits",
        prepare=_stim_fixed(packed=False),
        modules=("stim", "stimcirq"),
    ),
    Workload(
        name="stim_packed",
        title=f"{_BELL}, noiseless",
        unit="10^6 shots",
        against=Against.PEER,
        other="the same, bits packed by stim",
        prepare=_stim_fixed(packed=True),
        modules=("stim", "stimcirq"),
    ),
    Workload(
        name="stabiliser_bases",
        title="random stabiliser bases, n = 10, each shot another",
        unit="10^6 shots",
        against=Against.LIMIT,
        other="for each gate a look-up and a pass over its rows",
        prepare=_stabiliser_bases,
    ),
    Workload(
        name="stim_each",
        title="random stabiliser bases, n = 10, each shot another",
        unit="10^6 shots",
        against=Against.PEER,
        other="stim with a circuit for each shot",
        prepare=_stim_each,
        modules=("stim", "stimcirq"),
    ),
    Workload(
        name="copies_apart",
        title="Bell shots of two copies of a random state, n = 20",
        unit="one shot, without preparing the state",
        against=Against.LIMIT,
        other="one pass over 2^20 complex64",
        prepare=_copies_apart,
    ),
]
