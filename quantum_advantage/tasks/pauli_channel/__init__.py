"""Learning about a Pauli channel, with and without ancillas that a quantum memory keeps.

Source: Chen, Zhou, Seif and Jiang, arXiv 2108.08488, and Chen, Oh, Zhou, Huang and Jiang, arXiv
2309.13461. Nature hides a Pauli channel of n qubits with one eigenvalue s α at a string P and 0 at
all others; the learner uses it; then two Pauli strings are revealed, in random order, and the
learner says which of them has the larger |eigenvalue| (game ``two``), or one string, and it says
whether the channel has that eigenvalue or is completely depolarising (game ``one``).

With Bell pairs, whose other halves are kept as ancillas, a use shows a sign of every string at once
and two uses are right with 1/2 + α²/4. Without ancillas every use shows signs of at most 2ⁿ - 1
strings, and the number of uses grows as 2ⁿ: see :mod:`quantum_advantage.bounds.pauli_channels`.
"""
