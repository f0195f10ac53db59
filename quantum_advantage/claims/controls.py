"""Negative controls: claims that are false. Their tests must fail; the table says so if not."""

from __future__ import annotations

from collections.abc import Callable

from quantum_advantage.claims import channels, runs, signs
from quantum_advantage.claims.checking import Found, Setting
from quantum_advantage.claims.claim import Claim

UNLIKE = "certified at 99 %, or 4 standard errors away from a coin: 10 shots of two copies"


def _control(claim: str, qubits: str, check: Callable[[Setting], Found]) -> Claim:
    """Returns a negative control, played on so many qubits."""
    return Claim("control", claim, f"{UNLIKE}, n = {qubits}", "must fail", check)


NEGATIVE_CONTROLS = (
    Claim(
        "control",
        "Bell measurements alone show the sign of the string that is revealed",
        "4 standard errors away from a coin: 1000 copies, n = 4",
        "must fail",
        signs.blind,
    ),
    *(
        Claim(
            "control",
            claim,
            "4 standard errors away from a coin: 20 uses on Bell pairs, n = 8",
            "must fail",
            check,
        )
        for claim, check in (
            ("answers about channels hold against random labels", channels.random_labels),
            ("the completely depolarising channel shows a string", channels.played("no_signal")),
            ("a channel that does nothing shows one", channels.played("identity_channel")),
        )
    ),
    _control("Bell answers hold against random labels", "8", runs.random_labels),
    _control("two identical ensembles are told apart", "8", runs.played_control("no_signal")),
    _control("P = I is found", "8", runs.hidden_identity),
    _control(
        "a signal survives f = 0 (every pair fully depolarised)",
        "8",
        runs.played_control("bell", "qsim:depolarize=0.9375"),
    ),
    _control(
        "copies that hide two different strings show either",
        "8",
        runs.played_control("different_hidden"),
    ),
    _control(
        "a model learns from labels in random order",
        "20; 20 such models in turn",
        runs.played_control("learned_shuffled", qubits=20),
    ),
    _control(
        "a model that learned from unentangled copies of n < 5 works at n = 12",
        "12",
        runs.played_control("learned_product", qubits=12),
    ),
)
