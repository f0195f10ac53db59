"""The venues: where the curves of an experiment run, each opened once.

At import this module needs the standard library alone.
"""

from __future__ import annotations

import os
import sys
import zlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quantum_advantage.backends.calibration_files import keep
from quantum_advantage.backends.names import SAMPLER, BackendName, read_backend
from quantum_advantage.core.usage import UsageError
from quantum_advantage.experiment.options import Options

if TYPE_CHECKING:
    import cirq
    import numpy as np
    import numpy.typing as npt

    from quantum_advantage.backends.backend import Backend


class Venues:
    """Where an experiment runs, each backend opened once."""

    def __init__(self, experiment: str, options: Options) -> None:
        self._experiment, self._options = experiment, options
        self._opened: dict[BackendName, Backend] = {}
        self._instead: dict[BackendName, BackendName] = {}

    def name(self, backend: str, circuits: bool) -> BackendName:
        """Returns where a point runs.

        Args:
            backend: Where its curve runs unless the command line names another place.
            circuits: Whether ``auto`` stands for circuits there.
        """
        name = (self._options.backend or read_backend(backend)).resolve(circuits)
        return self._instead.get(name, name)

    @property
    def engine(self) -> Backend | None:
        """The real processor, if the experiment runs on one."""
        return next((b for name, b in self._opened.items() if name.base == "engine"), None)

    @property
    def own(self) -> Backend | None:
        """The user's own sampler, if the experiment runs on one by ``sampler:MODULE:FUNCTION``."""
        name = self._options.backend
        return self._open(name) if name is not None and name.base == SAMPLER else None

    def damping(self, name: BackendName, qubits: int) -> npt.NDArray[np.float64] | None:
        """Returns the factors by which the noise of a venue is expected to damp the letters."""
        from quantum_advantage.backends.simulators.noise import local_damping

        if not (name.on_device or name.foreign):
            return local_damping(name, qubits)
        if name.base == "engine" and self._options.dry_run:
            from quantum_advantage.preflight.processors import stand_in

            name = BackendName("qvm", processor=stand_in(name.processor))
        return self._open(name).damping(qubits)

    def run_preflights(self, points: Iterable[tuple[BackendName, int]]) -> None:
        """Runs the preflight of every processor, and leaves out pairs if asked to.

        Args:
            points: Where something runs, and on how many pairs.
        """
        most: dict[BackendName, int] = {}
        for name, qubits in points:
            if name.on_device:
                most[name] = max(qubits, most.get(name, 0))
        for name, pairs in most.items():
            self._run_preflight(name, pairs)

    def keep_calibrations(self, names: Iterable[BackendName]) -> None:
        """Keeps copies of the calibration files of virtual processors beside the results.

        Args:
            names: Where something runs.

        Raises:
            ValueError: If a file is missing.
        """
        for name in names:
            if name.digest:
                keep(name.processor, name.digest, self._options.out)

    def run_chain_preflights(
        self, points: Iterable[tuple[BackendName, cirq.AbstractCircuit]]
    ) -> None:
        """Chooses the chains of pairs on every processor, and measures that of the largest circuit.

        Args:
            points: Where something runs, and circuits that couple a chain of pairs.

        Raises:
            ValueError: If a processor holds no chain so long.
        """
        largest: dict[BackendName, cirq.AbstractCircuit] = {}
        for name, circuit in points:
            if name.on_device:
                self._open(name).chain(circuit)
                before = largest.setdefault(name, circuit)
                if len(circuit.all_qubits()) > len(before.all_qubits()):
                    largest[name] = circuit
        for name, circuit in largest.items():
            self._run_chain_preflight(name, circuit)

    def hold_blocks(self, points: Iterable[tuple[BackendName, cirq.AbstractCircuit]]) -> None:
        """Chooses the blocks of every processor, before anything runs; they have no preflight.

        Args:
            points: Processors, and circuits that couple a block of a grid.

        Raises:
            ValueError: If a processor holds no such block.
        """
        for name, circuit in points:
            self._open(name).block(circuit)

    def _run_preflight(self, name: BackendName, pairs: int) -> None:
        from quantum_advantage.preflight import processors

        backend = self._open(name)
        backend.place(pairs)
        stem = self._preflight_stem(name, name.label)
        found = processors.run_preflight(backend, pairs, stem)
        flagged = int(found.outliers().sum())
        self._tell(name, stem, flagged, f"{pairs} pairs")
        if flagged and self._options.drop_outliers:
            bad = processors.outlying_qubits(backend.place(pairs), found)
            other = processors.avoiding(backend, pairs, bad)
            self._instead[name] = replace(read_backend(other.name), project=name.project)
            self._opened[self._instead[name]] = other
            del self._opened[name]

    def _run_chain_preflight(self, name: BackendName, circuit: cirq.AbstractCircuit) -> None:
        from quantum_advantage.preflight.processors import run_chain_preflight

        stem = self._preflight_stem(name, f"{name.label}_chain")
        measured = run_chain_preflight(self._open(name), circuit, stem)
        couplers = f"{len(measured.couplers)} couplers of a chain"
        self._tell(name, stem, int(measured.found.outliers().sum()), couplers)

    def _preflight_stem(self, name: BackendName, label: str) -> Path:
        stem = self._options.out / "preflight" / f"{self._experiment}_{label}"
        if name.pairs:
            stem = stem.with_name(f"{stem.name}_{zlib.crc32(str(name).encode()):08x}")
        make_folder(stem.parent, self._options.out)
        return stem

    def _tell(self, name: BackendName, stem: Path, flagged: int, measured: str) -> None:
        sys.stderr.write(f"{self._experiment}: preflight of {name.processor} in {stem}.csv")
        sys.stderr.write(f", {flagged} of {measured} stand out\n" if flagged else "\n")

    def _open(self, name: BackendName) -> Any:
        if name not in self._opened:
            from quantum_advantage.backends.opening import open_backend, open_sampler
            from quantum_advantage.preflight.processors import open_processor

            folder = self._options.out / "jobs" / self._experiment
            if name.on_device:
                self._opened[name] = open_processor(name, folder, self._options.max_minutes)
            elif name.base == SAMPLER:
                self._opened[name] = open_sampler(name)
            else:
                self._opened[name] = open_backend(name)
        return self._opened[name]


def check_folder(out: Path) -> None:
    """Refuses an output folder that could not be made or written, before anything is priced.

    Raises:
        ValueError: If the nearest folder above it that exists is none, or cannot be written.
    """
    there = next((place for place in (out, *out.parents) if place.exists()), Path())
    if not there.is_dir():
        raise _unwritable(out, f"{there} is a file")
    if not os.access(there, os.W_OK):
        raise _unwritable(out, "permission denied")


def _unwritable(out: Path, reason: str) -> UsageError:
    return UsageError(f"--out {out} must be a folder that can be written: {reason}")


def make_folder(data: Path, out: Path) -> None:
    """Makes a folder below ``--out``.

    Raises:
        ValueError: If it cannot be written.
    """
    reason = "permission denied"
    try:
        data.mkdir(parents=True, exist_ok=True)
        if os.access(data, os.W_OK):
            return
    except OSError as error:
        reason = error.strerror or str(error)
    raise _unwritable(out, reason)


def same_venue(name: BackendName, there: BackendName, any_pairs: bool) -> bool:
    """Tells whether results of one venue belong to a run on another name of it."""
    if not name.on_device:
        return replace(name, base=there.base) == there
    if any_pairs:
        name, there = replace(name, pairs=()), replace(there, pairs=())
    return str(name) == str(there)
