"""The best mixture of policies: a quadratic program, for the scripts that find certificates."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import optimize

Floats = npt.NDArray[np.float64]


def best_weights(
    pairs: Floats, price: Floats, start: Floats, *, tolerance: float, steps: int
) -> Floats:
    """Returns the weights w, at least 0 and of sum 1, with the least price·w - w·pairs·w/2.

    Args:
        pairs: (policies, policies) mean differences of the policies' laws.
        price: (policies,) their prices.
        start: (policies,) weights to begin with.
        tolerance: Of the value.
        steps: The most steps.
    """
    found = optimize.minimize(
        lambda w: price @ w - w @ pairs @ w / 2,
        start,
        jac=lambda w: price - pairs @ w,
        bounds=[(0, 1)] * start.size,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": np.ones_like},
        method="SLSQP",
        options={"ftol": tolerance, "maxiter": steps},
    )
    return np.asarray(np.clip(found.x, 0, None) / np.clip(found.x, 0, None).sum())
