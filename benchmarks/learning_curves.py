"""Errors of predicted ground states against training systems, copies of each, and sites.

    python benchmarks/learning_curves.py [systems] [copies] [quantities] [sizes] [chains]

Prints the tables of docs/generalising.md, by default all. All states are exact: Heisenberg models
on grids, and transverse-field Ising chains by free fermions. Errors are root mean squares against
exact values of new systems. Intervals are 95 % of resampled training sets and test systems, slopes
those of straight lines through logarithms. Takes some fifteen minutes of one core. ``chains`` needs
the extra of that name.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tables import print_tables

from quantum_advantage.core.statistics import interval
from quantum_advantage.inference.generalising.frames import Grid, Pair, Shape, pair_frames
from quantum_advantage.inference.generalising.local_kernel import choose_settings, fit_local_kernel
from quantum_advantage.inference.generalising.quantities import PairPurity
from quantum_advantage.inference.generalising.targets import pair_correlators
from quantum_advantage.measurements.records import ShadowRecord
from quantum_advantage.measurements.tensor_shadows import shadow_of_tensors
from quantum_advantage.measurements.vector_shadows import shadows_of_vectors
from quantum_advantage.systems.heisenberg import draw_couplings, ground_state
from quantum_advantage.systems.ising_chain import (
    MOST_IN_VECTOR,
    IsingChain,
    ground_tensors,
    ground_vector,
)

Floats = npt.NDArray[np.float64]

SEED = 2026
COPIES = 500
TESTED = 100
MOST_SETS = 8
SQUARE = Grid(4, 4)
SYSTEMS = (5, 10, 20, 50, 100, 200, 400)
DEEP = (50, 100, 200, 500, 1000, 2000, 5000)
DEEP_SYSTEMS, DEEP_SETS = 20, 2
FOR_ALL, SETS_FOR_ALL = 100, 2
GRIDS = ((2, 3), (2, 4), (3, 4), (4, 4), (4, 5))
LENGTHS = (10, 16, 30, 60, 100)
OF_SIZE, SETS_OF_SIZE, TESTED_OF_SIZE = 40, 2, 60
# The coupling of a chain is uniform up to this, in units of the field: the gap is 0.2 at least.
STRONGEST = 0.9
RESAMPLES = 1000
FAR = 4


@dataclass(frozen=True, eq=False)
class Errors:
    """Mean squares over the pairs of a system.

    Attributes:
        squares: (training sets, test systems).
    """

    squares: Floats

    @property
    def error(self) -> float:
        """The root mean square."""
        return float(np.sqrt(self.squares.mean()))

    def resampled(self, chosen: npt.NDArray[np.int64], rng: np.random.Generator) -> float:
        """The root mean square of chosen test systems, with training sets drawn again."""
        sets = rng.integers(len(self.squares), size=len(self.squares))
        return float(np.sqrt(self.squares[sets][:, chosen].mean()))

    def __str__(self) -> str:
        rng = np.random.default_rng(0)
        tested = self.squares.shape[1]
        samples = [self.resampled(rng.integers(tested, size=tested), rng) for _ in range(RESAMPLES)]
        low, high = interval(samples)
        return f"{self.error:.4f} ({low:.4f} to {high:.4f})"


def slope(x: Sequence[float], curve: Sequence[Errors], *, same_tests: bool = True) -> str:
    """The slope of log error against log x, with its interval.

    Args:
        x: Where the errors stand.
        curve: The errors.
        same_tests: Whether all points have the same test systems.
    """

    def fitted(errors: Sequence[float]) -> float:
        return float(np.polyfit(np.log(x), np.log(errors), 1)[0])

    rng = np.random.default_rng(0)
    samples = []
    for _ in range(RESAMPLES):
        chosen = [rng.integers(e.squares.shape[1], size=e.squares.shape[1]) for e in curve]
        if same_tests:
            chosen = [chosen[0]] * len(curve)
        samples.append(fitted([e.resampled(c, rng) for e, c in zip(curve, chosen, strict=True)]))
    low, high = interval(samples)
    return f"{fitted([e.error for e in curve]):.3f} ({low:.3f} to {high:.3f})"


@dataclass(frozen=True, eq=False)
class Family:
    """Systems of one grid: the first were measured, all are known exactly.

    Attributes:
        grid: The grid.
        couplings: (systems, bonds) couplings of all systems.
        exact: (systems, n, n) exact correlators.
        records: The records of the first systems.
        energies: (systems,) exact energies.
    """

    grid: Grid
    couplings: Floats
    exact: Floats
    records: list[ShadowRecord]
    energies: Floats

    def of_pairs(self, pairs: Sequence[Pair]) -> Floats:
        """(systems, pairs) exact correlators."""
        chosen = np.array(pairs)
        return np.asarray(self.exact[:, chosen[:, 0], chosen[:, 1]])


def heisenberg(grid: Grid, measured: int, tested: int, copies: int) -> Family:
    """Draws systems with couplings uniform in [0, 2], and measures the first of them."""
    couplings = draw_couplings(grid.rows, grid.columns, measured + tested, SEED)
    rng = np.random.default_rng([SEED, grid.sites])
    exact, energies, records = [], [], []
    for number, one in enumerate(couplings):
        state = ground_state(grid.rows, grid.columns, one)
        exact.append(state.correlators())
        energies.append(state.energy)
        if number < measured:
            records += shadows_of_vectors([state.vector()], copies, rng)
    return Family(grid, couplings, np.array(exact), records, np.array(energies))


def ising(length: int, measured: int, tested: int, copies: int) -> Family:
    """Draws chains with couplings uniform in [0, 0.9] and a field of 1, and measures the first."""
    rng = np.random.default_rng([SEED, length])
    couplings = rng.uniform(0, STRONGEST, (measured + tested, length - 1))
    chains = [IsingChain.ground(one) for one in couplings]
    if length <= MOST_IN_VECTOR:
        vectors = np.array([ground_vector(one) for one in couplings[:measured]])
        records = shadows_of_vectors(vectors, copies, rng)
    else:
        tensors = (ground_tensors(one) for one in couplings[:measured])
        records = [shadow_of_tensors(one, copies, rng) for one in tensors]
    exact = np.array([chain.correlators() for chain in chains])
    energies = np.array([chain.energy for chain in chains])
    return Family(Grid(1, length), couplings, exact, records, energies)


def predictions(
    family: Family, pairs: Sequence[Pair], targets: Floats, sets: Sequence[range]
) -> Iterator[Floats]:
    """Yields for each set of training systems (tested, pairs) values of those not measured.

    Args:
        family: The systems.
        pairs: All pairs of one shape.
        targets: (measured, pairs) what records say.
        sets: Numbers of training systems.
    """
    frames = pair_frames(family.grid, tuple(pairs))
    features = frames.of(family.couplings)
    new = features[len(family.records) :]
    for rows in map(list, sets):
        learned = features[rows], targets[rows], frames.distances
        yield fit_local_kernel(*learned, choose_settings(*learned)).predict(new)


def _sets(systems: int, most: int, of: int) -> list[range]:
    return [range(k * systems, (k + 1) * systems) for k in range(min(most, of // systems))]


def errors_of(
    family: Family,
    sets: Sequence[range],
    copies: int,
    shape: Shape = (1, 0),
    estimate: Callable[..., Floats] = pair_correlators,
) -> Errors:
    """Returns the errors of correlators of pairs of one shape."""
    pairs = family.grid.pairs(shape)
    targets = estimate([record[:copies] for record in family.records], pairs)[..., 0]
    exact = family.of_pairs(pairs)[len(family.records) :]
    found = predictions(family, pairs, targets, sets)
    return Errors(np.array([((values - exact) ** 2).mean(axis=1) for values in found]))


def systems_table() -> Iterator[str]:
    """The error against the number of training systems."""
    most = max(SYSTEMS)
    family = heisenberg(SQUARE, most, TESTED, COPIES)
    yield f"{SQUARE}, T = {COPIES}, {TESTED} new systems"
    yield "| N | training sets | error |\n|---|---|---|"
    curve = []
    for systems in SYSTEMS:
        sets = _sets(systems, MOST_SETS, most)
        curve.append(errors_of(family, sets, COPIES))
        yield f"| {systems} | {len(sets)} | {curve[-1]} |"
    yield f"slope {slope(SYSTEMS, curve)}; up to 50 {slope(SYSTEMS[:4], curve[:4])}"
    yield f"from 50 {slope(SYSTEMS[3:], curve[3:])}"


def copies_table() -> Iterator[str]:
    """The error against the copies of each training system."""
    family = heisenberg(SQUARE, DEEP_SETS * DEEP_SYSTEMS, TESTED, max(DEEP))
    sets = _sets(DEEP_SYSTEMS, DEEP_SETS, DEEP_SETS * DEEP_SYSTEMS)
    yield f"{SQUARE}, N = {DEEP_SYSTEMS}, {DEEP_SETS} training sets"
    yield "| T | error |\n|---|---|"
    curve = []
    for copies in DEEP:
        curve.append(errors_of(family, sets, copies))
        yield f"| {copies} | {curve[-1]} |"
    yield f"slope {slope(DEEP, curve)}; up to 500 {slope(DEEP[:4], curve[:4])}"
    yield f"from 500 {slope(DEEP[3:], curve[3:])}"


def _entropy(purities: Floats) -> Floats:
    return -np.log2(np.clip(purities, 0.25, 1))


def quantities_table() -> Iterator[str]:
    """All two-point functions up to distance 4, energies, and entropies of two sites."""
    family = heisenberg(SQUARE, FOR_ALL * SETS_FOR_ALL, TESTED, COPIES)
    grid, measured = family.grid, len(family.records)
    sets = _sets(FOR_ALL, SETS_FOR_ALL, measured)
    yield f"{SQUARE}, N = {FOR_ALL}, T = {COPIES}, {SETS_FOR_ALL} training sets"
    yield f"| quantity | predicted | mean of training | {COPIES} copies of the new state, hits |"
    yield "|---|---|---|---|"

    def row(name: str, found: Errors, mean: Floats, direct: Floats) -> str:
        others = " | ".join(f"{np.sqrt((off**2).mean()):.4f}" for off in (mean, direct))
        return f"| {name} | {found} | {others} |"

    for shape in _shapes(grid):
        pairs = grid.pairs(shape)
        exact, targets = family.of_pairs(pairs), pair_correlators(family.records, pairs)[..., 0]
        mean, direct = exact[measured:] - targets[sets[0]].mean(axis=0), targets - exact[:measured]
        yield row(f"correlator {shape}", errors_of(family, sets, COPIES, shape), mean, direct)
    targets = pair_correlators(family.records, grid.bonds)[..., 0]
    # The energy of a bond, so that numbers do not depend on the size of the grid.
    strength, exact = 3 * family.couplings / len(grid.bonds), family.energies / len(grid.bonds)
    of_sets = predictions(family, grid.bonds, targets, sets)
    found = [((strength[measured:] * v).sum(axis=1) - exact[measured:]) ** 2 for v in of_sets]
    read = (strength[:measured] * targets).sum(axis=1)
    mean = exact[measured:] - read[sets[0]].mean()
    yield row("energy of a bond", Errors(np.array(found)), mean, read - exact[:measured])
    for shape in ((1, 0), (1, 1)):
        pairs = grid.pairs(shape)
        exact = _entropy((1 + 3 * family.of_pairs(pairs) ** 2) / 4)
        targets = PairPurity.targets(family.records, pairs)[..., 0]
        of_sets = predictions(family, pairs, targets, sets)
        found = [((_entropy(v) - exact[measured:]) ** 2).mean(axis=1) for v in of_sets]
        mean = exact[measured:] - _entropy(targets[sets[0]].mean(axis=0))
        direct = _entropy(targets) - exact[:measured]
        yield row(f"entropy in bits {shape}", Errors(np.array(found)), mean, direct)


def _shapes(grid: Grid) -> list[Shape]:
    """The shapes of pairs up to the distance ``FAR`` along the grid, nearer ones first."""
    every = [(a, b) for a in range(1, FAR + 1) for b in range(min(a, FAR - a) + 1)]
    return sorted((shape for shape in every if grid.pairs(shape)), key=lambda s: (sum(s), s[1]))


def sizes_table() -> Iterator[str]:
    """The error against the number of sites of a grid."""
    yield from _of_sizes(
        f"Heisenberg, N = {OF_SIZE}, T = {COPIES}",
        (heisenberg(Grid(*g), OF_SIZE * SETS_OF_SIZE, TESTED_OF_SIZE, COPIES) for g in GRIDS),
        pair_correlators,
    )


def chains_table() -> Iterator[str]:
    """The error against the length of an Ising chain."""
    yield from _of_sizes(
        f"Ising chains, N = {OF_SIZE}, T = {COPIES}",
        (ising(n, OF_SIZE * SETS_OF_SIZE, TESTED_OF_SIZE, COPIES) for n in LENGTHS),
        functools.partial(pair_correlators, letters="Z"),
    )


def _of_sizes(
    title: str, families: Iterator[Family], estimate: Callable[..., Floats]
) -> Iterator[str]:
    yield f"{title}, {SETS_OF_SIZE} training sets, {TESTED_OF_SIZE} new systems"
    yield f"| grid | n | error | mean of training | {COPIES} copies of the new state, hits |"
    yield "|---|---|---|---|---|"
    sizes, curve = [], []
    for family in families:
        grid, measured = family.grid, len(family.records)
        sets = _sets(OF_SIZE, SETS_OF_SIZE, measured)
        curve.append(errors_of(family, sets, COPIES, estimate=estimate))
        sizes.append(grid.sites)
        exact = family.of_pairs(grid.bonds)
        targets = estimate(family.records, grid.bonds)[..., 0]
        mean, direct = exact[measured:] - targets[sets[0]].mean(axis=0), targets - exact[:measured]
        others = " | ".join(f"{np.sqrt((off**2).mean()):.4f}" for off in (mean, direct))
        yield f"| {grid.rows} x {grid.columns} | {grid.sites} | {curve[-1]} | {others} |"
    yield f"slope {slope(sizes, curve, same_tests=False)}"


PARTS: dict[str, Callable[[], Iterator[str]]] = {
    "systems": systems_table,
    "copies": copies_table,
    "quantities": quantities_table,
    "sizes": sizes_table,
    "chains": chains_table,
}


if __name__ == "__main__":
    print_tables("Errors of predicted ground states.", PARTS)
