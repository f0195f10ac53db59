"""Observables as weighted lists of packed Pauli strings."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.usage import UsageError

Floats = npt.NDArray[np.float64]
Observable = cirq.PauliSum | cirq.PauliString
Observables = (
    PauliStrings
    | Observable
    | str
    | cirq.DensePauliString
    | Iterable[Observable]
    | Iterable[str]
    | Iterable[cirq.DensePauliString]
)
_CODES = {cirq.X: 1, cirq.Y: 2, cirq.Z: 3}


@dataclass(frozen=True, eq=False)
class Terms:
    """Observables as a list of Pauli strings with coefficients.

    Attributes:
        strings: (terms) all strings of all observables.
        coefficients: (terms,) their real coefficients.
        owners: (terms,) the number of the observable that each belongs to, not decreasing.
        observables: How many observables there are.

    Example:
        >>> terms = read_terms(PauliStrings.from_text(["XI", "-ZZ"]), cirq.LineQubit.range(2))
        >>> terms.coefficients.tolist(), terms.alone().tolist()
        ([1.0, -1.0], [True, True])
    """

    strings: PauliStrings
    coefficients: Floats
    owners: npt.NDArray[np.int64]
    observables: int

    def alone(self) -> npt.NDArray[np.bool_]:
        """Tells which terms are the only one of their observable, (terms,)."""
        return np.bincount(self.owners, minlength=self.observables)[self.owners] == 1


def list_observables(observables: object) -> list[Observable]:
    """Returns the observables as a list: one that comes alone is one.

    Raises:
        ValueError: If something in it is no observable.

    Example:
        >>> len(list_observables(cirq.Z(cirq.LineQubit(0)) * 2.0))
        1
    """
    if isinstance(observables, cirq.PauliString | cirq.PauliSum | str):
        listed: list[object] = [observables]
    elif isinstance(observables, Iterable):
        listed = list(observables)
    else:
        listed = [observables]
    found: list[Observable] = []
    for observable in listed:
        if not isinstance(observable, cirq.PauliString | cirq.PauliSum):
            raise UsageError(
                f"observable {observable!r} must be a cirq.PauliString or a cirq.PauliSum"
            )
        found.append(observable)
    return found


def pack_texts(observables: Observables) -> PauliStrings | list[Observable]:
    """Returns observables as a list; packed strings, texts and dense strings as packed ones.

    Raises:
        ValueError: If something among them is no observable.

    Example:
        >>> pack_texts("-XZ"), len(pack_texts(cirq.Z(cirq.q(0))))
        (PauliStrings(1 strings of 2 qubits: -XZ), 1)
    """
    if isinstance(observables, PauliStrings):
        return observables
    alone = isinstance(observables, Observable | str | cirq.DensePauliString)
    several = isinstance(observables, Iterable) and not alone
    found: list[Any] = list(cast("Iterable[Any]", observables)) if several else [observables]
    if found and all(isinstance(one, str) for one in found):
        return PauliStrings.from_text(found)
    if found and all(isinstance(one, cirq.DensePauliString) for one in found):
        return PauliStrings.from_cirq(found)
    return list_observables(found)


def read_terms(observables: Observables, qubits: Sequence[cirq.Qid]) -> Terms:
    """Reads observables on some qubits.

    Args:
        observables: Packed strings, texts such as ``XIYZ``, or Hermitian ``cirq.PauliString`` and
            ``cirq.PauliSum``. One string or sum that is in no list is one observable, not a list
            of its terms.
        qubits: The qubits, in the order of the letters.

    Raises:
        ValueError: If an observable is not Hermitian or acts outside the qubits.

    Example:
        >>> a, b = cirq.LineQubit.range(2)
        >>> terms = read_terms(0.5 * cirq.X(a) + 2.0 * cirq.Z(a) * cirq.Z(b), [a, b])
        >>> terms.strings.text(), terms.coefficients.tolist(), terms.observables
        (['XI', 'ZZ'], [0.5, 2.0], 1)
    """
    observables = pack_texts(observables)
    if isinstance(observables, PauliStrings):
        if observables.qubits != len(qubits):
            raise UsageError(
                f"strings act on {observables.qubits} qubits, the record has {len(qubits)}"
            )
        if (observables.phase % 2).any():
            wrong = observables[int(np.flatnonzero(observables.phase % 2)[0])].text()[0]
            raise UsageError(f"observable {wrong} must have real coefficients")
        size = len(observables)
        signs = 1.0 - observables.phase.astype(float)
        return Terms(observables, signs, np.arange(size), size)
    place = {qubit: i for i, qubit in enumerate(qubits)}
    codes, coefficients, owners, number = [], [], [], 0
    for number, observable in enumerate(observables, start=1):
        terms = [observable] if isinstance(observable, cirq.PauliString) else list(observable)
        for term in terms:
            if cirq.is_parameterized(term):
                raise UsageError(f"observable {term} must have coefficients that are numbers")
            coefficient = complex(term.coefficient)
            if abs(coefficient.imag) > 1e-9 or not math.isfinite(coefficient.real):
                raise UsageError(f"observable {term} must have real coefficients, all finite")
            row = np.zeros(len(qubits), dtype=np.uint8)
            for qubit, letter in term.items():
                if qubit not in place:
                    raise UsageError(f"{term} acts on {qubit!r}, outside the given qubits")
                row[place[qubit]] = _CODES[letter]
            codes.append(row)
            coefficients.append(coefficient.real)
            owners.append(number - 1)
    letters = np.array(codes, dtype=np.uint8).reshape(-1, len(qubits))
    return Terms(
        PauliStrings.from_letters(letters),
        np.array(coefficients, dtype=float),
        np.array(owners, dtype=np.int64),
        number,
    )


def assemble(terms: Terms, alone: Floats, together: Mapping[int, Floats]) -> Floats:
    """Puts estimates of single strings, in order, and those of sums side by side.

    Args:
        terms: The observables.
        alone: (strings, 2) estimates and errors of the strings that are observables by themselves,
            without their coefficients.
        together: (2,) the estimate and error of each sum, by its number.

    Returns:
        (observables, 2) estimates and errors.

    Example:
        >>> terms = read_terms(PauliStrings.from_text(["-X"]), cirq.LineQubit.range(1))
        >>> assemble(terms, np.array([[0.5, 0.1]]), {}).tolist()
        [[-0.5, 0.1]]
    """
    single = terms.alone()
    scale = terms.coefficients[single]
    found = np.zeros((terms.observables, 2))
    found[terms.owners[single]] = alone * np.stack([scale, np.abs(scale)], axis=1)
    for owner, row in together.items():
        found[owner] = row
    return found


def rows_of(terms: Terms, owner: int) -> npt.NDArray[np.int64]:
    """Returns the numbers of the terms of one observable.

    Example:
        >>> q = cirq.LineQubit(0)
        >>> rows_of(read_terms([cirq.X(q) * 1.0, cirq.X(q) + cirq.Z(q)], [q]), 1).tolist()
        [1, 2]
    """
    return np.arange(*np.searchsorted(terms.owners, [owner, owner + 1]))


def one_of(terms: Terms, owner: int) -> Terms:
    """Returns the terms of one observable.

    Example:
        >>> terms = read_terms(PauliStrings.from_text(["X", "Z"]), cirq.LineQubit.range(1))
        >>> one_of(terms, 1).strings.text()
        ['Z']
    """
    rows = rows_of(terms, owner)
    return Terms(terms.strings[rows], terms.coefficients[rows], np.zeros(rows.size, dtype=int), 1)


def sums_of(terms: Terms) -> list[int]:
    """Returns the numbers of the observables that have several terms.

    Example:
        >>> q = cirq.LineQubit(0)
        >>> sums_of(read_terms([cirq.X(q) * 1.0, cirq.X(q) + cirq.Z(q)], [q]))
        [1]
    """
    return np.unique(terms.owners[~terms.alone()]).tolist()
