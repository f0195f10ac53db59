"""Methods side by side on systems that were all measured: half of them to learn, half to test."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import seed_of, whole_number
from quantum_advantage.inference.generalising.frames import Grid
from quantum_advantage.inference.generalising.methods import METHODS, Related
from quantum_advantage.inference.generalising.targets import pair_correlators
from quantum_advantage.measurements.records import ShadowRecord

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Compared:
    """How far a method was off in several splits.

    Attributes:
        method: Its name.
        errors: The root mean square error against exact values, for each split.

    Example:
        >>> print(Compared("training_mean", (0.20, 0.21)))
        training_mean: 0.2050 ± 0.0071
    """

    method: str
    errors: tuple[float, ...]

    def __str__(self) -> str:
        spread = f" ± {np.std(self.errors, ddof=1):.4f}" if len(self.errors) > 1 else ""
        return f"{self.method}: {self.mean:.4f}{spread}"

    @property
    def mean(self) -> float:
        """The mean over the splits."""
        return float(np.mean(self.errors))


def neighbour_correlators(grid: Grid, correlators: Floats) -> Floats:
    """Returns (systems, bonds) of the correlators of all pairs, (systems, n, n).

    Example:
        >>> neighbour_correlators(Grid(1, 2), np.array([[[1.0, -0.6], [-0.6, 1.0]]])).tolist()
        [[-0.6]]
    """
    bonds = np.array(grid.bonds)
    return np.asarray(correlators[:, bonds[:, 0], bonds[:, 1]])


def compare_methods(
    grid: Grid,
    couplings: Floats,
    records: Sequence[ShadowRecord],
    exact: Floats,
    methods: Iterable[str] = tuple(METHODS),
    *,
    splits: int = 5,
    seed: int = 0,
) -> list[Compared]:
    """Compares methods on the correlators of neighbours; all methods meet the same splits.

    Args:
        grid: The grid.
        couplings: (systems, bonds) couplings.
        records: A record of each system; those of the half that is tested are not looked at.
        exact: (systems, bonds) exact correlators.
        methods: Names of methods.
        splits: How often the systems are divided at random into two halves.
        seed: Draws the splits; those of seed 0 are permutations of the generators 0, 1, ….

    Raises:
        UsageError: If shapes do not fit, there are less than eight systems, or a method is unknown.

    Example:
        >>> from quantum_advantage.measurements.vector_shadows import shadows_of_vectors
        >>> from quantum_advantage.systems.heisenberg import draw_couplings, ground_state
        >>> grid, couplings = Grid(2, 3), draw_couplings(2, 3, 40, seed=1)
        >>> states = [ground_state(2, 3, one) for one in couplings]
        >>> vectors = [state.vector() for state in states]
        >>> records = shadows_of_vectors(vectors, 200, np.random.default_rng(2))
        >>> exact = neighbour_correlators(grid, np.array([s.correlators() for s in states]))
        >>> best, mean = compare_methods(
        ...     grid, couplings, records, exact, ("local_kernel", "training_mean"), splits=2)
        >>> best.mean < 0.5 * mean.mean
        True
    """
    couplings = grid.check_couplings(couplings)
    systems, bonds = couplings.shape
    if exact.shape != (systems, bonds) or len(records) != systems or systems < 8:
        raise UsageError(
            f"records and exact values must be of all {systems} systems, at least 8, not "
            f"{len(records)} and {len(exact)}"
        )
    names = list(methods)
    if unknown := set(names) - set(METHODS):
        raise UsageError(f"methods must be some of {', '.join(METHODS)}, not {sorted(unknown)}")
    targets = pair_correlators(records, grid.bonds)[..., 0]
    every = tuple(range(bonds))
    found: dict[str, list[float]] = {name: [] for name in names}
    for split in range(whole_number("splits", splits, 1)):
        order = np.random.default_rng(seed_of(seed + split)).permutation(systems)
        known, new = order[: systems // 2], order[systems // 2 :]
        related = Related(grid, grid.bonds, couplings[known], targets[known], couplings[new], every)
        for name in names:
            values = METHODS[name](related, np.random.default_rng(split)).values
            found[name].append(float(np.sqrt(((values - exact[new]) ** 2).mean())))
    return [Compared(name, tuple(errors)) for name, errors in found.items()]
