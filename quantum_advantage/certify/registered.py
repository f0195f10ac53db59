"""Whether data was registered, and what registered games prove.

Data is registered if it is what a claim says, if the same circuit and sampler made it, and if none
of it is older: the provenance beside the data notes when the first batch of a spec was begun.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from quantum_advantage.certify.certificate import Certificate, certify
from quantum_advantage.certify.methods import Anytime, Fixed, Method
from quantum_advantage.certify.played import Played, select_games
from quantum_advantage.certify.registration import Claim, Registration, code_digest
from quantum_advantage.core.fields import moment_text
from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.dataset import Dataset
from quantum_advantage.study.provenance import Origin, provenance_path, read_provenance
from quantum_advantage.study.rows import DecisionRow


def choose_claim(registration: Registration, **chosen: Any) -> Claim:
    """Returns the claim of a registration that has the given values.

    Args:
        registration: The registration.
        **chosen: Values by the names of :class:`Claim`; None for any. A task or protocol may be
            named without its options.

    Raises:
        UsageError: If there is no such claim, or several.
    """
    found = [
        claim
        for claim in registration.claims
        if all(
            value in (None, here := getattr(claim, name)) or str(here).partition(":")[0] == value
            for name, value in chosen.items()
        )
    ]
    if len(found) != 1:
        listed = "; ".join(
            f"{c.protocol} of {c.task}, {c.qubits} qubits on {c.backend}, {c.copies} copies"
            for c in registration.claims[:3]
        )
        raise UsageError(
            f"{len(found)} of {len(registration.claims)} registered claims are asked for; choose "
            f"one with --qubits, --protocol, --task or --backend, such as {listed}"
        )
    return found[0]


def registered_games(
    registration: Registration, counts: Dataset[DecisionRow], claim: Claim
) -> tuple[Played, Method]:
    """Returns the games of a claim and how they are weighed, if they were registered.

    Args:
        registration: The registration.
        counts: A file of counts.
        claim: One of the claims.

    Raises:
        UsageError: If they were not, with the reason, or are not all there.
    """
    path = counts.path
    if claim.spec not in {row.spec for row in counts}:
        raise UsageError(
            f"{path} was not registered: it holds no rows of {claim.protocol}, {claim.qubits} "
            f"qubits on {claim.backend}, with {claim.copies} copies, batches of "
            f"{claim.batch_size} games and seed {claim.seed}"
        )
    if path is not None:
        _check_origin(registration, path, claim)
    games = claim.games if registration.mode == "fixed" else None
    played = select_games(
        counts,
        protocol=claim.protocol,
        qubits=claim.qubits,
        backend=claim.backend,
        task=claim.task,
        seed=claim.seed,
        batch_size=claim.batch_size,
        budget=claim.copies,
        copies=claim.copies,
        games=games,
    )
    number_of_claims = len(registration.claims)
    if claim.alternative is None:
        return played, Fixed(number_of_claims)
    return played, Anytime(claim.alternative, number_of_claims)


def certify_registered(registration: Registration, played: Played, method: Method) -> Certificate:
    """Says what registered games prove.

    Args:
        registration: The registration.
        played: The games, as :func:`registered_games` returns them.
        method: How they are weighed, likewise.

    Raises:
        UsageError: If no bound is proven for these games.
    """
    found = certify(played, method, confidence=registration.confidence)
    notes = found.notes
    if registration.code != code_digest():
        changed = "this package is not the one of the registration: its code has changed"
        notes = (*notes, changed)
    return replace(
        found,
        registration=registration.digest,
        registered=moment_text(registration.registered),
        notes=notes,
    )


def _check_origin(registration: Registration, path: Path, claim: Claim) -> None:
    where = provenance_path(path)
    entry = read_provenance(where).entries.get(claim.spec.id)
    begun = None if entry is None else entry.begun
    if entry is None or begun is None:
        raise UsageError(f"{path} was not registered: {where} does not say when it was begun")
    if begun < registration.registered:
        raise UsageError(
            f"{path} was not registered: it was begun at {moment_text(begun)}, before the "
            f"registration at {moment_text(registration.registered)}"
        )
    registered = Origin(claim.circuit, claim.sampler)
    if entry.origin != registered:
        changed = "circuit" if entry.origin.circuit != claim.circuit else "sampler"
        raise UsageError(f"{path} was not registered: another {changed} made it, says {where}")
