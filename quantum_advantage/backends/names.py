"""The names of backends, checked with the standard library alone.

``qsim`` and ``stim`` name what simulates a piece of a circuit, ``law`` draws from the exact law of
the experiment without circuits, and ``auto`` stands for circuits on qsim to the n that a script
names and the law beyond. ``depolarize=p`` puts ``cirq.depolarize(p, 2)`` after every two-qubit
gate, ``readout=e`` a bit flip of probability e before every measurement.
"""

from __future__ import annotations

from dataclasses import dataclass

from quantum_advantage.names import canonical, read_options

NAMES = ("auto", "qsim", "stim", "law")
_NOISE: dict[str, float | int | str] = {"depolarize": 0.0, "readout": 0.0}
_LARGEST = {"depolarize": 15 / 16, "readout": 0.5}


@dataclass(frozen=True)
class BackendName:
    """A backend's name, read.

    Attributes:
        base: ``qsim``, ``stim``, ``law`` or ``auto``.
        depolarize: The total error probability p of ``cirq.depolarize(p, 2)``.
        readout: The probability e of a readout flip.
    """

    base: str
    depolarize: float
    readout: float

    def __str__(self) -> str:
        options = {"depolarize": self.depolarize, "readout": self.readout}
        return canonical(self.base, {key: value for key, value in options.items() if value})

    def resolve(self, circuits: bool) -> BackendName:
        """Replaces ``auto`` by ``qsim`` where circuits are to run, and by ``law`` elsewhere."""
        if self.base != "auto":
            return self
        return BackendName("qsim" if circuits else "law", self.depolarize, self.readout)


def read_backend(text: str) -> BackendName:
    """Reads a backend's name such as ``qsim:depolarize=0.01,readout=0.02``.

    Raises:
        ValueError: If the backend or an option is unknown, or a probability is out of range.
    """
    base, _, _ = text.partition(":")
    if base not in NAMES:
        raise ValueError(f"unknown backend {text!r}; choose one of {', '.join(NAMES)}")
    _, options = read_options(text, _NOISE)
    for key, value in options.items():
        if not 0 <= float(value) <= _LARGEST[key]:
            raise ValueError(f"{key} in {text!r} must lie between 0 and {_LARGEST[key]}")
    return BackendName(base, float(options["depolarize"]), float(options["readout"]))
