"""Circuits on virtual processors, and evolutions as state vectors and as chains of tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from speed.sampling import QUBITS, TABLE_AND_NUMBERS, drawn_bits, table_and_numbers
from speed.workload import Against, Peers, Prepared, Side, Workload

SETTINGS = 10_000


def _games(qubits: int, shots: int) -> tuple[Any, list[Any]]:
    """Makes a Bell request in which each shot has parameters of its own."""
    from quantum_advantage.core.pauli import random_letters
    from quantum_advantage.systems.hidden_pauli import HiddenPauli
    from quantum_advantage.tasks.observables.protocols import Bell

    rng = np.random.default_rng(1)
    letters = random_letters(shots, qubits, rng)
    system = HiddenPauli(letters, np.ones(shots, dtype=np.int8), np.full(shots, 0.9), rng)
    request = Bell().request(system, 1, rng)
    return request, [letters, *request.table]


def _weber(peers: Peers) -> Prepared:
    from quantum_advantage.backends.opening import open_backend
    from quantum_advantage.circuits.run import run

    request, inputs = _games(QUBITS, SETTINGS)

    def work() -> object:
        return run([request], open_backend("qvm:weber").make(1))

    return Prepared(inputs, Side(work), table_and_numbers(request), drawn_bits)


def _weber_stock(peers: Peers) -> Prepared:
    import cirq_google

    from quantum_advantage.backends.opening import open_backend
    from quantum_advantage.circuits.run import run

    few = 20
    request, inputs = _games(QUBITS, SETTINGS)
    engine = cirq_google.engine.create_default_noisy_quantum_virtual_machine("weber")
    stock = engine.get_sampler("weber")
    placed: Any = open_backend("qvm:weber").make(1)
    inner, kept = placed._inner, []

    class Keep:
        """Keeps the native circuits, and samples them as before."""

        def sample_table(self, native: Any) -> Any:
            kept.append(native)
            return inner.sample_table(native)

    placed._inner = Keep()
    small, _ = _games(8, few)
    run([small], placed)
    (native,) = kept
    return Prepared(
        inputs,
        Side(lambda: run([request], open_backend("qvm:weber").make(1))),
        Side(lambda: run([native], stock), units=few / SETTINGS),
        drawn_bits,
    )


def _evolution(bare: Callable[[], Any]) -> Callable[[Peers], Prepared]:
    """Compares drawing and running an evolution with another simulator on the ready circuit."""

    def prepare(peers: Peers) -> Prepared:
        import cirq

        from quantum_advantage.backends.opening import open_backend
        from quantum_advantage.circuits.request import Request, resolver_values
        from quantum_advantage.circuits.run import run
        from quantum_advantage.systems.evolutions import draw_evolutions
        from quantum_advantage.tasks.shared.evolution_requests import request_bell_uses

        seeds = iter(range(10**6))

        def fresh() -> Request:
            return request_bell_uses(draw_evolutions([True], 10, next(seeds)), 1000)

        request, backend = fresh(), open_backend("qsim")
        ready = cirq.resolve_parameters(request.circuit, resolver_values(request, 0))
        simulator = bare()
        return Prepared(
            inputs=[repr(ready)],
            work=Side(lambda: run([fresh()], backend.make(1))),
            other=Side(lambda: simulator.run(ready, repetitions=1000)),
            outcome=drawn_bits,
        )

    return prepare


def _qsim() -> Any:
    import qsimcirq

    from quantum_advantage.backends.simulators.state_vectors import qsim_options

    return qsimcirq.QSimSimulator(qsim_options(), seed=1)


def _cirq() -> Any:
    import cirq

    return cirq.Simulator(seed=1)


def _chain(peers: Peers) -> Prepared:
    from quantum_advantage.backends.opening import open_backend
    from quantum_advantage.circuits.run import run
    from quantum_advantage.systems.evolutions import draw_evolutions
    from quantum_advantage.tasks.shared.evolution_requests import request_bell_uses

    shots = 1000
    request = request_bell_uses(draw_evolutions([False], QUBITS, 11, depth=5), shots)
    backend = open_backend("qsim")
    # The bonds of this chain grow to 1024 and 256 in turn; a pair of qubits is a site of four
    # states, and every second site needs a product.
    rng = np.random.default_rng(2)
    vectors, tensor = (
        rng.normal(size=(*shape, 2)).astype(np.float32).view(np.complex64)[..., 0]
        for shape in ((shots, 256), (256, 4 * 1024))
    )
    return Prepared(
        inputs=[repr(request.circuit), *request.table],
        work=Side(lambda: run([request], backend.make(1))),
        other=Side(lambda: [vectors @ tensor for _ in range(7)]),
        outcome=drawn_bits,
    )


WORKLOADS = [
    Workload(
        name="weber",
        title="10^4 parameter sets on the virtual Weber, n = 20, from opening it",
        unit="10^4 parameter sets",
        against=Against.LIMIT,
        other=TABLE_AND_NUMBERS,
        prepare=_weber,
    ),
    Workload(
        name="weber_stock",
        title="10^4 parameter sets on the virtual Weber, n = 20, from opening it",
        unit="10^4 parameter sets",
        against=Against.PEER,
        other="Google's stock noisy machine, n = 8, native circuits",
        prepare=_weber_stock,
    ),
    Workload(
        name="evolution",
        title="two uses of an evolution, 20 qubits, depth 20, from drawing it",
        unit="one circuit of 1000 shots",
        against=Against.YARDSTICK,
        other="bare qsim on the ready circuit",
        prepare=_evolution(_qsim),
    ),
    Workload(
        name="evolution_cirq",
        title="two uses of an evolution, 20 qubits, depth 20, from drawing it",
        unit="one circuit of 1000 shots",
        against=Against.PEER,
        other="cirq.Simulator on the ready circuit",
        prepare=_evolution(_cirq),
    ),
    Workload(
        name="chain",
        title="two uses of an evolution, 40 qubits, depth 5, as a chain of tensors",
        unit="one circuit of 1000 shots",
        against=Against.LIMIT,
        other="the seven products of matrices in sampling",
        prepare=_chain,
    ),
]
