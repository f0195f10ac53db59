"""Fidelities with stabiliser states from single copies in random stabiliser bases.

Source: Huang, Kueng, Preskill, Nature Physics 16, 1050 (2020), with global Clifford measurements: a
shot with the outcome state |s⟩, one of a uniformly random stabiliser basis, gives the snapshot
(2ⁿ + 1)|s⟩⟨s| - I of the state.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.bell.squares import read_strings
from quantum_advantage.inference.checks import check_record, check_some
from quantum_advantage.measurements.records import StabiliserRecord
from quantum_advantage.measurements.stabiliser import stabiliser_hits

# Group elements times shots at once.
AT_ONCE = 2**18


def stabiliser_group(generators: PauliStrings) -> PauliStrings:
    """Returns all 2ⁿ products of the n generators of a stabiliser state.

    Raises:
        ValueError: Unless they are n independent, commuting strings with phases 1 or -1.

    Example:
        >>> stabiliser_group(PauliStrings.from_text(["XX", "ZZ"])).text()
        ['II', 'XX', 'ZZ', '-YY']
    """
    size = generators.qubits
    if len(generators) != size or (generators.phase % 2).any():
        raise UsageError(
            f"generators must be {size} strings with signs 1 or -1, not {generators.text()}"
        )
    group = PauliStrings.from_letters(np.zeros((1, size), dtype=np.uint8))
    for i in range(size):
        one = generators[i]
        commutes = generators.commutes_with(one)
        if not commutes.all():
            pair = one.text() + generators[int(commutes.argmin())].text()
            raise UsageError(f"generators must commute, but {' and '.join(pair)} do not")
        more = group * one
        group = PauliStrings(
            size,
            np.concatenate([group.x, more.x]),
            np.concatenate([group.z, more.z]),
            np.concatenate([group.phase, more.phase]),
        )
    if (group.weight() == 0).sum() > 1:
        raise UsageError(f"generators must be independent, not {generators.text()}")
    return group


def stabiliser_fidelity(
    record: StabiliserRecord, generators: PauliStrings | Iterable[str]
) -> tuple[float, float]:
    """Estimates the fidelity ⟨ψ|ρ|ψ⟩ with a stabiliser state.

    Source: the snapshot of the module, and |ψ⟩⟨ψ| = 2⁻ⁿ Σ g over the stabiliser group of ψ: the
    overlap |⟨s|ψ⟩|² is 2⁻ⁿ times the sum of the signs with which a shot measured elements of that
    group. The value of a shot is x = (d + 1)|⟨s|ψ⟩|² - 1, d = 2ⁿ. Its variance is a function of the
    fidelity F alone (derived here): random stabiliser bases are a 3-design (Webb, Quantum Inf.
    Comput. 16, 1379 (2016)), so that a sum over the outcomes s of ⟨s|ρ|s⟩|⟨s|ψ⟩|⁴ has the mean
    tr(ρ ⊗ ψ ⊗ ψ Σ_π π)/[(d + 1)(d + 2)] = (2 + 4F)/[(d + 1)(d + 2)] over the six permutations π.
    With the mean of x, F, that makes

        Var x = (d + 1)(2 + 4F)/(d + 2) - 1 - 2F - F²,

    at most 2 and, for d > 2, never 0. The stated error is the root of this at the estimate, brought
    into [0, 1], or at 1 where the estimate does not exclude it, over T; or of the sample's second
    moment less F², if that is larger.

    Args:
        record: The record of random stabiliser bases.
        generators: n generators of the stabiliser group of ψ, such as ``["XX", "ZZ"]``, as text or
            packed.

    Returns:
        The estimate and its standard error.

    Raises:
        ValueError: If it is not a stabiliser record, has no shots, or if the generators do not
            define a stabiliser state of its qubits.

    Example:
        >>> import cirq
        >>> from quantum_advantage.measurements.measure import measure_stabiliser_shadow
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> record = measure_stabiliser_shadow(pair, cirq.Simulator(seed=1), 4000, seed=1)
        >>> value, error = stabiliser_fidelity(record, ["XX", "ZZ"])  # exactly 1
        >>> print(f"{value:.2f} ± {error:.2f}")
        1.00 ± 0.02
    """
    check_record(record, StabiliserRecord)
    size = len(record.qubits)
    check_some(record.shots)
    group = stabiliser_group(read_strings(generators, size))
    signs = 1.0 - group.phase.astype(float)
    overlaps = np.zeros(record.shots)
    step = max(1, AT_ONCE // max(1, record.shots))
    for start in range(0, len(group), step):
        rows = slice(start, start + step)
        hits, bits = stabiliser_hits(
            group.x[rows, :1], group.z[rows, :1], record.bases, record.outcomes
        )
        overlaps += signs[rows] @ (hits * (1.0 - 2.0 * bits))
    values = (1 + 2.0**-size) * overlaps - 1
    value = float(values.mean())
    variance = max(
        _fidelity_variance(value, size), float((values**2).mean()) - min(value, 1.0) ** 2
    )
    return value, math.sqrt(variance / record.shots)


def _fidelity_variance(fidelity: float, qubits: int) -> float:
    """Returns the variance of a shot at a fidelity brought into [0, 1]."""
    size, f = 2.0**qubits, min(max(fidelity, 0.0), 1.0)
    return (size + 1) * (2 + 4 * f) / (size + 2) - 1 - 2 * f - f**2
