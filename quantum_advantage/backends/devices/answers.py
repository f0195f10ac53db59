"""Jobs at Google's engine, and their results: fetched as they are sent, read afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

import cirq
import duet
from cirq_google.api import v2
from cirq_google.cloud import quantum
from cirq_google.engine import util
from google.protobuf.message import DecodeError

from quantum_advantage.backends.devices.packing import Portion


class EngineHandle:
    """A job at the engine.

    Args:
        job: The engine's job.
    """

    def __init__(self, job: Any) -> None:
        """Args: ``job`` is the engine's job."""
        self._job = job

    def fetch(self, portion: Portion) -> bytes:
        """Waits for the result of the job and returns it as the service sent it.

        Args:
            portion: What the job runs.

        Raises:
            ValueError: If the service sent something else than a result.
        """
        if hasattr(self._job, "_await_result_async"):
            # The engine's own ``results`` would read the answer before it could be kept.
            answer = duet.sync(self._job._await_result_async)()  # type: ignore[attr-defined]
        else:
            # A local job has no answer but its results.
            answer = encode_results(self._job.results(), portion)
        if not isinstance(answer, quantum.QuantumResult):
            raise ValueError("the service returned no result")
        return bytes(quantum.QuantumResult.serialize(answer))

    def times(self) -> tuple[str, str]:
        """Returns when the job was created and last updated, as ISO times; empty if not known."""
        moments = self._job.create_time(), self._job.update_time()
        created, updated = (
            "" if moment is None else moment.isoformat(timespec="seconds") for moment in moments
        )
        return created, updated

    def configuration(self) -> str:
        """Returns the configuration that the job ran under, where cirq-google tells it (1.8)."""
        if not hasattr(self._job, "get_config"):
            return ""
        config = self._job.get_config()
        if config is None:
            return ""
        known = {
            "config": config.config_name,
            "run": config.run_name,
            "snapshot": config.snapshot_id,
        }
        return ", ".join(f"{name} {value}" for name, value in known.items() if value)


def encode_results(results: Sequence[cirq.Result], portion: Portion) -> quantum.QuantumResult:
    """Returns the results of a job as the service would send them.

    Args:
        results: One result for each parameter set, part by part.
        portion: What the job runs.

    Example:
        >>> from quantum_advantage.backends.devices.packing import portions_of
        >>> from quantum_advantage.circuits.request import Request
        >>> circuit = cirq.Circuit(cirq.X(cirq.GridQubit(0, 0)), cirq.measure(cirq.GridQubit(0, 0)))
        >>> (portion,) = portions_of([Request(circuit, (), (), shots=2)])
        >>> results = cirq.Simulator().run_sweep(circuit, None, repetitions=2)
        >>> raw = bytes(quantum.QuantumResult.serialize(encode_results(results, portion)))
        >>> print(*decode_results(raw, portion))
        q(0, 0)=11
    """
    whole, given = v2.result_pb2.Result(), iter(results)
    for part, circuit in zip(portion.parts, portion.circuits(), strict=True):
        sweep = list(islice(given, part.rows.size))
        v2.results_to_proto([sweep], v2.find_measurements(circuit), out=whole)
    return quantum.QuantumResult(result=util.pack_any(whole))


def decode_results(raw: bytes, portion: Portion) -> list[cirq.Result]:
    """Reads the answer of the service to a job, one result for each parameter set, part by part.

    The outcomes are in the order of each circuit's qubits, whatever the order in the answer.

    Args:
        raw: The answer, as :meth:`EngineHandle.fetch` returns it.
        portion: What the job runs.

    Raises:
        ValueError: If it cannot be read.

    Example:
        >>> from quantum_advantage.backends.devices.packing import portions_of
        >>> from quantum_advantage.circuits.request import Request
        >>> circuit = cirq.Circuit(cirq.measure(cirq.GridQubit(0, 0)))
        >>> (portion,) = portions_of([Request(circuit, (), (), shots=2)])
        >>> decode_results(b"no answer", portion)
        Traceback (most recent call last):
        ValueError: it does not decode (...)
    """
    try:
        answer = quantum.QuantumResult.deserialize(raw).result
        kind = answer.type_url.rpartition("/")[2]
        if kind not in ("cirq.google.api.v2.Result", "cirq.api.google.v2.Result"):
            raise ValueError(f"it is of the type {kind!r}")
        sweeps = v2.result_pb2.Result.FromString(answer.value).sweep_results
        circuits = portion.circuits()
        if len(sweeps) != len(circuits):
            raise ValueError(f"it holds {len(sweeps)} sweeps, not {len(circuits)}")
        results = [
            result
            for sweep, circuit in zip(sweeps, circuits, strict=True)
            for found in v2.results_from_proto(
                v2.result_pb2.Result(sweep_results=[sweep]), v2.find_measurements(circuit)
            )
            for result in found
        ]
        # Outcomes are made when they are first looked at.
        for result in results:
            _ = result.measurements
    except (DecodeError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise ValueError(f"it does not decode ({reason})") from error
    return results
