"""How a protocol is described: all that is known of it, as values in one place."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from quantum_advantage.core.naming import canonical, parse, read_options
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import whole_number

# What circuits couple: the two qubits of each pair alone; systems 2i and 2i + 2 of a line too; the
# neighbours of a block of a grid; more than that, or qubits that are reset, which no processor is
# asked to run.
Couplings = Literal["pairs", "chain", "grid", "more"]
# The options of a protocol by name, all filled in: whole numbers or floats, as their defaults are.
Options = Mapping[str, Any]


@dataclass(frozen=True)
class Option:
    """An option of a protocol, a number.

    Attributes:
        default: Its value if it is not given; its type is that of all values.
        least: The least value; None for no limit.
        most: The largest value at n qubits; None for no limit.
        choose: Of the number n of qubits and the target accuracy, or None where there is no target:
            the value that 0 stands for, or None where it depends on the target. None where 0 is a
            value as any other.
        named: Whether the full name states it even where it was not given.

    Example:
        Copies in each basis: at least one, and by default 2ⁿ of them:

        >>> times = Option(0, least=1, choose=lambda n, target: 2**n)
        >>> times.choose(3, None)
        8
    """

    default: int | float
    least: float | None = None
    most: Callable[[int], float] | None = None
    choose: Callable[[int, float | None], float | None] | None = None
    named: bool = True

    def check(self, name: str, value: float, qubits: int) -> None:
        """Refuses a value that is out of range.

        Args:
            name: The option's name, for the message.
            value: The value.
            qubits: The number n of qubits.

        Raises:
            UsageError: If the value is out of range.

        Example:
            >>> memory = Option(1, least=0, most=lambda n: n)
            >>> memory.check("memory", 2, qubits=4)
            >>> try:
            ...     memory.check("memory", 5, qubits=4)
            ... except ValueError as error:
            ...     print(error)
            memory must lie between 0 and 4, not 5
        """
        most = math.inf if self.most is None else self.most(qubits)
        if self.least is not None and not self.least <= value <= most:
            within = f"be at least {self.least}"
            if self.most is not None:
                within = f"lie between {self.least} and {most}"
            raise UsageError(f"{name} must {within}, not {value}")


@dataclass(frozen=True)
class Limits:
    """What can be played.

    Attributes:
        least_qubits: The least number n of qubits.
        circuit_qubits: The largest n that runs as circuits; None for no limit.
        exact_qubits: The largest n of the exact distribution; None for no limit.
        exact_noise: Whether the exact distribution knows noise that damps the letters of pairs.
        least_copies: The least copies of a record; None where one shot will do.
        refusal: Why it cannot be played at all, in one line; None if it can.

    Example:
        >>> from quantum_advantage.tasks.registry import load_task
        >>> limits = load_task("purity").read("bell", 4).limits
        >>> limits.circuit_qubits, limits.exact_qubits  # one state vector for each copy
        (26, 40)
    """

    least_qubits: int = 1
    circuit_qubits: int | None = None
    exact_qubits: int | None = None
    exact_noise: bool = False
    least_copies: int | None = None
    refusal: str | None = None


@dataclass(frozen=True, eq=False)
class Protocol:
    """How copies are measured, and how the record is read.

    What a measurement has to offer, and what an exact distribution returns, each task says itself.

    Attributes:
        name: The bare name.
        about: In a few lines how it measures and what it reads.
        copies_per_shot: Copies that a shot uses.
        measurement: Of the options and the number n of qubits: how to measure and to read.
        exact: Likewise the exact distribution of the same experiment; None where none is known.
        limits: What can be played; where that depends on them, of the options and n.
        options: Its options by name.
        couplings: What its circuits couple, which decides where they run.
        bounded: Whether the bound of the task is about it; where that depends on them, of the
            options.
        control: Of a control, how it differs from the task, in a word that the task knows; None of
            all others.
        guess: Of n: the expected copies for 70 % right answers, where a search begins.
        search_as: Another protocol of the task, whose exact distribution says where a search
            begins; None where its own does, or the guess.

    Example:
        >>> from quantum_advantage.tasks.registry import load_task
        >>> bell = load_task("principal_component").protocols["bell"]
        >>> bell.copies_per_shot, bell.bounded  # it needs a quantum memory: no bound is about it
        (2, False)
    """

    name: str
    about: str
    copies_per_shot: int
    measurement: Callable[[Options, int], Any]
    exact: Callable[[Options, int], Any] | None = None
    limits: Limits | Callable[[Options, int], Limits] = Limits()
    options: Mapping[str, Option] = field(default_factory=dict)
    couplings: Couplings = "more"
    bounded: bool | Callable[[Options], bool] = False
    control: str | None = None
    guess: Callable[[int], float] | None = None
    search_as: str | None = None


@dataclass(frozen=True, eq=False)
class Chosen:
    """A protocol with its options at one number of qubits: what its name says, read once.

    Attributes:
        protocol: The protocol.
        qubits: The number n of qubits.
        options: Its options, all filled in.
        name: Its full name.
        missing: The options that wait for a target; it can be looked at without, not played.

    Example:
        >>> from quantum_advantage.tasks.registry import load_task
        >>> chosen = load_task("purity").read("randomized_measurements", 4)
        >>> chosen.name, chosen.limits.circuit_qubits, chosen.bounded
        ('randomized_measurements:times=8', 26, True)
        >>> chosen.measurement().times, chosen.exact()  # no exact distribution is known
        (8, None)
    """

    protocol: Protocol
    qubits: int
    options: Options
    name: str
    missing: tuple[str, ...] = ()

    @property
    def limits(self) -> Limits:
        """What can be played."""
        limits = self.protocol.limits
        return limits if isinstance(limits, Limits) else limits(self.options, self.qubits)

    @property
    def bounded(self) -> bool:
        """Whether the bound of the task is about it."""
        bounded = self.protocol.bounded
        return bounded if isinstance(bounded, bool) else bounded(self.options)

    def measurement(self) -> Any:
        """Returns how to measure and to read."""
        return self.protocol.measurement(self.options, self.qubits)

    def exact(self) -> Any:
        """Returns the exact distribution of the same experiment; None where none is known."""
        exact = self.protocol.exact
        return None if exact is None else exact(self.options, self.qubits)


def read_protocol(
    described: Protocol, text: str, qubits: int, target: float | None = None
) -> Chosen:
    """Reads the name of a protocol, and fills in the options that depend on n or the target.

    Args:
        described: The protocol.
        text: Its name, with options or without.
        qubits: The number n of qubits.
        target: The accuracy to reach; None where none is known.

    Raises:
        UsageError: If an option or n does not fit.

    Example:
        >>> repeated = Protocol("repeated", "One copy, K times in each basis.", 1, lambda o, n: o,
        ...     options={"times": Option(0, least=1, choose=lambda n, target: 2**n)})
        >>> read_protocol(repeated, "repeated", 3).name
        'repeated:times=8'
        >>> read_protocol(repeated, "repeated:times=5", 3).measurement()
        {'times': 5}
    """
    qubits = whole_number("qubits", qubits)
    name, given = parse(text)
    defaults = {key: option.default for key, option in described.options.items()}
    values: dict[str, Any] = dict(read_options(text, defaults)[1])
    named, missing = set(), []
    for key, option in described.options.items():
        chosen = option.choose(qubits, target) if option.choose and not values[key] else values[key]
        if chosen is None:
            missing.append(key)
        elif option.named or key in given:
            values[key] = chosen
            named.add(key)
    full = canonical(name, {key: values[key] for key in named})
    read = Chosen(described, qubits, values, full, tuple(missing))
    if qubits < (least := read.limits.least_qubits):
        raise UsageError(f"qubits must be at least {least} for {name}, not {qubits}")
    for key, option in described.options.items():
        if key not in missing:
            option.check(f"{key} of {text!r}", values[key], qubits)
    return read


@dataclass(frozen=True, eq=False)
class Bound:
    """What learners without a quantum memory can reach in the games of a protocol.

    Attributes:
        largest_accuracy: p_max of a number of copies spent in a game.
        copies_for: Its inverse: the copies that an accuracy in (1/2, 1) takes at least.
        unit: What is counted, ``copies`` or ``uses``.
        learners: Whom it is about, as the subject of a sentence, ``no learner without …``.
        condition: On the systems, for the same sentence, ``if the … are …``; empty if it has none.
        holds_for: Of which systems and learners, in a few words.
        proof: Where the bound is proven.
        assumptions: What must hold of the games, in plain words.
        not_covered: What no count of right answers can show.

    Example:
        >>> from quantum_advantage.tasks.registry import load_task
        >>> bound = load_task("observables").bound_of("bell", qubits=20)
        >>> f"{bound.copies_for(0.7):.3g} {bound.unit}, {bound.holds_for}"
        '5.78e+05 copies, (I ± a·P)/2^n with a = 0.9, game two, any adaptive learner'
        >>> round(bound.largest_accuracy(bound.copies_for(0.7)), 3)
        0.7
    """

    largest_accuracy: Callable[[float], float]
    copies_for: Callable[[float], float]
    unit: str
    learners: str
    condition: str
    holds_for: str
    proof: str
    assumptions: tuple[str, ...]
    not_covered: tuple[str, ...]
