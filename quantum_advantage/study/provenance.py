"""Where results come from: a file beside each data file, ``NAME.json`` beside ``NAME.csv``.

It keeps for every spec what ran (a digest of the circuit and a fingerprint of the sampler), and on
what it ran: versions, processor and kernels. Rows are added to earlier ones of the same spec only
if the same circuit and the same sampler made them.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from quantum_advantage.backends.backend import Backend
from quantum_advantage.backends.fingerprints import fingerprint_of, fingerprint_of_name
from quantum_advantage.backends.kernels import kernels
from quantum_advantage.core.fields import moment, moment_text, number, text, whole
from quantum_advantage.core.files import read_json, write_json
from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.spec import ID_LENGTH, Spec
from quantum_advantage.tasks.registry import load_task

PACKAGES = ("quantum-advantage", "cirq-core", "cirq-google", "numpy", "qsimcirq", "scipy", "stim")
# Clients of services, named where they are installed.
CLIENTS = ("cirq-aqt", "cirq-ionq", "cirq-pasqal", "cirq-superstaq", "iqm-client")
_DIGEST = "(?:[0-9a-f]{20}|[0-9a-f]{64})?"
_SPEC_ID = f"[0-9a-f]{{{ID_LENGTH}}}"
# A batch may take a year at most, and a file may have so many batches at most.
_MOST_SECONDS, _MOST_BATCHES = 3.2e7, 10**9


@dataclass(frozen=True)
class Origin:
    """What made the rows of a spec.

    Attributes:
        circuit: Digest of the parametrised circuit of one shot; empty for the exact distribution.
        sampler: Fingerprint of the sampler; empty for the exact distribution.

    Example:
        >>> spec = Spec("purity", "bell", 10, "law", budget=16, batch_size=50, seed=1)
        >>> origin_of(spec) == Origin(circuit="", sampler="")  # no circuit ran
        True
    """

    circuit: str
    sampler: str


@dataclass(frozen=True)
class SpecEntry:
    """What is known of the rows of one spec.

    Attributes:
        origin: What made them.
        environments: Numbers of the environments in which batches ran.
        batches: How many batches are accounted for; none if the run has only begun.
        seconds: Mean time of a batch.
        first: The day of the first of them.
        last: The day of the last of them.
        begun: When it was noted, before its first batch ran, in UTC; None in older files.

    Example:
        >>> spec = Spec("purity", "bell", 10, "law", budget=16, batch_size=50, seed=1)
        >>> provenance = Provenance()
        >>> provenance.begin({spec: 0})
        >>> provenance.add(spec, seconds=0.2)
        >>> provenance.add(spec, seconds=0.4)
        >>> entry = provenance.entries[spec.id]
        >>> entry.batches, round(entry.seconds, 2), entry.environments
        (2, 0.3, (0,))
    """

    origin: Origin
    environments: tuple[int, ...]
    batches: int
    seconds: float
    first: date
    last: date
    begun: datetime | None = None


@lru_cache
def environment() -> dict[str, str]:
    """Returns the versions, the machine and the kernels that run here.

    Example:
        >>> {"python", "numpy", "cirq-core"} <= set(environment())
        True
    """
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    for package in CLIENTS:
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return {**found, **kernels()}


@lru_cache(maxsize=1024)
def _circuit(task: str, protocol: str, qubits: int) -> str:
    return load_task(task).circuit_digest(protocol, qubits)


def sampler_of(backend: Backend | None) -> str | None:
    """Returns the fingerprint of a backend that is not known by its name alone, or None.

    A real processor is known by its name: it changes from day to day, and its jobs say when.

    Raises:
        UsageError: If the backend makes no sampler.

    Example:
        >>> import cirq
        >>> mine = Backend("mine", make=lambda seed: cirq.Simulator(seed=seed))
        >>> len(sampler_of(mine)), sampler_of(None)
        (20, None)
    """
    if backend is None or backend.name.partition(":")[0] == "engine":
        return None
    return fingerprint_of(backend)


def origin_of(spec: Spec, sampler: str | None = None) -> Origin:
    """Returns what makes the rows of a spec here and now.

    Args:
        spec: What is played.
        sampler: What :func:`sampler_of` says of the caller's own backend, if there is one.

    Raises:
        ValueError: If the spec's task, protocol or backend is unknown.

    Example:
        >>> spec = Spec("purity", "bell", 2, "qsim", budget=16, batch_size=50, seed=1)
        >>> deeper = Spec("purity", "bell", 3, "qsim", budget=16, batch_size=50, seed=1)
        >>> origin_of(spec) == origin_of(spec), origin_of(spec) == origin_of(deeper)
        (True, False)
    """
    if spec.source == "law":
        return Origin("", "")
    circuit = _circuit(spec.task, spec.protocol, spec.qubits)
    return Origin(circuit, fingerprint_of_name(spec.backend_name) if sampler is None else sampler)


@dataclass
class Provenance:
    """The provenance of one data file, in memory and, if a path is given, on disk.

    Attributes:
        path: The file; None keeps it in memory.
        entries: What is known of each spec, by its id.
        environments: The environments in which batches ran.

    Example:
        >>> import tempfile
        >>> spec = Spec("purity", "bell", 10, "law", budget=16, batch_size=50, seed=1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     provenance = Provenance(Path(folder, "mine.json"))
        ...     provenance.begin({spec: 0})
        ...     provenance.add(spec, seconds=0.2)
        ...     provenance.write()
        ...     read = read_provenance(Path(folder, "mine.json"))
        >>> read.entries == provenance.entries, read.other_kernels(spec)
        (True, {})
    """

    path: Path | None = None
    entries: dict[str, SpecEntry] = field(default_factory=dict)
    environments: list[dict[str, str]] = field(default_factory=list)

    def begin(self, specs: Mapping[Spec, int], sampler: str | None = None) -> None:
        """Compares the origin of earlier rows with the origin of new ones, and notes the latter.

        Args:
            specs: The specs of which rows are wanted, each with the number of batches found.
            sampler: What :func:`sampler_of` says of the caller's own backend, if there is one.

        Raises:
            ValueError: If something else made rows that are there, or, with a backend of the
                caller's own, if nobody knows what did.
            OSError: If the file cannot be written.
        """
        fresh = {}
        for spec, found in specs.items():
            origin, entry = origin_of(spec, sampler), self.entries.get(spec.id)
            if entry is not None:
                self._compare(spec, entry.origin, origin)
            elif not found:
                fresh[spec.id] = origin
            elif sampler is not None:
                raise UsageError(
                    f"{found} batches of {spec.protocol}, {spec.qubits} qubits on {spec.backend} "
                    f"are there, but {self.path} does not say what made them; choose another output"
                )
        if fresh:
            now = datetime.now(UTC)
            today = now.date()
            for key, origin in fresh.items():
                self.entries[key] = SpecEntry(origin, (), 0, 0.0, today, today, now)
            self.write()

    def _compare(self, spec: Spec, old: Origin, new: Origin) -> None:
        if old != new:
            changed = "circuit" if old.circuit != new.circuit else "sampler"
            raise UsageError(
                f"rows of {spec.protocol}, {spec.qubits} qubits on {spec.backend} were made by "
                f"another {changed} under the same name, says {self.path}; choose another output, "
                "or another name for the backend"
            )

    def add(self, spec: Spec, seconds: float) -> None:
        """Notes that a batch ran here; of specs whose rows were there before, nothing is noted.

        Args:
            spec: The spec.
            seconds: How long the batch took.
        """
        old = self.entries.get(spec.id)
        if old is None:
            return
        here = environment()
        if here not in self.environments:
            self.environments.append(here)
        self.entries[spec.id] = replace(
            old,
            environments=tuple(sorted({*old.environments, self.environments.index(here)})),
            batches=old.batches + 1,
            seconds=old.seconds + (seconds - old.seconds) / (old.batches + 1),
            last=datetime.now(UTC).date(),
        )

    def other_kernels(self, spec: Spec) -> dict[str, tuple[str, str]]:
        """Returns which kernels ran when rows of a spec were made and are others here.

        Args:
            spec: The spec.

        Returns:
            For each part of a library the kernel that ran first, and the one that runs here; empty
            where all are the same, or nothing is known.
        """
        entry, here = self.entries.get(spec.id), environment()
        if entry is None or not entry.environments:
            return {}
        there = self.environments[entry.environments[0]]
        return {
            part: (there[part], here[part])
            for part in kernels()
            if part in there and there[part] != here[part]
        }

    def write(self) -> None:
        """Writes the file, if there is a path, replacing the old one in one step.

        Raises:
            OSError: If it cannot be written.
        """
        if self.path is None or not self.entries:
            return
        specs = {
            key: {
                **asdict(entry.origin),
                "environments": list(entry.environments),
                "batches": entry.batches,
                "seconds": float(f"{entry.seconds:.3g}"),
                "first": entry.first.isoformat(),
                "last": entry.last.isoformat(),
                **({} if entry.begun is None else {"begun": moment_text(entry.begun)}),
            }
            for key, entry in sorted(self.entries.items())
        }
        write_json(self.path, {"environments": self.environments, "specs": specs})


def provenance_path(data: Path) -> Path:
    """Returns where the provenance of a data file is kept.

    Example:
        >>> print(provenance_path(Path("out/data/controls.csv")))
        out/data/controls.json
    """
    return data.with_suffix(".json")


def read_provenance(path: Path) -> Provenance:
    """Reads a provenance file; an empty provenance if there is none.

    Raises:
        ValueError: If it is none, or damaged.
        OSError: If it cannot be read.

    Example:
        >>> read_provenance(Path("there_is_no_such_file.json")).entries
        {}
    """
    if not path.exists():
        return Provenance(path)
    found = read_json(path, "a provenance file")
    try:
        environments = [
            {text(k, "a key"): text(v, k) for k, v in one.items()} for one in found["environments"]
        ]
        entries = {
            text(key, "a spec", _SPEC_ID): _entry(entry, len(environments))
            for key, entry in found["specs"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{path} is no provenance file: {error!r}; move it away") from None
    return Provenance(path, entries, environments)


def _entry(found: dict[str, Any], environments: int) -> SpecEntry:
    return SpecEntry(
        Origin(*(text(found[name], name, _DIGEST) for name in ("circuit", "sampler"))),
        tuple(whole(n, "environment", 0, environments - 1) for n in found["environments"]),
        whole(found["batches"], "batches", 0, _MOST_BATCHES),
        number(found["seconds"], "seconds", 0, _MOST_SECONDS),
        date.fromisoformat(found["first"]),
        date.fromisoformat(found["last"]),
        moment(found["begun"], "begun") if "begun" in found else None,
    )
