"""Singlets among Bell outcomes of two uses of an evolution: an odd number of them is an error.

Whatever U is, U Uᵀ is symmetric and the number of singlets (11) even; see ``time_reversal``.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.pauli import Words
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.bell.squares import mean_signs
from quantum_advantage.inference.checks import check_record
from quantum_advantage.measurements.bell import singlet_parity
from quantum_advantage.measurements.records import BellRecord


def odd_singlets(system: Words, memory: Words) -> npt.NDArray[np.uint8]:
    """Returns whether the number of singlets is odd, which no evolution without noise allows.

    Args:
        system: (..., words) packed outcomes a.
        memory: (..., words) packed outcomes b.

    Returns:
        (...) bits, 1 where it is odd.

    Example:
        >>> from quantum_advantage.core.pauli import pack_bits
        >>> odd_singlets(pack_bits([[1, 0], [1, 1]]), pack_bits([[1, 0], [1, 1]])).tolist()
        [1, 0]
    """
    return singlet_parity(system, memory, np.full(system.shape[-1], ~np.uint64(0)))


def keep_even(record: BellRecord) -> BellRecord:
    """Returns the shots of a record with an even number of singlets: a free post-selection.

    Example:
        >>> from quantum_advantage.core.pauli import pack_bits
        >>> bits = pack_bits([[1, 0], [1, 1]])
        >>> keep_even(BellRecord(2, bits, bits))
        BellRecord(1 shots of 2 x 2 qubits)
    """
    check_record(record, BellRecord)
    kept = odd_singlets(record.system, record.memory) == 0
    return replace(record, system=record.system[kept], memory=record.memory[kept])


def ideal_parities(qubits: int, readout: float = 0.0) -> tuple[float, float]:
    """Returns the mean of (-1)^(number of singlets) at F = 1, for general and symmetric evolutions.

    Source: derived here. Flips turn 00 into 11 with probability e², so that the sign of a pair has
    the mean 1 - 2e², and all signs of a symmetric evolution (1 - 2e²)ⁿ. For 01 and 10 the mean is
    1 - 2e(1 - e), for 11 it is 1 - 2(1 - e)². The law of a general evolution is 2/(d(d + 1)) times
    [1 + ∏ s]/2 with s = -1 for 11 and else +1. Over a pair the means sum up to 2, and weighted with
    s to 4(1 - e)², which makes [2ⁿ + 4ⁿ(1 - e)²ⁿ]/(d(d + 1)) = [1 + d(1 - e)²ⁿ]/(d + 1).

    Args:
        qubits: The number n of qubits.
        readout: e, the probability that a bit flips.

    Example:
        >>> ideal_parities(3)
        (1.0, 1.0)
    """
    check_noise(1.0, readout)
    size = 2.0**qubits
    general = (1 + size * (1 - readout) ** (2 * qubits)) / (size + 1)
    return general, (1 - 2 * readout**2) ** qubits


def depolarised_share(
    odd: npt.NDArray[np.uint8], qubits: int, ideal: float = 1.0
) -> tuple[float, float]:
    """Estimates 1 - F, the share of shots that were lost to noise, from the odd singlets.

    Source: derived here. In a uniform outcome a pair is a singlet with probability 1/4, so the sign
    of the singlets has the mean 2⁻ⁿ; with m in the other shots it is F m + (1 - F) 2⁻ⁿ altogether.
    Without readout errors m = 1 for every evolution, and the share of odd shots is
    (1 - F)(1 - 2⁻ⁿ)/2; with them m depends on the kind of evolution, see :func:`ideal_parities`.

    Args:
        odd: (shots,) bits of :func:`odd_singlets`.
        qubits: The number n of qubits.
        ideal: m, the mean of (-1)^odd at F = 1.

    Returns:
        The estimate, without bias under this noise, and its standard error.

    Raises:
        ValueError: If ``ideal`` is not above 2⁻ⁿ, where the parity tells nothing.

    Example:
        >>> share, error = depolarised_share(np.zeros(1000, dtype=np.uint8), qubits=3)
        >>> share, round(error, 3)
        (0.0, 0.004)
    """
    background = 2.0**-qubits
    if not background < ideal <= 1:
        raise UsageError(f"ideal must lie above {background:.3g} and be at most 1, not {ideal}")
    mean, error = mean_signs(odd)
    return (ideal - mean) / (ideal - background), error / (ideal - background)


def check_noise(fidelity: float, readout: float) -> None:
    """Refuses a fidelity or a flip probability that cannot be.

    Raises:
        UsageError: If the fidelity is not in [0, 1], or the probability not in [0, 1/2].
    """
    if not 0 <= fidelity <= 1:
        raise UsageError(f"fidelity must lie in [0, 1], not {fidelity}")
    if not 0 <= readout <= 0.5:
        raise UsageError(f"readout must lie in [0, 0.5], not {readout}")
