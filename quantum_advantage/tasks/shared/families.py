"""Families of unknown evolutions, as the tasks about them are named: ensemble, geometry, depth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import Request
from quantum_advantage.core.naming import canonical, parse
from quantum_advantage.core.usage import UsageError
from quantum_advantage.systems.evolutions import Evolutions, default_depth, draw_evolutions
from quantum_advantage.systems.lattice import lattice_shape, read_geometry
from quantum_advantage.tasks.shared.evolution_requests import bell_uses_on_grid

FAMILY_DEFAULTS: Mapping[str, float | int | str] = {
    "depth": 0,
    "ensemble": "matched",
    "geometry": "line",
    "native": "iswap",
}


@dataclass(frozen=True)
class Family:
    """Where unknown evolutions of any size come from.

    Attributes:
        ensemble: ``matched``, with its native gate, or ``public``, see ``systems.evolutions``.
        geometry: ``line``, ``grid``, the most square one, or ``grid:rows=3``.
        layers: The layers of two-qubit gates; 0 for as many as the ensemble has by default.

    Example:
        >>> family = Family.read("time_reversal", FAMILY_DEFAULTS)
        >>> family.looks_haar_random, family.on_line, family.why_no_chain("bell_on_chain")
        (True, True, None)
        >>> shallow = Family.read("dynamics", {**FAMILY_DEFAULTS, "depth": 2, "geometry": "grid"})
        >>> shallow.looks_haar_random, shallow.on_line, shallow.depth(9), shallow.shape(6)
        (False, False, 2, (2, 3))
        >>> shallow.why_no_chain("bell_on_chain")
        'bell_on_chain is for evolutions on a line, not geometry=grid'
        >>> shallow.draw([True, False], 9, seed=1).systems
        2
    """

    ensemble: str
    geometry: str
    layers: int

    @classmethod
    def read(cls, task: str, options: Mapping[str, float | int | str]) -> Family:
        """Reads the options of a task.

        Args:
            task: The task's full name, for messages.
            options: Values for all of :data:`FAMILY_DEFAULTS`.

        Raises:
            ValueError: If a value is unknown or out of range.
        """
        ensemble, native = str(options["ensemble"]), str(options["native"])
        if native != FAMILY_DEFAULTS["native"]:
            if ensemble != "matched":
                raise UsageError(f"native of {task!r} is an option of ensemble=matched alone")
            ensemble = canonical(ensemble, {"native": native})
        family = cls(ensemble, str(options["geometry"]), int(options["depth"]))
        if family.layers < 0:
            raise UsageError(f"depth of {task!r} must be at least 0, not {family.layers}")
        default_depth(2, family.ensemble)
        read_geometry(family.geometry)
        return family

    @property
    def looks_haar_random(self) -> bool:
        """Whether the depth grows with the size as it must for Haar-random outcomes."""
        return parse(self.ensemble)[0] == "matched" and not self.layers

    @property
    def on_line(self) -> bool:
        """Whether every qubit is coupled to its neighbours on a line alone."""
        return self.geometry == "line"

    def why_no_chain(self, protocol: str) -> str | None:
        """Returns why a protocol on a chain of pairs does not fit; None if it does."""
        if self.on_line:
            return None
        return f"{protocol} is for evolutions on a line, not geometry={self.geometry}"

    def shape(self, qubits: int) -> tuple[int, int]:
        """Returns the rows and columns of n qubits; a line has one row."""
        return lattice_shape(self.geometry, qubits)

    def uses_on_grid(self, qubits: int) -> Callable[[Evolutions, int], Request]:
        """Returns what requests two uses on a block of a square lattice."""
        rows, columns = self.shape(qubits)
        return partial(bell_uses_on_grid, rows=rows, columns=columns)

    def depth(self, qubits: int) -> int:
        """Returns the layers of two-qubit gates at n qubits."""
        return self.layers or default_depth(qubits, self.ensemble, self.geometry)

    def draw(
        self, symmetric: npt.ArrayLike, qubits: int, seed: int | np.random.Generator
    ) -> Evolutions:
        """Draws evolutions.

        Args:
            symmetric: (systems,) whether each of them is time-reversal symmetric, a real matrix.
            qubits: The number n of qubits.
            seed: The randomness of nature.

        Raises:
            ValueError: If n is below 1 or does not fit the geometry.
        """
        depth = self.depth(qubits)
        return draw_evolutions(symmetric, qubits, seed, self.ensemble, self.geometry, depth)
