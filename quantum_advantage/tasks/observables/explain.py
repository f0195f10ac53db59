"""The table of Bell outcomes and signs that ``quantum-advantage show`` prints."""

from __future__ import annotations

from itertools import product

import numpy as np

from quantum_advantage.core.bits import pack_bits
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.measurements.bell import bell_parity, singlet_parity


def sign_table() -> str:
    """Returns the table of Bell outcomes and signs, from the rule that the package uses.

    Example:
        >>> print(sign_table())
        a b  state   XX  YY  ZZ  SWAP
        0 0   Φ⁺    +1  -1  +1  +1
        0 1   Ψ⁺    +1  +1  -1  +1
        1 0   Φ⁻    -1  +1  +1  +1
        1 1   Ψ⁻    -1  -1  -1  -1
    """
    states = {(0, 0): "Φ⁺", (0, 1): "Ψ⁺", (1, 0): "Φ⁻", (1, 1): "Ψ⁻"}
    lines = ["a b  state   XX  YY  ZZ  SWAP"]
    letters = PauliStrings.from_text(["X", "Y", "Z"])
    for a, b in product((0, 1), repeat=2):
        outcome = pack_bits([a]), pack_bits([b])
        bits = [int(bit) for bit in bell_parity(letters.x, letters.z, *outcome)]
        bits.append(int(singlet_parity(*outcome, np.ones(1, dtype=np.uint64))))
        lines.append(f"{a} {b}   {states[a, b]}    " + "  ".join("+-"[bit] + "1" for bit in bits))
    return "\n".join(lines)
