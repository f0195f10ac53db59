"""The check of the claim about dynamics on noisy processors, from the committed rows.

On every reading counts the evolutions in the right one of two groups; the reading of Bell
measurements is fixed beforehand, the mean bit, and single uses are granted the best of their
readings and a processor without noise.
"""

from __future__ import annotations

from collections import defaultdict

from quantum_advantage.claims.checking import Found, NoDataError, Setting
from quantum_advantage.core.statistics import binomial_interval
from quantum_advantage.study.kinds import estimates

EXPERIMENT = "dynamics_on_processors"
TASK = "grouping:ensemble=public"
WEBER = "qvm:weber,noise=twirled,place=circuit"
LARGEST, USES, MANY = 20, 100, 1000
SINGLE = ("moments", "complements", "collisions", "edge")
ENOUGH, MOST_SINGLE = 0.9, 0.75


def processor_groups(setting: Setting) -> Found:
    """Checks that the symmetry is found at n = 20 on the virtual Weber, by single uses not.

    Args:
        setting: Where the rows are.

    Raises:
        NoDataError: If there are no such rows.
        OSError: If the file is not there.
        ValueError: If the file holds something else, or a row is damaged.
    """
    path = setting.data / f"{EXPERIMENT}.csv"
    path.stat()
    # For each protocol, backend, number of uses and reading: right evolutions, and all.
    counts: dict[tuple[str, str, int, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for batches in estimates(EXPERIMENT, path).whole_batches().values():
        for row in (row for rows in batches.values() for row in rows):
            if (row.spec.task, row.spec.qubits) == (TASK, LARGEST):
                key = row.spec.protocol, row.spec.backend, row.copies, row.quantity
                right, size = counts[key]
                of_set = row.spec.batch_size
                counts[key] = right + round(row.value * of_set), size + of_set
    bell = counts[("bell_on_chain", WEBER, USES, "weight")]
    few, many = (
        max((counts[("single_uses", "qsim", uses, name)] for name in SINGLE), key=_share)
        for uses in (USES, MANY)
    )
    if not (bell[1] and few[1] and many[1]):
        raise NoDataError(f"no rows of {TASK} at n = {LARGEST}")
    text = f"Bell {_told(bell)}, single uses {_told(few)}; {MANY} single uses {_told(many)}"
    above = binomial_interval(*many)[0] > binomial_interval(*few)[1]
    met = _share(bell) >= ENOUGH and _share(few) <= MOST_SINGLE and above
    return Found(text, met)


def _share(counts: tuple[int, int]) -> float:
    right, size = counts
    return right / size if size else 0.0


def _told(counts: tuple[int, int]) -> str:
    low, high = binomial_interval(*counts)
    return f"{_share(counts):.3f} ({low:.3f} to {high:.3f})"
