"""Adaptive stabiliser bases: further copies are spent only on the strings whose signs agree so far.

A stabiliser basis measures 2ⁿ - 1 strings at once. After two copies in the same basis, half of them
have two equal signs. They and the identity form a subgroup K; the other half has lost most of what
speaks for it. The third copy is measured in another basis whose group holds K, so that it spends
nothing on that other half, and the fourth in one that holds those with three equal signs.

In the form of :mod:`quantum_advantage.measurements.stabiliser` this is an update of the symmetric
matrix A (derived here; sums are mod 2). The group of A is {Xᵛ Z^(A v)}, outcome b gives the string
of v the sign (-1)^(v·b) up to a phase that depends on A and v.

Theorem. Let b₁, b₂ be the outcomes of two copies in the basis A, and c = b₁ + b₂. The signs of v
agree if c·v = 0. The group of A + c cᵀ holds exactly these strings of A's group. If b₃ is the
outcome of a copy in that basis and a the diagonal of A, the third sign of such a v agrees with the
first if d·v = 0, d = b₁ + b₃ + (a ∧ c). The group of A + c dᵀ + d cᵀ holds exactly the strings with
c·v = d·v = 0, if c and d are independent.

Proof. A string of A's group is in that of A + M if M v = 0. For M = c cᵀ that is c·v = 0, for
M = c dᵀ + d cᵀ with independent c, d it is c·v = d·v = 0. The phase of v is i^(vᵀAv - |v ∧ Av|)
with vᵀAv over the integers. Between A and A + c cᵀ, for M v = 0, the exponent differs by
w² - 2 Σ a_i c_i v_i mod 4 with w = |c ∧ v|, because the entries of A + c cᵀ are A_ij + c_i c_j
- 2 A_ij c_i c_j. As w is even, the ratio of the phases is (-1)^|a ∧ c ∧ v|. ∎

If c = 0 all signs agree, and the same basis comes again; the fourth copy then takes A + d dᵀ. If d
is 0 or c, all that agreed twice agree three times, and the third basis comes again.

The Z basis is the only unbiased basis that this form cannot change; it is measured again as it is.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from quantum_advantage.measurements.stabiliser import StabiliserBases

Words = npt.NDArray[np.uint64]


def third_bases(bases: StabiliserBases, first: Words, second: Words) -> StabiliserBases:
    """Returns the bases that hold the strings whose first two signs agree.

    Args:
        bases: The basis of the first two copies, for each of (groups,) groups of copies.
        first: (groups,) the outcomes b₁ in one word.
        second: (groups,) the outcomes b₂.

    Returns:
        (groups,) bases; a Z basis comes back as it is.

    Example:
        >>> from quantum_advantage.measurements.unbiased_bases import mutually_unbiased_bases
        >>> from quantum_advantage.measurements.stabiliser import select_bases
        >>> x_basis = select_bases(mutually_unbiased_bases(2), np.array([0]))
        >>> one, none = np.array([1], dtype=np.uint64), np.array([0], dtype=np.uint64)
        >>> third = third_bases(x_basis, one, none)  # the signs of X on qubit 0 differ: Y instead
        >>> [row.tolist() for row in third.rows]
        [[1], [0]]
    """
    c = first ^ second
    return _updated(bases, [(c, c)])


def fourth_bases(
    bases: StabiliserBases, first: Words, second: Words, third: Words
) -> StabiliserBases:
    """Returns the bases that hold the strings whose first three signs agree.

    Args:
        bases: The basis of the first two copies, for each of (groups,) groups of copies.
        first: (groups,) the outcomes b₁ in one word.
        second: (groups,) the outcomes b₂.
        third: (groups,) the outcomes b₃ in the basis of :func:`third_bases`.

    Returns:
        (groups,) bases; a Z basis comes back as it is.

    Example:
        >>> from quantum_advantage.measurements.unbiased_bases import mutually_unbiased_bases
        >>> from quantum_advantage.measurements.stabiliser import select_bases
        >>> x_basis = select_bases(mutually_unbiased_bases(2), np.array([0]))
        >>> word = [np.array([k], dtype=np.uint64) for k in range(3)]
        >>> fourth = fourth_bases(x_basis, word[0], word[1], word[2])  # c = 01, d = 10
        >>> [row.tolist() for row in fourth.rows]  # no string of the group is left
        [[2], [0]]
    """
    c = first ^ second
    diagonal = np.zeros_like(c)
    for i, row in enumerate(bases.rows):
        diagonal |= row & (np.uint64(1) << np.uint64(i))
    d = first ^ third ^ (diagonal & c)
    return _updated(bases, fourth_update(c, d))


def fourth_update(c: Words, d: Words) -> list[tuple[Words, Words]]:
    """Returns pairs (p, q) whose sum of p qᵀ is what the fourth basis adds to A.

    Args:
        c: (groups,) the vectors c in one word.
        d: (groups,) the vectors d.

    Example:
        >>> pairs = fourth_update(np.array([1, 0], np.uint64), np.array([2, 2], np.uint64))
        >>> [(p.tolist(), q.tolist()) for p, q in pairs]  # c dᵀ + d cᵀ, and d dᵀ where c = 0
        [([1, 2], [2, 2]), ([2, 0], [1, 0])]
    """
    zero = np.zeros_like(c)
    same = (d == 0) | (d == c)
    # Where only one vector counts: d dᵀ if c = 0, else c cᵀ.
    single = np.where(c == 0, d, c)
    alone = (c == 0) | same
    first = np.where(alone, single, c), np.where(alone, single, d)
    return [first, (np.where(alone, zero, d), np.where(alone, zero, c))]


def apply_update(pairs: list[tuple[Words, Words]], v: Words) -> Words:
    """Returns M v for M the sum of p qᵀ, (...) broadcast words.

    Args:
        pairs: The vectors p and q.
        v: The vectors that M acts on.

    Example:
        >>> c, d = np.array([1], np.uint64), np.array([2], np.uint64)
        >>> apply_update([(c, d), (d, c)], np.array([3], np.uint64)).tolist()
        [3]
    """
    image = np.zeros(np.broadcast_shapes(v.shape, pairs[0][0].shape), dtype=np.uint64)
    for p, q in pairs:
        image ^= p & -(np.bitwise_count(q & v) & np.uint64(1))
    return image


def _updated(bases: StabiliserBases, pairs: list[tuple[Words, Words]]) -> StabiliserBases:
    one = np.uint64(1)
    rows = []
    for i, row in enumerate(bases.rows):
        position = np.uint64(i)
        changed = row.copy()
        for p, q in pairs:
            changed ^= (q >> position << position) & -((p >> position) & one)
        rows.append(np.where(bases.hadamards == 0, changed, row))
    return StabiliserBases(tuple(rows), bases.hadamards)
