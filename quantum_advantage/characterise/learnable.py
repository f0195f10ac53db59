"""Which eigenvalues of a layer can be learned, and which only in products.

Every decay shows the geometric mean of the eigenvalues of the strings that it visits. So its
logarithm is a row of a matrix times the logarithms of the eigenvalues, and what can be learned is
what the rows span: an eigenvalue alone if and only if its unit vector lies in the span.

CZ turns XI into XZ, and no one-qubit gates bring XZ back to XI, as its support is another one. An
error of preparation and readout that depends on the support can hide there, which is the gauge of
Chen, Liu, Otten, Seif, Fefferman and Jiang, arXiv 2206.06362. What is left open is filled here with
the most even choice: the solution in logarithms of the least norm, λ(XI) = λ(XZ).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quantum_advantage.characterise.layers import STRINGS, Layer, PairString, visited
from quantum_advantage.inference.bell.decays import Decays

Floats = npt.NDArray[np.float64]

_TINY = 1e-9
# The ends of a 95 % interval are about so many standard errors from the middle.
_NORMAL = 1.959964


@dataclass(frozen=True, order=True)
class Start:
    """What a decay begins with.

    Attributes:
        turned: Whether quarter turns follow the CZ gates.
        string: The number of the string on the Bell pairs.

    Example:
        >>> Start(turned=False, string=1) < Start(turned=True, string=1)
        True
    """

    turned: bool
    string: int


@dataclass(frozen=True, eq=False)
class Learnable:
    """What the decays of a layer say about its eigenvalues.

    Attributes:
        starts: The decays.
        strings: The strings whose eigenvalues occur.
        matrix: (decays, strings) the part of each eigenvalue in each decay; rows add to 1.

    Example:
        >>> from quantum_advantage.characterise.layers import LAYERS
        >>> both = learnable(LAYERS["cz_both"])
        >>> len(both.starts), len(both.strings), both.independent
        (30, 15, 13)
        >>> [str(s) for s, one in zip(both.strings, both.alone) if one]
        ['XX', 'ZI', 'YX', 'IZ', 'XY', 'ZZ', 'YY']
    """

    starts: tuple[Start, ...]
    strings: tuple[PairString, ...]
    matrix: Floats

    @property
    def independent(self) -> int:
        """How many independent products of eigenvalues the decays show."""
        return int(np.linalg.matrix_rank(self.matrix))

    @property
    def alone(self) -> npt.NDArray[np.bool_]:
        """Tells which eigenvalues are learned alone, (strings,)."""
        onto = np.linalg.pinv(self.matrix) @ self.matrix
        return np.asarray(np.abs(onto - np.eye(len(self.strings))).max(axis=1) < _TINY)

    def products(
        self, counts: npt.ArrayLike, decays: Mapping[Start, Decays]
    ) -> tuple[Floats, Floats]:
        """Returns products of eigenvalues, what is not learned filled by the most even choice.

        Args:
            counts: (products, strings) how often each eigenvalue stands in each product.
            decays: For each start the fits of all blocks.

        Returns:
            (products, blocks) the products, and their standard errors. The errors of the decays
            are added up, as they come from the same shots: these are upper limits. Both are NaN on
            a block where a factor is not positive.

        Example:
            >>> from quantum_advantage.characterise.layers import LAYERS
            >>> waiting = learnable(LAYERS["wait"])
            >>> one = Decays(*(np.array([v]) for v in (0.9, 0.98, 0.97, 0.99, 0.6)))
            >>> values, errors = waiting.products(np.eye(15), dict.fromkeys(waiting.starts, one))
            >>> values[0].round(3).tolist(), errors[0].round(3).tolist()
            ([0.98], [0.005])
        """
        factors = np.array([decays[start].factors for start in self.starts])
        factors = np.where(factors > 0, factors, np.nan)
        widths = np.array([decays[start].high - decays[start].low for start in self.starts])
        weights = np.asarray(counts) @ np.linalg.pinv(self.matrix)
        values = np.exp(weights @ np.log(factors))
        return values, values * (np.abs(weights) @ (widths / (2 * _NORMAL * factors)))


def learnable(layer: Layer) -> Learnable:
    """Returns what the decays of a layer say about its eigenvalues.

    Args:
        layer: The layer.

    Example:
        >>> from quantum_advantage.characterise.layers import LAYERS
        >>> bool(learnable(LAYERS["wait"]).alone.all())
        True
    """
    starts = tuple(Start(t, s) for t in layer.turns for s in range(1, STRINGS))
    met = [visited(layer, start.turned, start.string) for start in starts]
    strings = tuple(sorted(set().union(*met), key=lambda s: (s.memory, s.system)))
    matrix = np.array([[(s in own) / len(own) for s in strings] for own in met])
    return Learnable(starts, strings, matrix)
