"""After how many shots a record is answered. Standard library alone."""

from __future__ import annotations

SMALL = (1, 2, 3, 5, 7, 10, 14, 20)
SHARES = (1 / 8, 1 / 4, 0.42, 0.49, 0.53, 0.57, 0.61, 0.67, 0.8, 1.0)


def shots_played(budget: int, copies_per_shot: int) -> list[int]:
    """Returns the numbers of shots after which a record of this budget is answered.

    The first budget of a ladder is about 1.75 times the expected sample complexity, so the grid is
    fine around 0.57 of the budget and coarse elsewhere.

    Args:
        budget: Copies per record.
        copies_per_shot: Copies that a shot uses.

    Example:
        >>> shots_played(16, copies_per_shot=2)
        [1, 2, 3, 5, 7, 8]
    """
    most = budget // copies_per_shot
    if most <= SMALL[-1]:
        return sorted({shots for shots in SMALL if shots <= most} | {most})
    return sorted({round(most * share) for share in SHARES})
