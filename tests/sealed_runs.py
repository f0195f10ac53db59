"""Sealed runs played in this process, and their files written anew after a change."""

from __future__ import annotations

import json
from dataclasses import asdict

from quantum_advantage.sealed import learner
from quantum_advantage.sealed.auditor import KINDS, NAMES, Message, canonical, result_of, sha256
from quantum_advantage.sealed.messages import SEED, accept, compose
from quantum_advantage.sealed.nature import Nature
from quantum_advantage.sealed.seal import Terms

TASK = "observables:alpha=0.9,game=two"
SECRET = bytes(range(32))


def terms(**changed):
    given = {
        "task": TASK, "protocol": "bell", "qubits": 10, "games": 100, "copies": 2,
        "backend": "stim", "confidence": "0.99",
    }  # fmt: skip
    return Terms(**(given | changed))


def play(folder, chosen=None, seed=SECRET):
    """Plays a run with both roles in this process and returns its files."""
    published, home = folder / "published", folder / "nature"
    published.mkdir(parents=True)
    home.mkdir()
    (home / SEED).write_text(seed.hex())
    nature = Nature(home, asdict(chosen or terms()))
    authors = {
        **learner.AUTHORS,
        "terms": nature.write_terms,
        "record": nature.write_record,
        "questions": nature.write_questions,
        "opening": nature.write_opening,
        "result": result_of,
    }
    chain = []
    for kind in KINDS:
        accept(chain, compose(chain, authors[kind](chain)), published)
    return {name: (published / name).read_bytes() for name in NAMES}


def values_of(files):
    return [json.loads(files[name]) for name in NAMES if name in files]


def digests(files):
    return [sha256(octets) for octets in files.values()]


def chained(messages):
    """Writes messages so that each holds the digest of the one before, as a forger would."""
    files, last = {}, "0" * 64
    for name, values in zip(NAMES, messages, strict=False):
        files[name] = canonical({**values, "previous": last})
        last = sha256(files[name])
    return files


def chain_of(files):
    return [Message(json.loads(octets), sha256(octets)) for octets in files.values()]


def refilled(messages):
    """Writes receipt, answers and result anew, so that they follow from what was changed."""
    files = chained(messages)
    terms, request, record, receipt, asked, answers = (values_of(files)[i] for i in range(6))
    receipt["outcomes"] = sha256(canonical(record["outcomes"]))
    chain = [Message(values, "") for values in (terms, request, record, receipt, asked)]
    answers |= learner.write_answers(chain)
    opening, result = values_of(files)[6:]
    files = chained([terms, request, record, receipt, asked, answers, opening, result])
    result |= result_of(chain_of(files)[:7])
    return chained([terms, request, record, receipt, asked, answers, opening, result])
