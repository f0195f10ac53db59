"""The names under which calibrations give their numbers, old and new, read into one form.

Google's processors have changed the names of their metrics. What cirq-google reads are those of
2021 to 2024; those of today's processors (Cirq documentation, 'Calibration metrics') it passes over
without a word, which would leave a noise model without noise. Here each quantity is read under the
first of its names that a calibration has, and handed on under the name that cirq-google reads:

====================  ==================================  ========================================
quantity              name today                          name before
====================  ==================================  ========================================
one-qubit gates       ``sq_rb_pauli_error``               ``single_qubit_rb_pauli_error_per_gate``
readout of 0, of 1    ``zero_error``, ``one_error``       ``single_qubit_p00_error``, ``..p11..``;
                                                          ``parallel_p00_error``, ``..p11..``
CZ                    ``cz_inferred_gate_error_pauli``    ``two_qubit_parallel_cz_gate_xeb_pauli..``
Sycamore, √iSWAP      (no longer native)                  ``two_qubit_parallel_.._xeb_pauli..``;
                                                          ``two_qubit_.._xeb_pauli..``
T₁                    (not published)                     ``single_qubit_idle_t1_micros``
====================  ==================================  ========================================

Errors of gates are Pauli errors. That of today's CZ is of the gate alone ('inferred'); the old ones
are per cycle, which holds a layer of one-qubit gates too. Both are taken as the gate's, as Google's
noise model takes the old ones. Where T₁ is unknown the qubit does not decay between gates, and the
whole error of a gate is depolarising.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import cirq
import cirq_google
from cirq_google.engine.calibration_to_noise_properties import noise_properties_from_calibration

from quantum_advantage.core.fields import shown
from quantum_advantage.core.usage import UsageError

# Targets of a metric, and its values there.
Metric = Mapping[tuple[Any, ...], Sequence[Any]]

ONE_QUBIT = "single_qubit_rb_pauli_error_per_gate"
READ_0, READ_1 = "single_qubit_p00_error", "single_qubit_p11_error"
T1, INCOHERENT = "single_qubit_idle_t1_micros", "single_qubit_rb_incoherent_error_per_gate"
_XEB = "_gate_xeb_pauli_error_per_cycle"
_CZ, _SYC, _SQRT_ISWAP = (f"two_qubit_parallel_{gate}" for gate in ("cz", "sycamore", "sqrt_iswap"))
TWO_QUBIT = tuple(f"{gate}{_XEB}" for gate in (_CZ, _SYC, _SQRT_ISWAP))
_ANGLES = tuple(
    f"{gate}_gate_xeb_entangler_{angle}_error_per_cycle"
    for gate in (_CZ, _SYC, _SQRT_ISWAP)
    for angle in ("theta", "phi")
)
# For each name that cirq-google reads, the names in the order in which they are looked for.
NAMES: Mapping[str, tuple[str, ...]] = {
    ONE_QUBIT: ("sq_rb_pauli_error", ONE_QUBIT),
    READ_0: ("zero_error", READ_0, "parallel_p00_error"),
    READ_1: ("one_error", READ_1, "parallel_p11_error"),
    f"{_CZ}{_XEB}": ("cz_inferred_gate_error_pauli", f"{_CZ}{_XEB}", f"two_qubit_cz{_XEB}"),
    f"{_SYC}{_XEB}": (f"{_SYC}{_XEB}", f"two_qubit_sycamore{_XEB}"),
    f"{_SQRT_ISWAP}{_XEB}": (f"{_SQRT_ISWAP}{_XEB}", f"two_qubit_sqrt_iswap{_XEB}"),
    T1: (T1,),
    INCOHERENT: (INCOHERENT,),
    **{name: (name,) for name in _ANGLES},
}
# What the errors of two-qubit gates are called first of all.
GATE_ERRORS = tuple(NAMES[name][0] for name in TWO_QUBIT)
# A time that is not known, or not limited, in nanoseconds: cirq-google writes it so.
FOR_EVER = 1e10
# The most names that are listed in a message.
_LISTED = 8


@dataclass(frozen=True, eq=False)
class Metrics:
    """What is read of a calibration.

    Attributes:
        values: For each name that cirq-google reads and each of its targets the value: Pauli errors
            and probabilities, angles in radians, T₁ in microseconds.
        unusable: A line for each value that cannot be what its name says; it is left out.
        names: All names of the calibration.

    Example:
        >>> q = cirq.GridQubit(0, 0)
        >>> read = read_metrics({"zero_error": {(q,): [0.01]}, "one_error": {(q,): [-1]}})
        >>> read.values["single_qubit_p00_error"]
        {(cirq.GridQubit(0, 0),): 0.01}
        >>> read.unusable
        ('one_error of q(0, 0) is -1 and must be a number from 0 to 1',)
        >>> check_complete(read, "chip")
        Traceback (most recent call last):
        quantum_advantage.core.usage.UsageError: the calibration of chip holds nothing under ...
    """

    values: Mapping[str, Mapping[tuple[cirq.GridQubit, ...], float]] = field(repr=False)
    unusable: tuple[str, ...]
    names: tuple[str, ...]

    def couplers(self) -> list[tuple[cirq.GridQubit, ...]]:
        """Returns the sorted couplers with all errors that a Bell measurement needs."""
        known = self.qubits()
        pairs = {tuple(sorted(p)) for name in TWO_QUBIT for p in self.values.get(name, ())}
        return sorted(pair for pair in pairs if known >= set(pair))

    def qubits(self) -> set[cirq.GridQubit]:
        """Returns the qubits with errors of their gates and of their readout."""
        one, zeros, ones = (self.values.get(n, {}).keys() for n in (ONE_QUBIT, READ_0, READ_1))
        return {qubit for (qubit,) in one & zeros & ones}

    def noise_properties(
        self, gate_times_ns: dict[type[cirq.Gate], float] | Literal["legacy"]
    ) -> cirq_google.GoogleNoiseProperties:
        """Returns the properties of Google's noise model.

        Args:
            gate_times_ns: The duration of each gate, or ``legacy`` for those of Sycamore chips.
        """
        metrics: Any = {
            name: {target: [value] for target, value in found.items()}
            for name, found in self._completed().items()
        }
        return noise_properties_from_calibration(
            cirq_google.Calibration(metrics=metrics), gate_times_ns=gate_times_ns
        )

    def _completed(self) -> dict[str, dict[tuple[cirq.GridQubit, ...], float]]:
        """Returns the values, with a relaxation time and an incoherent error of every qubit."""
        found = {name: dict(values) for name, values in self.values.items()}
        qubits = {q for name in (ONE_QUBIT, *TWO_QUBIT) for t in found.get(name, ()) for q in t}
        timeless = dict.fromkeys([(q,) for q in sorted(qubits)], FOR_EVER / 1000)
        found[T1] = timeless | found.get(T1, {})
        # An incoherent error of 0 stands for no dephasing.
        found[INCOHERENT] = dict.fromkeys(found[T1], 0.0) | found.get(INCOHERENT, {})
        return found


def read_metrics(calibration: Mapping[str, Metric]) -> Metrics:
    """Reads the numbers of a calibration, under whichever names it has them.

    A value that is no number (NaN) stands for what was not measured, and is left out.

    Args:
        calibration: A ``cirq_google.Calibration`` or what it is made of: for each name the targets
            and their values, of which the first counts.

    Example:
        >>> old = cirq_google.engine.load_median_device_calibration("rainbow")
        >>> len(read_metrics(old).couplers())
        32
    """
    values: dict[str, dict[tuple[cirq.GridQubit, ...], float]] = {}
    unusable: list[str] = []
    for standard, names in NAMES.items():
        name = next((name for name in names if name in calibration), None)
        if name is None:
            continue
        kept: dict[tuple[cirq.GridQubit, ...], float] = {}
        for target, found in calibration[name].items():
            try:
                value = _value(name, standard, target, found)
            except ValueError as error:
                unusable.append(str(error))
                continue
            if value is not None:
                kept[target] = value
        values[standard] = kept
    unusable += _drop_impossible(values)
    return Metrics(values, tuple(unusable), tuple(map(str, calibration)))


def check_complete(metrics: Metrics, name: str) -> None:
    """Refuses a calibration without a single coupler on which a Bell measurement is known.

    Args:
        metrics: What was read of it.
        name: Whose it is.

    Raises:
        UsageError: If a quantity is missing; it names those that were found, and those needed.
    """
    if metrics.couplers():
        return
    needed = {
        "the errors of one-qubit gates": (ONE_QUBIT,),
        "the errors of reading 0": (READ_0,),
        "the errors of reading 1": (READ_1,),
        "the errors of a two-qubit gate": TWO_QUBIT,
    }
    missing = [
        f"{what} (as {NAMES[standards[0]][0]})"
        for what, standards in needed.items()
        if not any(metrics.values.get(standard) for standard in standards)
    ]
    if not missing:
        raise UsageError(
            f"the calibration of {name} has no coupler whose gate and both qubits are known: its "
            "two-qubit errors are of other qubits than the rest"
        )
    raise UsageError(
        f"the calibration of {name} holds nothing under names that are known here for "
        f"{', '.join(missing)}; it has {listed(metrics.names)}"
    )


def listed(names: Sequence[str]) -> str:
    """Returns the names of a calibration for a message, the first of them if they are many.

    Example:
        >>> listed([]), listed(["t1", "t2"])
        ('nothing', 't1, t2')
    """
    first = ", ".join(shown(name).strip("'") for name in names[:_LISTED]) or "nothing"
    return first + (f" and {len(names) - _LISTED} more" if len(names) > _LISTED else "")


def _value(name: str, standard: str, target: Any, found: Any) -> float | None:
    """Returns a value; None if it was not measured.

    Raises:
        ValueError: If it cannot be what its name says; it says so in one line.
    """
    where = f"{name} of {' and '.join(map(str, target)) or 'no qubit'}"
    width = 2 if standard.startswith("two_qubit") else 1
    is_grid = all(isinstance(q, cirq.GridQubit) for q in target)
    if not is_grid or len(set(target)) != width or len(target) != width:
        raise ValueError(f"{where} must be of {width} qubit{'s' * (width > 1)} of a grid")
    if width == 2 and not target[0].is_adjacent(target[1]):
        raise ValueError(f"{where} must be of two neighbours on the grid")
    try:
        value = float(found[0])
    except (TypeError, ValueError, IndexError, OverflowError):
        raise ValueError(f"{where} is no number") from None
    if math.isnan(value):
        return None
    low, high = _range(standard)
    if not low <= value <= high:
        raise ValueError(f"{where} is {value:.6g} and must be a number from {low:g} to {high:g}")
    return value


def _range(standard: str) -> tuple[float, float]:
    if standard in _ANGLES:
        return -2 * math.pi, 2 * math.pi
    return (1e-6, 1e9) if standard == T1 else (0.0, 1.0)


def _drop_impossible(
    values: dict[str, dict[tuple[cirq.GridQubit, ...], float]],
) -> Iterator[str]:
    """Takes out what no single value shows: readouts that are wrong more often than not at all."""
    zeros, ones = values.get(READ_0, {}), values.get(READ_1, {})
    for target in sorted(zeros.keys() & ones.keys()):
        total = zeros[target] + ones[target]
        if total > 1:
            del zeros[target], ones[target]
            yield (
                f"the readout errors of {target[0]} add up to {total:.6g}, and must to at most 1"
            )
    for name in TWO_QUBIT:
        found = values.get(name, {})
        for target in sorted(found):
            other = found.get((target[1], target[0]))
            if other is not None and target < target[::-1] and other != found[target]:
                del found[target], found[target[::-1]]
                yield f"{name} of {target[0]} and {target[1]} comes twice, with two values"
