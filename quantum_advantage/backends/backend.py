"""A backend: a name, and what makes a fresh ``cirq.Sampler`` from a seed."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.adapter.adapted import AdaptedSampler, Batch
from quantum_advantage.backends.adapter.compiling import Compiler, Gates
from quantum_advantage.backends.adapter.packing import ServiceLimits
from quantum_advantage.backends.names import NAMES, SAMPLER, read_backend
from quantum_advantage.circuits.results import is_sampler
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import kind_name, kind_of

_WORD = "[A-Za-z][A-Za-z0-9_]{0,99}"
_OPTION = rf"{_WORD}=[A-Za-z0-9_.+\-]+"
_OWN_NAME = re.compile(rf"{_WORD}(:{_OPTION}(,{_OPTION})*)?")


def _nothing_expected(pairs: int) -> None:
    """Expects nothing of the noise."""


@dataclass(frozen=True)
class Backend:
    """A place where circuits run.

    Attributes:
        name: What specs and files call it: a word, with options if wanted, as ``my_chip`` or
            ``my_chip:bias=0.1``.
        make: Makes a fresh ``cirq.Sampler`` from a seed; called once for each batch, and before
            the first one to see what it makes.
        damping: Returns for a number of pairs the factors, (pairs, 4), by which its noise is
            expected to damp the letters of a Bell measurement; None if nothing is expected.
        fingerprint: A text that changes whenever other outcomes are to be expected, for example
            the version of a device. By default ``fingerprint_of`` looks into the sampler.

    Raises:
        UsageError: If the name is not in the grammar, or ``make`` does not take a seed.

    Example:
        >>> import cirq
        >>> from quantum_advantage import Backend
        >>> backend = Backend("my_chip:bias=0.1", make=lambda seed: cirq.Simulator(seed=seed))
        >>> backend.name, type(backend.make(1)).__name__
        ('my_chip:bias=0.1', 'Simulator')
    """

    name: str
    make: Callable[[int], cirq.Sampler]
    damping: Callable[[int], npt.NDArray[np.float64] | None] = _nothing_expected
    fingerprint: str = ""

    def __post_init__(self) -> None:
        """Checks the fields."""
        _check_name(self.name)
        _check_make(self.make)
        if not callable(self.damping):
            raise UsageError(
                f"damping must be a function of the number of pairs, not {self.damping!r}"
            )
        if not isinstance(self.fingerprint, str):
            raise UsageError(f"fingerprint must be a text, not a {kind_of(self.fingerprint)}")

    @classmethod
    def from_sampler(
        cls,
        sampler: cirq.Sampler | Callable[[int], cirq.Sampler],
        name: str,
        *,
        gateset: Gates | None = None,
        line: Sequence[cirq.Qid] | None = None,
        batch: Batch | None = None,
        limits: ServiceLimits | None = None,
        measure: bool = True,
        fingerprint: str = "",
    ) -> Backend:
        """Makes a backend of anybody's ``cirq.Sampler``.

        Circuits are put on the qubits of its line, all measured together under one key, and
        compiled; equal parameter sets run together, and many circuits in a job where it takes
        them.
        ``docs/samplers.md`` says what to give for which service.

        Args:
            sampler: The sampler, or a function that makes one from a seed.
            name: What specs and files call the backend.
            gateset: Its gates: a ``cirq.CompilationTargetGateset``, or a function from a circuit to
                a circuit, such as a transformer; None if it takes any gates, and symbols in them.
            line: Its qubits in the order in which circuits are put on them; by default
                ``cirq.LineQubit`` from 0.
            batch: A function of circuits and a number of repetitions that sends them in one job and
                returns a result for each, where ``sampler.run_batch`` does not.
            limits: Circuits in a job, repetitions of a circuit, qubits, and the most jobs that a
                request may take; by default one circuit in a job, and 100 jobs.
            measure: Whether circuits carry their measurement; False for a service that measures all
                qubits anyway and refuses a measurement, as cirq-aqt 1.7 does.
            fingerprint: A text that changes whenever other outcomes are to be expected, such as the
                device and the day. By default it says the classes of sampler and gate set: what a
                client of a service holds changes with every job. A function of a seed is looked
                into as that of every backend.

        Raises:
            UsageError: If an argument does not fit.

        Example:
            >>> import cirq
            >>> from quantum_advantage import Backend, measure_bell
            >>> mine = Backend.from_sampler(
            ...     cirq.Simulator(seed=1), "mine", gateset=cirq.CZTargetGateset()
            ... )
            >>> state = cirq.Circuit(cirq.H(cirq.GridQubit(3, 4)))
            >>> measure_bell(state, mine.make(1), shots=100)
            BellRecord(100 shots of 2 x 1 qubits)
        """
        compiler = None if gateset is None else Compiler(gateset)
        adapting = Adapting(
            sampler, compiler, None if line is None else tuple(line), batch, limits, measure
        )
        if is_sampler(sampler) or isinstance(sampler, type) or not callable(sampler):
            adapting(0)
            places = "" if line is None else " ".join(map(str, line))
            fingerprint = fingerprint or f"{kind_of(sampler)} {compiler} {places}"
        return cls(name, adapting, fingerprint=fingerprint)


@dataclass(frozen=True)
class Adapting:
    """Makes an adapted sampler from a seed; see :meth:`Backend.from_sampler`."""

    sampler: cirq.Sampler | Callable[[int], cirq.Sampler]
    compiler: Compiler | None
    line: tuple[cirq.Qid, ...] | None
    batch: Batch | None
    limits: ServiceLimits | None
    measure: bool

    def __call__(self, seed: int) -> AdaptedSampler:
        """Makes it."""
        made = self.sampler
        if not is_sampler(made) and not isinstance(made, type) and callable(made):
            made = made(seed)
        return AdaptedSampler(
            made,  # type: ignore[arg-type]
            compiler=self.compiler,
            line=self.line,
            batch=self.batch,
            limits=self.limits,
            measure=self.measure,
            seed=seed,
        )


def _check_name(name: object) -> None:
    if not isinstance(name, str):
        raise UsageError(f"name of a backend must be a text, not a {kind_of(name)}")
    base = name.partition(":")[0]
    if base in ("law", "auto"):
        raise UsageError(f"backend name {name!r} is taken; give the sampler another name")
    if base in (*NAMES, SAMPLER):
        read_backend(name)
    elif not _OWN_NAME.fullmatch(name):
        raise UsageError(
            f"backend name {name!r} must be a word of letters, digits and _, with options if "
            "wanted, as my_chip or my_chip:bias=0.1"
        )


def _check_make(make: object) -> None:
    """Refuses what cannot make a sampler from a seed, as ``cirq.Simulator`` itself."""
    example = "write make=lambda seed: cirq.Simulator(seed=seed)"
    if not callable(make):
        raise UsageError(f"make must be a function of a seed, not a {kind_of(make)}; {example}")
    target: object = make
    while isinstance(target, functools.partial):
        target = target.func
    shown = kind_name(target) if isinstance(target, type) else kind_of(target)
    refused = UsageError(
        f"make must be a function whose one argument is a seed, not {shown}; {example}"
    )
    try:
        signature = inspect.signature(make)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(0)
    except TypeError:
        raise refused from None
    # The first argument of a class is rarely the seed: that of QSimSimulator holds options.
    if isinstance(target, type) and "seed" not in next(iter(signature.parameters)):
        raise refused


def make_sampler(backend: Backend, seed: int) -> cirq.Sampler:
    """Makes the sampler of a backend.

    Args:
        backend: The backend.
        seed: What it is made from.

    Raises:
        UsageError: If what ``make`` returns cannot run circuits.

    Example:
        >>> import cirq
        >>> backend = Backend("my_chip", make=lambda seed: cirq.Simulator(seed=seed))
        >>> isinstance(make_sampler(backend, 1), cirq.Sampler)
        True
    """
    made: object = backend.make(seed)
    if not is_sampler(made):
        what = "None; is its return missing?" if made is None else f"a {kind_of(made)}"
        if isinstance(made, type):
            what = f"the class {kind_name(made)}"
        raise UsageError(
            f"backend {backend.name!r}: make({seed}) must return a cirq.Sampler, but returned "
            f"{what}"
        )
    return made  # type: ignore[return-value]


def opened_as(name: str) -> str:
    """Returns the fingerprint of a backend of this package: its name says all."""
    return f"quantum_advantage {name}"


def check_own(backend: Backend) -> None:
    """Refuses a backend that bears the name of another one.

    Args:
        backend: A backend that is to play batches.

    Raises:
        UsageError: If its name is one of this package's, but this package did not open it.
    """
    taken = backend.name.partition(":")[0] in NAMES
    if taken and backend.fingerprint != opened_as(backend.name):
        raise UsageError(
            f"backend name {backend.name!r} is taken; give the sampler another name, or open the "
            "backend by this one"
        )
