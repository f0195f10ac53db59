"""Predicting observables of a hidden-Pauli state, with and without a quantum memory.

Source: Huang et al., arXiv 2112.00778. Nature hides ρ = (I + s α P)/2ⁿ; the learner measures
copies; then two Pauli strings are revealed, in random order, and the learner says which of them has
the larger |tr(Q ρ)| (game ``two``), or one string, and it says whether that string was hidden or
the system was I/2ⁿ (game ``one``).
"""
