"""A claim, its test, and the result of the test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from quantum_advantage.claims.checking import Found, Setting

Outcome = Literal["pass", "FAIL", "no data", "untested"]
VERIFY = "quantum-advantage verify"


@dataclass(frozen=True)
class Claim:
    """One row before it is tested.

    Attributes:
        number: Its number; ``plan`` where a run is compared with its plan, ``control`` for a
            negative control.
        claim: What is claimed; no two rows claim the same.
        test: How it is tested.
        criterion: When it passes.
        check: The test.
        command: What reproduces the measured value.

    Example:
        >>> from quantum_advantage.claims.runs import one_bell_shot
        >>> claim = Claim("1", "one Bell shot", "games at n = 4", "1/2 + α²/4", one_bell_shot(4))
        >>> claim.control, claim.command
        (False, 'quantum-advantage verify')
    """

    number: str
    claim: str
    test: str
    criterion: str
    check: Callable[[Setting], Found]
    command: str = VERIFY

    @property
    def control(self) -> bool:
        """Whether the test must fail."""
        return self.number == "control"


@dataclass(frozen=True)
class Verdict:
    """One row of the table.

    Attributes:
        claim: The claim.
        value: What was measured.
        outcome: ``pass``, ``FAIL``, ``no data``, or ``untested`` without an optional package.
        found: What the check returned, if it came to an end.

    Example:
        >>> found = Found("0.50", met=False)
        >>> claim = Claim("control", "a coin wins", "games", "never", lambda setting: found)
        >>> Verdict(claim, found.value, "pass", found).outcome  # a negative control must fail
        'pass'
    """

    claim: Claim
    value: str
    outcome: Outcome
    found: Found | None = None


def script_command(name: str) -> str:
    """Returns the command that collects the data of a script and draws its figure.

    Example:
        >>> script_command("controls")
        'python experiments/controls.py --full --out figures'
    """
    return f"python experiments/{name}.py --full --out figures"
