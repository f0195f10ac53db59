"""The sources of randomness of one batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Seeds:
    """The four sources of randomness of one batch.

    Attributes:
        nature: Hidden systems and questions; the same for all protocols.
        copies: The hidden bits of the copies.
        learner: The learner's settings and ties.
        sampler: The outcomes of measurements.

    Example:
        >>> seeds = Seeds(*np.random.SeedSequence(1).spawn(4))
        >>> nature, copies, learner = seeds.generators()
        >>> again, _, _ = seeds.generators()
        >>> bool(nature.random() == again.random())
        True
    """

    nature: np.random.SeedSequence
    copies: np.random.SeedSequence
    learner: np.random.SeedSequence
    sampler: np.random.SeedSequence

    def generators(self) -> tuple[np.random.Generator, np.random.Generator, np.random.Generator]:
        """Returns fresh generators of nature, of the copies and of the learner, always the same."""
        nature, copies, learner = (
            np.random.default_rng(s) for s in (self.nature, self.copies, self.learner)
        )
        return nature, copies, learner
