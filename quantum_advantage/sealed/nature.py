"""Nature as a process: ``python -m quantum_advantage.sealed.nature FOLDER TERMS``.

It draws a secret seed, publishes a commitment to it, hands out copies as often as the terms say,
reveals the questions when the learner has published the digest of its record, and opens the seed
when the answers are published. Strings, signs and the order of each question follow from the seed
as ``auditor.draw`` says, in a way that depends on SHA-256 alone. The hidden bits of the copies and
the outcomes of a simulator come from the seed too, so that the same version can repeat a run.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from quantum_advantage.backends.backend import Backend, make_sampler
from quantum_advantage.backends.names import read_backend
from quantum_advantage.backends.opening import open_backend
from quantum_advantage.circuits.digests import circuit_digest
from quantum_advantage.circuits.run import run
from quantum_advantage.core.fields import text
from quantum_advantage.core.files import create_file, read_text
from quantum_advantage.core.usage import UsageError
from quantum_advantage.sealed.auditor import alpha_of, commitment, draw, shape_of
from quantum_advantage.sealed.measuring import codes_of, request_sealed, write_outcomes
from quantum_advantage.sealed.messages import SEED, Author, Chain, run_role
from quantum_advantage.systems.hidden_pauli import HiddenPauli

# Rows of a table that are in memory at once.
SHOTS_PER_REQUEST = 1 << 18


class Nature:
    """What nature writes.

    Attributes:
        folder: Its folder, which nobody else can read.
        terms: What is played; ``backend`` with the project of a real processor, if it has one.
    """

    def __init__(self, folder: Path, terms: Mapping[str, Any]) -> None:
        """Takes the seed that lies in the folder, or draws a new one and keeps it there.

        Raises:
            UsageError: If what lies there is no seed.
        """
        self.folder, self.terms = folder, terms
        self._backend: Backend
        path = folder / SEED
        if not path.exists():
            create_file(path, secrets.token_hex(32))
        try:
            self._seed = bytes.fromhex(text(read_text(path, 1000), SEED, "[0-9a-f]{64}"))
        except UsageError:
            raise
        except ValueError as error:
            raise UsageError(f"{path} is no secret seed: {error}") from None

    def write_terms(self, chain: Chain) -> dict[str, Any]:
        """Commits to the seed, once the place where circuits run is open."""
        name = read_backend(self.terms["backend"]).resolve(circuits=True)
        if name.on_device:
            from quantum_advantage.preflight.processors import open_processor

            processor = open_processor(name, self.folder / "jobs")
            processor.place(self.terms["qubits"])
            self._backend = processor
        else:
            self._backend = open_backend(str(name))
        return {**self.terms, "backend": str(name), "commitment": commitment(self._seed)}

    def write_record(self, chain: Chain) -> dict[str, Any]:
        """Hands out the copies, measured as the learner asks.

        Raises:
            UsageError: If it asks for another circuit than it will get.
        """
        terms, request = chain[0].values, chain[1].values
        games, shots, qubits = shape_of(terms)
        preparation = self._preparation(games, qubits, float(alpha_of(terms)))
        sampler = make_sampler(self._backend, self._derived("sampler", 4) >> 1)
        at_once = max(1, SHOTS_PER_REQUEST // shots)
        outcomes: list[list[str]] = []
        for start in range(0, games, at_once):
            rows = slice(start, min(start + at_once, games))
            part = preparation.select(rows)
            asked = request_sealed(terms["protocol"], part, shots, request["settings"][rows])
            if circuit_digest(asked.circuit) != request["circuit"]:
                raise UsageError(f"circuit {request['circuit']} is not what was agreed to be run")
            (record,) = run([asked], sampler)
            outcomes += write_outcomes(record, qubits, part.systems)
        return {"circuit": request["circuit"], "outcomes": outcomes}

    def write_questions(self, chain: Chain) -> dict[str, Any]:
        """Reveals two strings for each game."""
        games, _, qubits = shape_of(chain[0].values)
        drawn = [draw(self._seed, game, qubits) for game in range(games)]
        pairs = [[other, hidden] if order else [hidden, other] for hidden, other, _, order in drawn]
        return {"questions": pairs}

    def write_opening(self, chain: Chain) -> dict[str, Any]:
        """Opens the seed."""
        return {"seed": self._seed.hex()}

    def _preparation(self, games: int, qubits: int, alpha: float) -> HiddenPauli:
        drawn = [draw(self._seed, game, qubits) for game in range(games)]
        letters = codes_of([[hidden for hidden, *_ in drawn]], "IXYZ")
        signs = np.array([1 - 2 * sign for _, _, sign, _ in drawn], dtype=np.int8)
        copies = np.random.default_rng(self._derived("copies", 32))
        return HiddenPauli(letters, signs, np.full(games, alpha), copies)

    def _derived(self, what: str, octets: int) -> int:
        tag = f"quantum_advantage sealed {what} 1".encode()
        return int.from_bytes(hashlib.sha256(tag + self._seed).digest()[:octets], "big")


def authors(folder: str, terms: str) -> tuple[Path, dict[str, Author]]:
    """Returns nature's folder and what it writes.

    Args:
        folder: Its folder.
        terms: What is played, as JSON.
    """
    nature = Nature(Path(folder), json.loads(terms))
    return nature.folder, {
        "terms": nature.write_terms,
        "record": nature.write_record,
        "questions": nature.write_questions,
        "opening": nature.write_opening,
    }


if __name__ == "__main__":
    sys.exit(run_role("nature", lambda: authors(*sys.argv[1:])))
