"""The learner as a process: ``python -m quantum_advantage.sealed.learner FOLDER``.

It says how the copies are to be measured, gets the outcomes, publishes their digest, and only then
sees the questions. It answers by the larger exact likelihood, with the first string in a tie: the
order of the strings is nature's secret coin.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from quantum_advantage.inference.hidden_pauli.likelihoods import TIE
from quantum_advantage.sealed.auditor import alpha_of, canonical, sha256, shape_of
from quantum_advantage.sealed.measuring import (
    question_letters,
    read_record,
    requested_circuit,
    table_of,
)
from quantum_advantage.sealed.messages import Chain, run_role
from quantum_advantage.tasks.observables.evidence import log_likelihoods
from quantum_advantage.tasks.observables.protocols import Bell, LocalPauli

MEASUREMENTS: dict[str, Bell | LocalPauli] = {"bell": Bell(), "local_pauli": LocalPauli()}


def write_request(chain: Chain) -> dict[str, Any]:
    """Says how the copies are to be measured; single ones in bases drawn at random."""
    terms = chain[0].values
    games, shots, qubits = shape_of(terms)
    settings = []
    if terms["protocol"] == "local_pauli":
        bases = np.random.default_rng().integers(0, 3, (games * shots, qubits), dtype=np.uint8)
        settings = table_of(bases, "XYZ", games)
    return {"circuit": requested_circuit(terms["protocol"], qubits), "settings": settings}


def write_receipt(chain: Chain) -> dict[str, Any]:
    """Publishes the digest of the outcomes."""
    return {"outcomes": sha256(canonical(chain[2].values["outcomes"]))}


def write_answers(chain: Chain) -> dict[str, Any]:
    """Answers every question from its own record."""
    terms, request, record, _, asked = (message.values for message in chain)
    _, shots, _ = shape_of(terms)
    candidates = question_letters(asked["questions"])
    outcomes = read_record(terms["protocol"], record["outcomes"], request["settings"])
    evidence = MEASUREMENTS[terms["protocol"]].evidence(outcomes, candidates, np.array([shots]))
    scores = log_likelihoods(evidence, float(alpha_of(terms)))
    second = scores[:, 1, 0] - scores[:, 0, 0] > TIE
    return {"answers": "".join("01"[int(chosen)] for chosen in second)}


AUTHORS = {"request": write_request, "receipt": write_receipt, "answers": write_answers}


if __name__ == "__main__":
    sys.exit(run_role("learner", lambda: (Path(sys.argv[1]), AUTHORS)))
