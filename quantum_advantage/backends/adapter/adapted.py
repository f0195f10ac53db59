"""Anybody's ``cirq.Sampler`` as a sampler of requests.

Shots of one parameter set come back in an order that says nothing: cirq-ionq returns histograms,
sorted by outcome. Given the parameters, the shots are exchangeable, so that given their histogram
every order is equally likely. They are put into an order drawn anew, whose seed does not depend on
outcomes; then the law of the shots is exactly that of a service that keeps the order. Left sorted,
the first of several games would get all the zeros.
"""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence

import cirq
import numpy as np
import sympy

from quantum_advantage.backends.adapter.compiling import Compiler
from quantum_advantage.backends.adapter.form import (
    KEY,
    Bits,
    ServiceForm,
    service_form,
    unmeasured,
)
from quantum_advantage.backends.adapter.packing import Price, ServiceLimits, packed, price_of
from quantum_advantage.circuits.request import Dial, Request, position_type, resolver_values
from quantum_advantage.circuits.results import read_results
from quantum_advantage.circuits.sweeps import Part, TableSampler, assembled, sweep_of
from quantum_advantage.core.bits import Words, unpack_bits
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import kind_of, whole_number

# Circuits without symbols, and the repetitions of each, to one result for each.
Batch = Callable[[list[cirq.Circuit], int], Iterable[object]]
# What cirq-superstaq 0.5.70 warns of before it rounds mitigated counts.
_MITIGATED = ".*contain (fractional|negative) values.*"


class AdaptedSampler(TableSampler):
    """Runs requests on a sampler of another package, in the form and the jobs that it takes.

    Args:
        sampler: The sampler.
        compiler: Compiles circuits for it; None if it takes any gates, with symbols in them.
        line: Its qubits, in the order in which circuits are put on them; by default line qubits.
        batch: Sends many circuits in one job, where the sampler cannot.
        limits: What it takes.
        measure: Whether circuits carry their measurement. Some services measure all qubits without
            being told and take no measurement gate: cirq-aqt 1.7.
        seed: Draws the order of the shots of each parameter set.

    Raises:
        UsageError: If an argument does not fit.

    Example:
        >>> a, b = cirq.GridQubit.rect(1, 2)
        >>> circuit = cirq.Circuit(cirq.X(a), cirq.measure(b, key="b"), cirq.measure(a, key="a"))
        >>> adapted = AdaptedSampler(cirq.Simulator(), compiler=Compiler(cirq.CZTargetGateset()))
        >>> adapted.run(circuit, repetitions=3).measurements["a"].ravel().tolist()
        [1, 1, 1]
    """

    def __init__(
        self,
        sampler: cirq.Sampler,
        *,
        compiler: Compiler | None = None,
        line: Sequence[cirq.Qid] | None = None,
        batch: Batch | None = None,
        limits: ServiceLimits | None = None,
        measure: bool = True,
        seed: int = 0,
    ) -> None:
        """See the class."""
        if isinstance(sampler, type) or not callable(getattr(sampler, "run_sweep", None)):
            raise UsageError(
                f"sampler must be a cirq.Sampler, which has a method run_sweep, not {sampler!r}"
            )
        if batch is not None and not callable(batch):
            raise UsageError(f"batch must be a function, not a {kind_of(batch)}")
        if line is not None and len(set(line)) != len(line):
            raise UsageError(f"line must be different qubits, not {', '.join(map(str, line))}")
        self._sampler, self._compiler, self._batch = sampler, compiler, batch
        self._line = None if line is None else tuple(line)
        self._limits = ServiceLimits() if limits is None else limits
        self._measure = measure
        own = getattr(type(sampler), "run_batch", cirq.Sampler.run_batch)
        self._batches = own is not cirq.Sampler.run_batch
        self._sweeps = batch is None and compiler is None and measure
        many = self._limits.circuits_per_job
        if many > 1 and not (self._sweeps or batch or self._batches):
            raise UsageError(
                f"circuits_per_job={many} of compiled circuits needs batch=, since "
                f"{kind_of(sampler)} has no run_batch of its own"
            )
        self._seed = seed

    def price(self, request: Request) -> Price:
        """Returns what a request will take, and sends nothing.

        Raises:
            UsageError: If it is more than the limits allow.

        Example:
            >>> circuit = cirq.Circuit(cirq.measure(cirq.LineQubit(0), key="m"))
            >>> print(AdaptedSampler(cirq.Simulator()).price(Request(circuit, (), (), shots=50)))
            1 job, 1 circuit, 50 shots
        """
        return price_of(packed(request, self._limits))

    def sample_table(self, request: Request) -> dict[str, Words]:
        """Runs every shot of a request.

        Args:
            request: What to run.

        Returns:
            For each measurement key the packed outcomes, (shots, words).

        Raises:
            UsageError: If the request does not fit the limits, a circuit cannot be compiled, or the
                service returns something else than was requested.
        """
        form = service_form(request.circuit, self._line)
        most = self._limits.qubits
        if most is not None and form.width > most:
            raise UsageError(f"circuit has {form.width} qubits, and the service takes {most}")
        if not request.shots:
            return assembled(request, ())
        jobs = packed(request, self._limits)
        table = b"".join(np.ascontiguousarray(column).tobytes() for column in request.table)
        rng = np.random.default_rng([self._seed, zlib.crc32(table), request.shots])
        return assembled(request, ((job, self._outcomes(form, job, rng)) for job in jobs))

    def _outcomes(
        self, form: ServiceForm, job: Part, rng: np.random.Generator
    ) -> Mapping[str, Bits]:
        """Sends one job; returns for each key its outcomes, (points, repetitions, width)."""
        points, repetitions = job.rows.tolist(), job.members.shape[1]
        with warnings.catch_warnings():
            warnings.filterwarnings("error", message=_MITIGATED)
            try:
                asked: list[dict[str, float]]
                results: object
                if self._sweeps:
                    asked = [resolver_values(job.request, point) for point in points]
                    sweep = sweep_of(job.request, points)
                    results = self._sampler.run_sweep(form.circuit, sweep, repetitions)
                else:
                    asked = [{} for _ in points]
                    circuits = [self._circuit(form, job.request, point) for point in points]
                    results = self._run(circuits, repetitions)
            except UserWarning as warning:
                raise UsageError(
                    f"{kind_of(self._sampler)} returned mitigated counts, which are no outcomes of "
                    "shots; switch the mitigation off"
                ) from warning
        sender = kind_of(self._sampler)
        bits = read_results(results, asked, repetitions, {KEY: form.width}, sender)[KEY]
        order = np.tile(np.arange(repetitions), (len(points), 1))
        order = rng.permuted(order, axis=1)
        return form.split(np.take_along_axis(bits, order[..., None], axis=1))

    def _circuit(self, form: ServiceForm, request: Request, shot: int) -> cirq.Circuit:
        """Returns the circuit of one shot, as the service takes it."""
        circuit = cirq.resolve_parameters(form.circuit, resolver_values(request, shot))
        if self._compiler is not None:
            circuit = self._compiler(circuit)
        return circuit if self._measure else unmeasured(circuit)

    def _run(self, circuits: list[cirq.Circuit], repetitions: int) -> object:
        if self._batch is not None:
            return _flat(self._batch(circuits, repetitions))
        if self._batches:
            return _flat(self._sampler.run_batch(circuits, repetitions=repetitions))
        return _flat(self._sampler.run_sweep(c, None, repetitions) for c in circuits)

    def check_order(self, qubits: int, shots: int = 20) -> Price:
        """Checks that the bits come back in the order of the qubits; the service runs for it.

        Qubit i is flipped in the circuits that its number i + 1 names in binary, and not in their
        complements, so that every column of outcomes spells the number of its qubit.

        Args:
            qubits: Qubits to check.
            shots: Shots of each circuit, of which the majority counts.

        Returns:
            What it took.

        Raises:
            UsageError: If a bit is in another place, or the outcomes are too noisy to tell.

        Example:
            >>> print(AdaptedSampler(cirq.Simulator()).check_order(5))
            3 jobs, 3 circuits, 60 shots
        """
        qubits, shots = whole_number("qubits", qubits, 1), whole_number("shots", shots, 1)
        words = qubits.bit_length()
        line = cirq.LineQubit.range(qubits)
        circuit = cirq.Circuit(cirq.X(q) ** sympy.Symbol(f"flip{q.x}") for q in line)
        circuit.append(cirq.Moment(cirq.measure(*line, key=KEY)))
        named = np.arange(1, qubits + 1)[None, :] >> np.arange(words)[:, None] & 1
        dial = Dial(
            "word", tuple(f"flip{q.x}" for q in line), tuple(tuple(map(float, w)) for w in named)
        )
        column = np.repeat(np.arange(words, dtype=position_type(words)), shots)
        request = Request(circuit, (dial,), (column,), shots * words)
        outcomes = unpack_bits(self.sample_table(request)[KEY], qubits)
        seen = outcomes.reshape(words, shots, qubits).mean(axis=1) > 0.5
        spelt = (seen << np.arange(words)[:, None]).sum(axis=0) - 1
        wrong = np.flatnonzero(spelt != np.arange(qubits))
        if wrong.size:
            place = int(wrong[0])
            raise UsageError(
                f"{kind_of(self._sampler)} returned in place {place} of {qubits} the outcome of "
                f"qubit {spelt[place]}, or outcomes too noisy to tell"
            )
        return self.price(request)


def _flat(results: object) -> object:
    """Returns results one by one, where each circuit has a list of its own, of one."""
    if not isinstance(results, Iterable) or isinstance(results, str | bytes | Mapping):
        return results
    return [
        one[0] if isinstance(one, Sequence) and not isinstance(one, str) and len(one) == 1 else one
        for one in results
    ]
