"""What a task says of itself: its name, its options, and its protocols by their names."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import ClassVar

from quantum_advantage.core.naming import known_protocol, read_task_options, shortest
from quantum_advantage.core.plugins import foreign_names, load_foreign
from quantum_advantage.core.usage import UsageError
from quantum_advantage.tasks.protocol import Chosen, Couplings, Protocol, read_protocol

PROTOCOLS_GROUP = "quantum_advantage.protocols"


class DescribedTask(ABC):
    """A task with its options, and the descriptions of its protocols.

    ``str`` gives its full name. Protocols are named by strings; an unknown one, or an unknown
    option, raises a ``UsageError`` that says what would do.

    Attributes:
        NAME: The bare name of the task.
        DEFAULTS: Its options, with the values that they have if they are not given.
        options: The values of all options.

    Example:
        >>> from quantum_advantage.tasks.registry import load_task
        >>> task = load_task("purity:mixing=0.1")
        >>> str(task), task.options["depolarize"], task.protocol_names()
        ('purity:mixing=0.1', 0.0, ('bell', 'collisions', 'mutually_unbiased',
        'randomized_measurements', 'local_pauli'))
        >>> task.couplings("bell"), list(task.protocols) == list(task.protocol_names())
        ('more', True)
    """

    NAME: ClassVar[str]
    DEFAULTS: ClassVar[Mapping[str, float | int | str]] = {}

    def __init__(self, text: str) -> None:
        """Reads the task's name with its options.

        Raises:
            UsageError: If an option is unknown or out of range.
        """
        self.options = read_task_options(text, self.NAME, self.DEFAULTS)

    def __str__(self) -> str:
        return shortest(self.NAME, self.options, self.DEFAULTS)

    @abstractmethod
    def describe(self) -> Iterable[Protocol]:
        """Returns the protocols of the task, as its options want them."""

    @cached_property
    def protocols(self) -> Mapping[str, Protocol]:
        """The protocols that the task itself describes, by name."""
        return {protocol.name: protocol for protocol in self.describe()}

    def protocol_names(self) -> tuple[str, ...]:
        """Returns the names of all protocols, those of other packages last."""
        start = f"{self.NAME}."
        others = [n[len(start) :] for n in foreign_names(PROTOCOLS_GROUP) if n.startswith(start)]
        return tuple(dict.fromkeys((*self.protocols, *others)))

    def described(self, protocol: str) -> Protocol:
        """Returns the description of a protocol.

        Args:
            protocol: Its name, with options or without.

        Raises:
            UsageError: If there is none, or a package that brings it does not fit.

        Example:
            >>> from quantum_advantage.tasks.registry import load_task
            >>> load_task("purity").described("bell").copies_per_shot
            2
            >>> try:
            ...     load_task("purity").described("bel")
            ... except ValueError as error:
            ...     print(error)
            unknown protocol 'bel'; choose one of bell, ...; did you mean bell?
        """
        name = known_protocol(protocol, self.protocol_names())
        entry = f"{self.NAME}.{name}"
        if entry not in foreign_names(PROTOCOLS_GROUP):
            return self.protocols[name]
        taken = f"the protocol {name} of {self.NAME}" if name in self.protocols else None
        found = load_foreign(PROTOCOLS_GROUP, entry, taken)
        if not isinstance(found, Protocol) or found.name != name:
            raise UsageError(f"entry point {entry!r} must name a Protocol of the name {name!r}")
        return found

    def read(self, protocol: str, qubits: int, target: float | None = None) -> Chosen:
        """Reads the name of a protocol, and fills in the options that depend on n or the target.

        Args:
            protocol: Its name, with options or without.
            qubits: The number n of qubits.
            target: The accuracy to reach; None where none is known.

        Raises:
            UsageError: If there is no such protocol, or an option or n does not fit.

        Example:
            >>> from quantum_advantage.tasks.registry import load_task
            >>> chosen = load_task("purity").read("mutually_unbiased", qubits=4)
            >>> chosen.name, chosen.options["bases"]
            ('mutually_unbiased:bases=3', 3)
        """
        return read_protocol(self.described(protocol), protocol, qubits, target)

    def resolve(self, protocol: str, qubits: int, target: float = 0.7) -> str:
        """Returns the full name of a protocol: options that depend on n or the target filled in.

        Raises:
            UsageError: If there is no such protocol, or an option or n does not fit.

        Example:
            >>> from quantum_advantage.tasks.registry import load_task
            >>> [load_task("purity").resolve("randomized_measurements", n) for n in (4, 8)]
            ['randomized_measurements:times=8', 'randomized_measurements:times=64']
        """
        return self.read(protocol, qubits, target).name

    def couplings(self, protocol: str) -> Couplings:
        """Returns what the circuits of the protocol couple, which decides where they run.

        Raises:
            UsageError: If there is no such protocol.

        Example:
            >>> from quantum_advantage.tasks.registry import load_task
            >>> load_task("observables").couplings("bell")
            'pairs'
            >>> load_task("time_reversal").couplings("bell_on_chain")
            'chain'
        """
        return self.described(protocol).couplings

    def copies_per_shot(self, protocol: str, qubits: int) -> int:
        """Returns how many copies a shot of the protocol uses.

        Raises:
            UsageError: If there is no such protocol, or an option or n does not fit.

        Example:
            >>> from quantum_advantage.tasks.registry import load_task
            >>> [load_task("purity").copies_per_shot(p, 4) for p in ("bell", "collisions")]
            [2, 1]
        """
        return self.read(protocol, qubits).protocol.copies_per_shot

    def explain(self, protocol: str, qubits: int) -> str:
        """Returns in a few lines how the protocol measures and what it reads.

        Raises:
            UsageError: If there is no such protocol, or an option or n does not fit.

        Example:
            >>> from quantum_advantage.tasks.registry import load_task
            >>> print(load_task("purity").explain("bell", 4))
            Two copies in the Bell basis. The parity of the singlets (11) is the SWAP
            eigenvalue, with mean tr(ρ²): 1 for a pure state, 2^-n for I/d.
            Answer: the larger likelihood; one odd parity excludes a pure state.
        """
        return self.read(protocol, qubits).protocol.about
