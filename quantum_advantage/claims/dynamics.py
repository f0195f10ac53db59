"""The check of the claim about dynamics on noisy processors, from the committed rows.

Counted are the evolutions in the right one of two groups. The reading of Bell
measurements is fixed beforehand, the mean bit, and single uses are granted the best of their
readings and a processor without noise.
"""

from __future__ import annotations

from quantum_advantage.claims.checking import Found, NoDataError, Setting, share_text
from quantum_advantage.core.statistics import binomial_interval
from quantum_advantage.study.errors import ShareKey, pooled_shares
from quantum_advantage.study.kinds import estimates
from quantum_advantage.study.spec import PointSpec

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
    batches = estimates(EXPERIMENT, path).whole_batches()
    shares = pooled_shares(
        row for numbered in batches.values() for rows in numbered.values() for row in rows
    )

    def counted(protocol: str, backend: str, uses: int, name: str) -> tuple[int, int]:
        return shares.get(ShareKey(PointSpec(TASK, protocol, LARGEST, backend), uses, name), (0, 0))

    bell = counted("bell_on_chain", WEBER, USES, "weight")
    few, many = (
        max(counted("single_uses", "qsim", uses, name) for name in SINGLE) for uses in (USES, MANY)
    )
    if not (bell[1] and few[1] and many[1]):
        raise NoDataError(f"no rows of {TASK} at n = {LARGEST}")
    text = f"Bell {share_text(*bell, 3)}, single uses {share_text(*few, 3)}; "
    text += f"{MANY} single uses {share_text(*many, 3)}"
    above = binomial_interval(*many)[0] > binomial_interval(*few)[1]
    met = bell[0] >= ENOUGH * bell[1] and few[0] <= MOST_SINGLE * few[1] and above
    return Found(text, met)
