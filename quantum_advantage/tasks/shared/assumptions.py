"""What the bounds of several tasks assume of the games, in plain words, and what they leave out.

The hypothesis that a certificate excludes: whatever happened in earlier games, each game is won
with a chance of at most p_max(T), the proven bound for the T copies spent in it. It needs games as
the theorems have them.
"""

from __future__ import annotations

# Whom most bounds are about, as the subject of what is certified.
ANYBODY = "no learner without a quantum memory, however adaptive and however powerful its computer,"
INDEPENDENT = (
    "every game had a fresh system, a fresh record and one question, the copies of a system were "
    "independent of each other, and what other protocols measured on the same systems was not used"
)
COUNTED = "all copies measured up to the answer are counted, discarded ones included"
AFTERWARDS = "the question was revealed after the measuring, by somebody honest"
TRUST = (
    "that the copies were exactly what is stated: a device may leave traces of the secret in them",
    "that copies were independent of each other and of earlier games",
    "the honesty of whoever draws the secrets and reveals the questions",
)


def if_haar_random(what: str) -> str:
    """Returns the condition of a bound on Haar-random systems.

    Args:
        what: The systems, as ``states``.
    """
    return f"if the {what} are Haar-random"


def haar_random(what: str) -> tuple[str, ...]:
    """Returns what a bound on Haar-random systems does not cover.

    Args:
        what: The systems, as ``states``.

    Example:
        >>> haar_random("states")[0]
        'learners who know that the states come from circuits, which only look random'
    """
    return (
        f"learners who know that the {what} come from circuits, which only look random",
        *TRUST,
    )
