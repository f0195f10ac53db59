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
    lines = ["a b  state   XX  YY  ZZ  SWAP"]
    for row in bell_signs():
        a, b, state, *signs = row.values()
        lines.append(f"{a} {b}   {state}    " + "  ".join(f"{sign:+d}" for sign in signs))
    return "\n".join(lines)


def bell_signs() -> list[dict[str, int | str]]:
    """Returns the rows of that table: outcomes a and b, the Bell state, and four signs.

    Example:
        >>> bell_signs()[0]
        {'a': 0, 'b': 0, 'state': 'Φ⁺', 'XX': 1, 'YY': -1, 'ZZ': 1, 'SWAP': 1}
    """
    states = {(0, 0): "Φ⁺", (0, 1): "Ψ⁺", (1, 0): "Φ⁻", (1, 1): "Ψ⁻"}
    letters = PauliStrings.from_text(["X", "Y", "Z"])
    rows: list[dict[str, int | str]] = []
    for a, b in product((0, 1), repeat=2):
        outcome = pack_bits([a]), pack_bits([b])
        bits = [int(bit) for bit in bell_parity(letters.x, letters.z, *outcome)]
        bits.append(int(singlet_parity(*outcome, np.ones(1, dtype=np.uint64))))
        signs = [1 - 2 * bit for bit in bits]
        names = "a", "b", "state", "XX", "YY", "ZZ", "SWAP"
        rows.append(dict(zip(names, (a, b, states[a, b], *signs), strict=True)))
    return rows
