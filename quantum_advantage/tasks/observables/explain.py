"""What ``quantum-advantage show`` says of each protocol: how it measures, what it reads."""

from __future__ import annotations

from itertools import product

import numpy as np

from quantum_advantage.core.pauli import PauliStrings, pack_bits
from quantum_advantage.measurements.bell import bell_parity, singlet_parity

_BELL = """Two copies; CNOT from system to memory, H on the system, all measured.
Sign of Q in one shot: the product of the table's entries for the letters of Q.
Its mean is tr(Q ρ)²: α² for the hidden string, 0 for every other one.
Answer: the string with the larger mean sign. One noiseless shot: right with 1/2 + α²/4."""
_MODEL = """The model is trained on noiseless simulated games of few qubits, whose labels say which
string was hidden; it is told no signs, no α and no noise."""
_SINGLE = """Answer: the larger likelihood, K signs of which a are +1, with the hidden sign unknown:
ln{ [(1+α)^a (1-α)^(K-a) + (1-α)^a (1+α)^(K-a)] / 2 }."""

EXPLANATIONS = {
    "bell": _BELL,
    "bell_calibrated": "Bell measurements on a noisy processor. Product eigenstates of X, Y and Z\n"
    "go through the same circuit in the same job (shots=600 of them) and give f_X, f_Y, f_Z of\n"
    "every pair: the factors by which noise damps the mean of a string's letters there.\n"
    + _BELL.replace(
        "the string with the larger mean sign. One noiseless shot: right with 1/2 + α²/4.",
        "the larger likelihood of signs with\nmean α² Π f, the product of the measured factors.",
    ),
    "local_pauli": "One copy; a random Pauli basis on every qubit (dials basis0, basis1, …).\n"
    "A shot is a sign of Q if its basis agrees with all w letters of Q: probability 3^-w.\n"
    + _SINGLE,
    "random_clifford": "One copy; a uniformly random stabiliser basis (dials row0, row1, …).\n"
    "A shot is a sign of Q with probability 1/(2^n + 1).\n" + _SINGLE,
    "mutually_unbiased": "One copy; a random subset of the 2^n + 1 unbiased bases, each measured\n"
    "so often that the target is reached with the fewest copies (3 times at 70 %).\n"
    "Q lies in exactly one of the bases.\n" + _SINGLE,
    "mutually_unbiased_cycled": "One copy; the 2^n + 1 unbiased bases in turn, in random order.\n"
    "Q lies in exactly one of the bases.\n" + _SINGLE,
    "memory": "Two copies; Bell measurement of the first k pairs (memory:qubits=k), the other\n"
    "qubits of both copies in the same random stabiliser basis. A round is a sign of Q, of mean\n"
    "tr(Q ρ)², if the rest of Q lies in the group of that basis: about 2^-(n-k).",
    "known_question": "A control: the strings are known before anything is measured.\n"
    "One copy in the product basis of the first string.\n" + _SINGLE,
    "product_two_copy": "A control: two copies, no entanglement, in the same random Pauli basis.\n"
    "A shot is two signs of Q if its basis agrees with all letters of Q.\n" + _SINGLE,
    "different_hidden": "A control: the two copies hide different strings P and P'.\n"
    "The mean sign of Q is tr(Q ρ) tr(Q σ) = 0: nothing can be learned.\n" + _BELL,
    "local_observables": "A control: all strings have weight exactly 2; random Pauli bases.\n"
    "A shot is a sign of Q with probability 1/9, whatever n is.\n" + _SINGLE,
    "no_signal": "A control: all copies are maximally mixed.\n" + _BELL,
    "learned_symbols": "Bell measurements, read by a learned table w of letters and outcomes.\n"
    "Score of Q: the mean over the shots of the product of w[letter of Q, outcome (a, b)].\n"
    "Answer: the string with the larger score. Trained on 1 to 7 qubits.\n" + _MODEL,
    "learned_recurrent": "Bell measurements, read by a gated recurrent unit, pair by pair.\n"
    "Score of Q: the mean over the shots of what it returns after the last pair.\n"
    "Answer: the string with the larger score. Trained on 1 to 7 qubits.\n" + _MODEL,
    "learned_shuffled": "A control: learned_symbols, trained on labels in random order; 20 such\n"
    "tables, each of which reads every twentieth record.",
    "learned_product": "A control: learned_symbols on two copies that are not entangled, both in\n"
    "the same random Pauli basis: the table has letters, bases and both bits. Trained on 1 to 4\n"
    "qubits. The bound applies.\n" + _MODEL,
}


def sign_table() -> str:
    """Returns the table of Bell outcomes and signs, from the rule that the package uses."""
    states = {(0, 0): "Φ⁺", (0, 1): "Ψ⁺", (1, 0): "Φ⁻", (1, 1): "Ψ⁻"}
    lines = ["a b  state   XX  YY  ZZ  SWAP"]
    letters = PauliStrings.from_text(["X", "Y", "Z"])
    for a, b in product((0, 1), repeat=2):
        outcome = pack_bits([a]), pack_bits([b])
        bits = [int(bit) for bit in bell_parity(letters.x, letters.z, *outcome)]
        bits.append(int(singlet_parity(*outcome, np.ones(1, dtype=np.uint64))))
        lines.append(f"{a} {b}   {states[a, b]}    " + "  ".join("+-"[bit] + "1" for bit in bits))
    return "\n".join(lines)
