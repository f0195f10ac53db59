"""What is a new ground state like? Predicted from records of related ones, or measured itself.

Source: Huang et al., Science 377, eabk3333 (2022), arXiv 2106.12627. Systems are ground states of
the antiferromagnetic Heisenberg model on the most square grid of n sites, with couplings uniform in
[0, 2] (:mod:`quantum_advantage.systems.heisenberg`). A learner has the couplings of N training
systems and a record of T copies of each, in random Pauli bases. Then the couplings of a new system
are revealed, of which it has no copy, and what is asked about it:

``correlator:distance=d``: ⟨XX + YY + ZZ⟩/3 of a random pair of sites at the distance d along the
grid, of the shape (1, 0), (1, 1), (2, 1) or (3, 1).

``energy``: the energy, as the mean of ⟨XX + YY + ZZ⟩ J over the bonds.

``entropy``: the second Rényi entropy of a random pair of neighbours, in bits.

Copies are those of *each* training system. To be compared with: protocols that have T copies of the
new system itself. The stated error of a prediction is the root mean square difference of noisy
targets and predictions on training systems that were left out, so that it contains the noise of
the targets; that of an energy takes the errors of bonds as independent where a method has a model
for each.

There are no circuits: a ground state is known as a vector, and its outcomes are drawn from their
exact distribution (:mod:`quantum_advantage.measurements.vector_shadows`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from quantum_advantage.inference.generalising.frames import Grid, Pair, Shape
from quantum_advantage.inference.generalising.methods import METHODS, Method, Related
from quantum_advantage.inference.generalising.quantities import PairPurity
from quantum_advantage.inference.generalising.targets import pair_correlators
from quantum_advantage.measurements.records import ShadowRecord
from quantum_advantage.measurements.vector_shadows import (
    fixed_bases_of_vectors,
    shadows_of_vectors,
)
from quantum_advantage.systems.heisenberg import GroundState, draw_couplings, ground_state
from quantum_advantage.systems.lattice import most_square
from quantum_advantage.systems.stored_states import default_folder, stored_ground_state
from quantum_advantage.tasks.base import Estimated, EstimatingTask, Source
from quantum_advantage.tasks.protocol import Chosen, Limits, Option, Options, Protocol
from quantum_advantage.tasks.shared.seeds import Seeds

Floats = npt.NDArray[np.float64]

SHAPES: Mapping[int, Shape] = {1: (1, 0), 2: (1, 1), 3: (2, 1), 4: (3, 1)}
QUANTITIES = (*(f"correlator:distance={d}" for d in SHAPES), "energy", "entropy")
# The states of grids of so many sites take longer than reading them from disk.
LEAST_STORED = 18
_ABOUT = {
    "local_kernel": "One kernel model of the couplings in the frames of all pairs, nearer ones "
    "weighing more.",
    "nearby_lasso": "For every pair a model of its own: LASSO on the couplings next to it.",
    "fourier_lasso": "For every pair a model of its own: LASSO on random Fourier features of all\n"
    "neighbourhoods.",
    "gaussian_kernel": "For every pair a model of its own: Gaussian kernel on all couplings.",
    "tangent_kernel": "For every pair a model of its own: neural tangent kernel on all couplings.",
    "dirichlet_kernel": "For every pair a model of its own: Dirichlet kernel on all couplings.",
    "nearest_system": "What the record of the training system with the nearest couplings says.",
    "training_mean": "The mean over all training systems.",
}
_LEARNED = "\nT copies of each of N training systems in random Pauli bases, none of the new system."
_DIRECT = "T copies of the new system itself, "


def _limits(qubits: int) -> Limits:
    """Returns what can be played: grids on which all shapes of pairs have a place."""
    rows, columns = most_square(qubits)
    fits = rows >= 2 and columns >= 4 and qubits % 2 == 0
    refusal = None if fits else "ground_states needs an even grid of at least 2 x 4 sites"
    return Limits(exact_qubits=20, refusal=refusal, least_copies=2)


@dataclass(frozen=True, eq=False)
class Asked:
    """The questions about one system: a pair for each distance, and one for its entropy."""

    pairs: Mapping[int, Pair]
    neighbours: Pair


def _draw_questions(grid: Grid, rng: np.random.Generator) -> Asked:
    def one(shape: Shape) -> Pair:
        pairs = grid.pairs(shape)
        return pairs[int(rng.integers(len(pairs)))]

    return Asked({d: one(shape) for d, shape in SHAPES.items()}, one(SHAPES[1]))


def entropy_of(purities: Floats) -> Floats:
    """Returns the second Rényi entropies of two sites in bits, from 0 to 2.

    Example:
        >>> entropy_of(np.array([0.25, 1.0, 0.1])).tolist()
        [2.0, 0.0, 2.0]
    """
    return -np.log2(np.clip(purities, 0.25, 1.0)) + 0.0


@dataclass(frozen=True)
class Learned:
    """A method that learns from training systems.

    Attributes:
        method: The method.
        systems: The number N of training systems.
    """

    method: Method
    systems: int

    def answers(
        self,
        grid: Grid,
        couplings: Floats,
        states: Sequence[GroundState],
        asked: Sequence[Asked],
        shots: int,
        rngs: tuple[np.random.Generator, ...],
    ) -> Floats:
        """Draws and measures training systems, and predicts the new ones.

        Args:
            grid: The grid.
            couplings: (systems, bonds) couplings of the new systems.
            states: Their states, which are not looked at.
            asked: The questions.
            shots: The copies of each training system.
            rngs: The randomness of nature, of the learner and of outcomes.

        Returns:
            (systems, quantities, 2): answers with their stated errors.
        """
        nature, learner, outcomes = rngs
        known = draw_couplings(grid.rows, grid.columns, self.systems, nature)
        records = [
            record
            for one in known
            for record in shadows_of_vectors([_state(grid, one).vector()], shots, outcomes)
        ]
        found = np.empty((len(asked), len(QUANTITIES), 2))
        for place, (distance, shape) in enumerate(SHAPES.items()):
            pairs = grid.pairs(shape)
            targets = pair_correlators(records, pairs)[..., 0]
            wanted = [pairs.index(one.pairs[distance]) for one in asked]
            every = tuple(range(len(pairs)) if distance == 1 else sorted(set(wanted)))
            related = Related(grid, pairs, known, targets, couplings, every)
            predicted = self.method(related, learner)
            for system, pair in enumerate(wanted):
                column = every.index(pair)
                found[system, place] = predicted.values[system, column], predicted.errors[column]
            if distance == 1:
                found[:, -2] = _energies(couplings, predicted.values, predicted.errors)
        pairs = grid.bonds
        targets = PairPurity.targets(records, pairs)[..., 0]
        wanted = [pairs.index(one.neighbours) for one in asked]
        every = tuple(sorted(set(wanted)))
        predicted = self.method(Related(grid, pairs, known, targets, couplings, every), learner)
        for system, pair in enumerate(wanted):
            column = every.index(pair)
            purity, error = predicted.values[system, column], predicted.errors[column]
            found[system, -1] = _entropy(purity, error)
        return found


@dataclass(frozen=True)
class Direct:
    """Copies of the new system itself.

    Attributes:
        fixed: Whether all sites are measured in X, in Y or in Z; else in random bases.
        by_hits: Whether correlators are means over hits.
    """

    fixed: bool
    by_hits: bool

    def answers(
        self,
        grid: Grid,
        couplings: Floats,
        states: Sequence[GroundState],
        asked: Sequence[Asked],
        shots: int,
        rngs: tuple[np.random.Generator, ...],
    ) -> Floats:
        """Measures the new systems, see :meth:`Learned.answers`."""
        outcomes = rngs[-1]
        measure = fixed_bases_of_vectors if self.fixed else shadows_of_vectors
        found = np.empty((len(asked), len(QUANTITIES), 2))
        for system, (state, one) in enumerate(zip(states, asked, strict=True)):
            (record,) = measure([state.vector()], shots, outcomes)
            pairs = [*one.pairs.values(), *grid.bonds]
            values = pair_correlators([record], pairs, by_hits=self.by_hits)[0]
            found[system, : len(SHAPES)] = values[: len(SHAPES)]
            bonds = values[len(SHAPES) :]
            rows = couplings[system : system + 1]
            found[system, -2] = _energies(rows, bonds[None, :, 0], bonds[:, 1])[0]
            found[system, -1] = self._entropy(record, one.neighbours)
        return found

    def _entropy(self, record: ShadowRecord, pair: Pair) -> tuple[float, float]:
        if not self.fixed:
            return _entropy(*PairPurity.targets([record], [pair])[0, 0])
        # A singlet's pair has the purity (1 + 3c²)/4; the mean square of c is less its variance.
        (value, error) = pair_correlators([record], [pair])[0, 0]
        square = value**2 - error**2
        return _entropy((1 + 3 * square) / 4, 1.5 * abs(value) * error + 0.75 * error**2)


def _energies(couplings: Floats, correlators: Floats, errors: Floats) -> Floats:
    """Returns (systems, 2) means over bonds of 3 J c, with the errors of independent bonds."""
    bonds = couplings.shape[1]
    values = 3 * (couplings * correlators).sum(axis=1) / bonds
    spread = 3 * np.sqrt((couplings**2 * errors**2).sum(axis=1)) / bonds
    return np.stack([values, spread], axis=1)


def _entropy(purity: float, error: float) -> tuple[float, float]:
    """Returns the entropy and its error, to first order at a purity of at least 1/4."""
    inside = float(np.clip(purity, 0.25, 1))
    return float(entropy_of(np.array(purity))), error / (inside * np.log(2))


def _state(grid: Grid, couplings: Floats) -> GroundState:
    if grid.sites < LEAST_STORED:
        return ground_state(grid.rows, grid.columns, couplings)
    return stored_ground_state(grid.rows, grid.columns, couplings, default_folder())


def _truths(grid: Grid, couplings: Floats, state: GroundState, asked: Asked) -> list[float]:
    exact = state.correlators()
    entropy = float(entropy_of((1 + 3 * exact[asked.neighbours] ** 2) / 4))
    return [
        *(float(exact[pair]) for pair in asked.pairs.values()),
        state.energy / len(grid.bonds),
        entropy,
    ]


def _learning(method: Method) -> Callable[[Options, int], Learned]:
    return lambda options, qubits: Learned(method, options["systems"])


def _measuring(direct: Direct) -> Callable[[Options, int], Direct]:
    return lambda options, qubits: direct


class GroundStates(EstimatingTask):
    """The task ``ground_states``: predictions of states that were never measured.

    Example:
        >>> from quantum_advantage.tasks.base import FromLaw
        >>> seeds = Seeds(*np.random.SeedSequence(1).spawn(4))
        >>> task = GroundStates("ground_states")
        >>> shots = np.array([300])
        >>> answers = task.play("local_kernel:systems=40", 8, shots, 1, 0, seeds, FromLaw())
        >>> for row in answers.rows[:2]:
        ...     print(row.quantity, abs(row.value - row.truth) < 3 * row.error)
        correlator:distance=1 True
        correlator:distance=2 True
    """

    NAME: ClassVar[str] = "ground_states"
    HAS_CIRCUITS: ClassVar[bool] = False

    def describe(self) -> Iterable[Protocol]:
        """Returns the methods that learn, and the ways to measure a new system itself."""
        for name, method in METHODS.items():
            yield Protocol(
                name,
                _ABOUT[name] + _LEARNED,
                copies_per_shot=1,
                measurement=_learning(method),
                exact=_learning(method),
                limits=lambda o, n: _limits(n),
                options={"systems": Option(50, least=4, most=lambda n: 10_000)},
            )
        for name, direct, about in (
            ("random_bases", Direct(False, False), "in random Pauli bases; classical shadows."),
            ("random_bases_hits", Direct(False, True), "in random Pauli bases; means over hits."),
            ("three_bases", Direct(True, True), "all sites in X, in Y or in Z, in turn."),
        ):
            yield Protocol(
                name,
                _DIRECT + about,
                copies_per_shot=1,
                measurement=_measuring(direct),
                exact=_measuring(direct),
                limits=lambda o, n: _limits(n),
            )

    def quantities(self, protocol: str, qubits: int) -> tuple[str, ...]:
        """Returns the names of the correlators, of the energy and of the entropy."""
        return QUANTITIES

    def seconds(self, protocol: str, qubits: int, copies: int, *, circuits: bool) -> float:
        """Returns roughly how long one system takes: 4 ns an amplitude and copy to measure one."""
        options = self.read(protocol, qubits).options
        measured = options.get("systems", 1)
        return measured * (4e-9 * copies * 2.0**qubits + 3e-7 * 2.0**qubits + 2e-3)

    def estimate(
        self, chosen: Chosen, shots: int, systems: int, seeds: Seeds, source: Source
    ) -> Estimated:
        """Draws new systems and questions, and answers them."""
        nature, copies, learner = seeds.generators()
        grid = Grid(*most_square(chosen.qubits))
        couplings = draw_couplings(grid.rows, grid.columns, systems, nature)
        asked = [_draw_questions(grid, nature) for _ in range(systems)]
        states = [_state(grid, one) for one in couplings]
        reading: Learned | Direct = chosen.exact()
        rngs = nature, learner, copies
        found = reading.answers(grid, couplings, states, asked, shots, rngs)
        truths = [_truths(grid, *one) for one in zip(couplings, states, asked, strict=True)]
        return Estimated(found[..., 0], found[..., 1], np.array(truths))
