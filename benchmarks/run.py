"""Speed and memory of the samplers, as ratios to the machine's limit and to stim.

One command prints one table: ``python benchmarks/run.py``. Every line runs in a process of its
own, so that its peak memory is its own. Times are the best of several repetitions after the
imports.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec

SHOTS = 1_000_000
QUBITS = 20


def best(function: Callable[[], object], repetitions: int = 3) -> float:
    """Returns the shortest time of a call in seconds."""
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def _bell_request() -> tuple:
    """Makes a million shots at n = 20, each with its own P and its own hidden bits."""
    import numpy as np

    from quantum_advantage.core.pauli import random_letters
    from quantum_advantage.systems.hidden_pauli import HiddenPauli
    from quantum_advantage.tasks.observables.protocols import Bell

    rng = np.random.default_rng(1)
    letters = random_letters(SHOTS, QUBITS, rng)
    signs = (1 - 2 * rng.integers(0, 2, SHOTS)).astype(np.int8)
    system = HiddenPauli(letters, signs, np.full(SHOTS, 0.9), rng)
    return (lambda: Bell().request(system, 1, rng)), letters


def bell_table() -> dict[str, float]:
    """Drawing the table of dial positions; its limit is one copy of it through memory."""
    make, _ = _bell_request()
    table = make().table
    limit = best(lambda: [column.copy() for column in table])
    return {"seconds": best(make), "limit": limit}


def _bell_sampling(backend: str) -> dict[str, float]:
    import numpy as np

    from quantum_advantage.backends.opening import open_backend
    from quantum_advantage.circuits.run import run
    from quantum_advantage.core.pauli import PauliStrings
    from quantum_advantage.measurements.bell import bell_parity

    make, letters = _bell_request()
    request, sampler = make(), open_backend(backend).make(1)
    (record,) = run([request], sampler)
    strings = PauliStrings.from_letters(letters)
    signs = bell_parity(strings.x, strings.z, record.bits["system"], record.bits["memory"])
    # The limit: read the table once and draw one 32-bit number for each pair and shot.
    rng = np.random.default_rng(2)
    limit = best(lambda: [c.copy() for c in request.table] and rng.bytes(4 * SHOTS * QUBITS))
    return {
        "seconds": best(lambda: run([request], sampler)),
        "limit": limit,
        "mean sign": 1 - 2 * float(signs.mean()),
    }


def bell_noiseless() -> dict[str, float]:
    """Sampling a million different two-copy circuits of 40 qubits."""
    return _bell_sampling("qsim")


def bell_noisy() -> dict[str, float]:
    """The same with depolarising and readout noise."""
    return _bell_sampling("qsim:depolarize=0.01,readout=0.02")


def stim_fixed() -> dict[str, float]:
    """Stim's compiled sampler on one fixed Clifford circuit of 40 qubits, for comparison."""
    import cirq
    import stimcirq

    from quantum_advantage.measurements.bell import bell_basis_change

    line = cirq.LineQubit.range(2 * QUBITS)
    circuit = cirq.Circuit(cirq.H.on_each(*line), cirq.S.on_each(*line[::3]))
    circuit += cirq.Circuit(bell_basis_change(line[::2], line[1::2]))
    circuit.append(cirq.Moment(cirq.measure(*line, key="m")))
    sampler = stimcirq.cirq_circuit_to_stim_circuit(circuit).compile_sampler(seed=1)
    return {
        "seconds": best(lambda: sampler.sample(SHOTS)),
        "bit packed": best(lambda: sampler.sample_bit_packed(SHOTS)),
    }


def stabiliser_bases() -> dict[str, float]:
    """Sliced sampling: every shot in its own random stabiliser basis, n = 10."""
    import cirq
    import numpy as np

    from quantum_advantage.backends.opening import open_backend
    from quantum_advantage.circuits.run import run
    from quantum_advantage.core.pauli import random_letters
    from quantum_advantage.systems.hidden_pauli import HiddenPauli
    from quantum_advantage.tasks.observables.protocols import RandomClifford

    shots, rng = SHOTS // 4, np.random.default_rng(1)
    letters = random_letters(shots, 10, rng)
    system = HiddenPauli(letters, np.ones(shots, dtype=np.int8), np.full(shots, 0.9), rng)
    request, sampler = RandomClifford().request(system, 1, rng), open_backend("qsim").make(1)
    run([request], sampler)
    # The limit: for each gate one look-up of its dial and one pass over the rows of its qubits.
    operations = [op for op in request.circuit.all_operations() if not cirq.is_measurement(op)]
    rows = np.zeros((10, shots // 64), dtype=np.uint64)
    column, chosen = request.table[-1], np.zeros(2**10 + 1, dtype=np.bool_)

    def passes() -> None:
        for op in operations:
            np.packbits(chosen[column])
            for _ in op.qubits:
                np.bitwise_xor(rows, rows, out=rows)
                np.bitwise_xor(rows, rows, out=rows)

    limit = best(passes)
    return {"seconds": best(lambda: run([request], sampler)) * 4, "limit": 4 * limit}


def stim_each() -> dict[str, float]:
    """Stim with a circuit of its own for every shot, the same circuits (50 shots, scaled)."""
    import cirq
    import numpy as np
    import stimcirq

    from quantum_advantage.circuits.request import resolver_values
    from quantum_advantage.core.pauli import random_letters
    from quantum_advantage.systems.hidden_pauli import HiddenPauli
    from quantum_advantage.tasks.observables.protocols import RandomClifford

    shots, rng = 50, np.random.default_rng(1)
    letters = random_letters(shots, 10, rng)
    system = HiddenPauli(letters, np.ones(shots, dtype=np.int8), np.full(shots, 0.9), rng)
    request = RandomClifford().request(system, 1, rng)
    circuits = [
        stimcirq.cirq_circuit_to_stim_circuit(
            cirq.drop_negligible_operations(
                cirq.resolve_parameters(request.circuit, resolver_values(request, t))
            )
        )
        for t in range(shots)
    ]
    seconds = best(lambda: [c.compile_sampler(seed=1).sample(1) for c in circuits])
    return {"seconds": seconds * SHOTS / shots}


def _games(qubits: int, shots: int) -> object:
    """Makes a Bell request of one-shot parameter sets."""
    import numpy as np

    from quantum_advantage.core.pauli import random_letters
    from quantum_advantage.systems.hidden_pauli import HiddenPauli
    from quantum_advantage.tasks.observables.protocols import Bell

    rng = np.random.default_rng(1)
    letters = random_letters(shots, qubits, rng)
    system = HiddenPauli(letters, np.ones(shots, dtype=np.int8), np.full(shots, 0.9), rng)
    return Bell().request(system, 1, rng)


def copies_apart() -> dict[str, float]:
    """Bell shots of two copies of one random 20-qubit state; the limit is a transform a shot.

    The time of a shot is that of 500 shots less that of 100, so that preparing the state is not
    counted.
    """
    import numpy as np

    from quantum_advantage.backends.opening import open_backend
    from quantum_advantage.circuits.run import run
    from quantum_advantage.core.walsh_hadamard import walsh_hadamard
    from quantum_advantage.systems.random_states import random_states
    from quantum_advantage.tasks.shared.purity_measurements import SingletParity

    rng = np.random.default_rng(1)
    state = random_states(QUBITS, np.zeros(1), rng, rng)
    sampler = open_backend("qsim").make(1)
    requests = [SingletParity((0.0, 1.0)).request(state, shots, rng) for shots in (100, 500)]
    few, many = (best(lambda r=request: run([r], sampler)) for request in requests)
    vector = (rng.normal(size=(2, 2**QUBITS)).T @ np.array([1, 1j])).astype(np.complex64)
    limit = best(lambda: walsh_hadamard(vector), 10)
    return {"seconds": (many - few) / 400 * SHOTS, "limit": limit * SHOTS}


def all_squares() -> dict[str, float]:
    """All 4^10 squares from 10^5 shots; the limit is the Walsh-Hadamard transform in it."""
    import numpy as np

    from quantum_advantage.core.walsh_hadamard import walsh_hadamard
    from quantum_advantage.inference.bell.spectrum import all_squares as estimate
    from quantum_advantage.measurements.records import BellRecord

    rng = np.random.default_rng(1)
    outcomes = rng.integers(0, 2**10, (2, 100_000, 1), dtype=np.uint64)
    record = BellRecord(10, outcomes[0], outcomes[1])
    limit = best(lambda: walsh_hadamard(np.zeros(4**10)))
    return {"seconds": best(lambda: estimate(record)), "limit": limit}


def weber() -> dict[str, float]:
    """10,000 one-shot parameter sets at n = 20 on the virtual Weber, from opening it; then again.

    The time is that of 10,000, not of a million.
    """
    import quantum_advantage.backends.devices.virtual  # noqa: F401  (opening imports it; not timed)
    from quantum_advantage.backends.opening import open_backend
    from quantum_advantage.circuits.run import run

    request = _games(QUBITS, 10_000)
    start = time.perf_counter()
    backend = open_backend("qvm:weber")
    run([request], backend.make(1))
    first = time.perf_counter() - start
    return {"seconds": first, "again": best(lambda: run([request], backend.make(2)))}


def weber_stock() -> dict[str, float]:
    """Google's stock noisy virtual machine at n = 8, on the very same native circuits (20 of them).

    The time is scaled to 10,000.
    """
    import cirq_google

    from quantum_advantage.backends.opening import open_backend
    from quantum_advantage.circuits.run import run

    engine = cirq_google.engine.create_default_noisy_quantum_virtual_machine("weber")
    stock = engine.get_sampler("weber")
    backend = open_backend("qvm:weber")
    placed = backend.make(1)
    inner = placed._inner
    kept = []
    placed._inner = type(
        "Keep", (), {"sample_table": lambda self, r: (kept.append(r), inner.sample_table(r))[1]}
    )()
    run([_games(8, 20)], placed)
    (native,) = kept
    return {"seconds": best(lambda: run([native], stock), 1) * 10_000 / 20}


def evolution() -> dict[str, float]:
    """One two-copy circuit of an unknown evolution, n = 10 and depth 20, from drawing it to bits.

    The limit is bare qsim on the ready circuit, with the same 1000 shots. The time is that of one
    circuit, not of a million shots.
    """
    import cirq
    import qsimcirq

    from quantum_advantage.backends.opening import open_backend
    from quantum_advantage.backends.simulators.state_vectors import qsim_options
    from quantum_advantage.circuits.request import Request, resolver_values
    from quantum_advantage.circuits.run import run
    from quantum_advantage.systems.evolutions import draw_evolutions
    from quantum_advantage.tasks.shared.evolution_requests import request_bell_uses

    numbers = iter(range(1000))

    def fresh() -> Request:
        return request_bell_uses(draw_evolutions([True], 10, next(numbers)), 1000)

    request, backend = fresh(), open_backend("qsim")
    ready = cirq.resolve_parameters(request.circuit, resolver_values(request, 0))
    bare = qsimcirq.QSimSimulator(qsim_options(), seed=1)
    return {
        "seconds": best(lambda: run([fresh()], backend.make(1)), 10),
        "limit": best(lambda: bare.run(ready, repetitions=1000), 10),
        "cirq": best(lambda: cirq.Simulator().run(ready, repetitions=1000), 2),
    }


def chain() -> dict[str, float]:
    """1000 shots of two uses of an evolution on 40 qubits at depth 5, as a chain of tensors.

    The time is that of one circuit, not of a million shots.
    """
    from quantum_advantage.backends.opening import open_backend
    from quantum_advantage.circuits.run import run
    from quantum_advantage.systems.evolutions import draw_evolutions
    from quantum_advantage.tasks.shared.evolution_requests import request_bell_uses

    request = request_bell_uses(draw_evolutions([False], QUBITS, 11, depth=5), 1000)
    backend = open_backend("qsim")
    return {"seconds": best(lambda: run([request], backend.make(1)))}


def _shadow_work(shots: int, qubits: int, questions: int) -> tuple:
    """Makes a record of random bases and strings of weight 3, the dearest up to it."""
    import cirq
    import numpy as np

    from quantum_advantage.core.bits import pack_bits
    from quantum_advantage.core.pauli import PauliStrings, random_letters
    from quantum_advantage.measurements.records import ShadowRecord

    rng = np.random.default_rng(1)
    used = pack_bits(np.ones(qubits))
    size = (shots, used.size)
    x, z, outcomes = (rng.integers(0, 2**64, size, dtype=np.uint64) & used for _ in range(3))
    record = ShadowRecord(tuple(cirq.LineQubit.range(qubits)), (x, z | ~x & used), outcomes)
    return record, PauliStrings.from_letters(random_letters(questions, qubits, rng, 3))


def _shadows(compiled: bool) -> dict[str, float]:
    """Asks 10,000 strings of 10^5 shots on 50 qubits, packing included.

    The limit: each string reads six rows of bits, three bases and three outcomes, so three times
    AND of two rows and a count of ones, as a bare loop over arrays of the same size.
    """
    import numpy as np

    from quantum_advantage.inference.shadows import compiled as kernel
    from quantum_advantage.inference.shadows import packed
    from quantum_advantage.inference.shadows.expectations import expectations

    record, strings = _shadow_work(100_000, 50, 10_000)
    packed.count_compiled = kernel.count_compiled if compiled else None
    expectations(record, strings)
    rng = np.random.default_rng(2)
    rows = rng.integers(0, 2**64, (200, -(-record.shots // 64)), dtype=np.uint64)
    pairs = rng.integers(0, 200, (3 * len(strings), 2))
    if compiled:
        from numba import njit

        ones = kernel.ones

        @njit
        def count(rows, pairs):
            total = 0
            for i in range(pairs.shape[0]):
                a, b = pairs[i, 0], pairs[i, 1]
                for t in range(rows.shape[1]):
                    total += ones(rows[a, t] & rows[b, t])
            return total

        count(rows, pairs)

        def bare() -> None:
            count(rows, pairs)

    else:
        both, ones = np.empty_like(rows[0]), np.empty(rows.shape[1], dtype=np.uint8)
        listed, places = list(rows), pairs.tolist()

        def bare() -> None:
            for a, b in places:
                np.bitwise_and(listed[a], listed[b], out=both)
                np.bitwise_count(both, out=ones)

    seconds = best(lambda: expectations(record, strings), 5)
    return {"seconds": seconds, "limit": best(bare, 5), "work": record.shots * len(strings)}


def shadows_numpy() -> dict[str, float]:
    """Asking shadows with numpy alone."""
    return _shadows(compiled=False)


def shadows_compiled() -> dict[str, float]:
    """Asking shadows with the compiled kernel of the extra ``fast``."""
    return _shadows(compiled=True)


def shadow_memory() -> dict[str, float]:
    """A million shots on 100 qubits, asked 1000 strings; the memory is what counts."""
    from quantum_advantage.inference.shadows.expectations import expectations

    record, strings = _shadow_work(SHOTS, 100, 1000)
    held = sum(part.nbytes for part in (*record.bases, record.outcomes)) / 1e6
    seconds = best(lambda: expectations(record, strings), 1)
    return {"seconds": seconds, "held": held, "work": SHOTS * len(strings)}


SECTIONS = {
    "bell_table": "table of dial positions, n = 20",
    "bell_noiseless": "two-copy circuits, n = 20, noiseless",
    "bell_noisy": "two-copy circuits, n = 20, local noise",
    "stim_fixed": "stim, one fixed 40-qubit circuit",
    "stabiliser_bases": "random stabiliser bases, n = 10, sliced",
    "stim_each": "stim, the same circuits one by one",
    "copies_apart": "Bell shots of random copies, n = 20",
    "all_squares": "all 4^10 squares from 100,000 shots",
    "shadows_numpy": "10,000 strings, 10^5 shadows, n = 50, numpy",
    "shadows_compiled": "the same, compiled (extra 'fast')",
    "shadow_memory": "1000 strings, 10^6 shadows, n = 100",
    "weber": "10,000 parameter sets on virtual Weber, n = 20",
    "weber_stock": "stock noisy machine, 10,000, n = 8",
    "evolution": "two uses of an evolution, 20 qubits, depth 20",
    "chain": "two uses of an evolution, 40 qubits, depth 5",
}


def main() -> None:
    """Prints the table; with a section's name, measures that section and prints JSON."""
    if len(sys.argv) > 1:
        values = globals()[sys.argv[1]]()
        values["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        sys.stdout.write(json.dumps(values))
        return
    out = sys.stdout.write
    results = {}
    if find_spec("numba") is None:
        del SECTIONS["shadows_compiled"]
    out(f"{'one million shots':44s}{'seconds':>9s}{'limit':>9s}{'ratio':>8s}{'MiB':>7s}\n")
    for name, title in SECTIONS.items():
        text = subprocess.run(
            [sys.executable, __file__, name], capture_output=True, text=True, check=True
        ).stdout
        values = results[name] = json.loads(text)
        limit = values.get("limit")
        cells = (f"{limit:.3f}", f"{values['seconds'] / limit:.1f}") if limit else ("-", "-")
        out(f"{title:44s}{values['seconds']:9.3f}{cells[0]:>9s}{cells[1]:>8s}")
        out(f"{values['memory']:7.0f}\n")
    fixed = results["stim_fixed"]["seconds"]
    for name in ("bell_noiseless", "bell_noisy"):
        ratio = results[name]["seconds"] / fixed
        out(f"{name} / stim's compiled sampler on one fixed circuit: {ratio:.2f}")
        out(f" ({results[name]['seconds'] / results['stim_fixed']['bit packed']:.2f} bit-packed)\n")
    ratio = results["stim_each"]["seconds"] / results["stabiliser_bases"]["seconds"]
    out(f"stim one by one / sliced: {ratio:.0f}\n")
    for name in ("shadows_numpy", "shadows_compiled", "shadow_memory"):
        if name in results:
            rate = results[name]["work"] / results[name]["seconds"]
            out(f"{name}: {rate:.1e} shots x strings per second")
            held = results[name].get("held")
            out(f", the record holds {held:.0f} MB\n" if held else "\n")
    again, ratio = (
        results["weber"]["again"],
        results["weber_stock"]["seconds"] / results["weber"]["seconds"],
    )
    out(f"virtual Weber, 10,000 parameter sets once prepared: {again:.3f} s; ")
    out(f"stock machine at n = 8 / this at n = 20: {ratio:.0f}\n")
    ratio = results["evolution"]["cirq"] / results["evolution"]["seconds"]
    out(f"cirq.Simulator / this on an evolution: {ratio:.0f}\n")


if __name__ == "__main__":
    main()
