"""Systems that hide Pauli strings, measured by the protocols of ``observables``."""

from itertools import product

import numpy as np

from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.circuits.run import run
from quantum_advantage.systems.hidden_pauli import HiddenPauli


def every_string(n):
    return np.array(list(product(range(4), repeat=n))[1:], dtype=np.uint8)


def hide(letters, sign, alpha, seed=0):
    systems = len(letters)
    return HiddenPauli(
        letters,
        np.full(systems, sign, dtype=np.int8),
        np.full(systems, alpha),
        np.random.default_rng(seed),
    )


def measure(protocol, preparation, shots, seed=1):
    request = protocol.request(preparation, shots, np.random.default_rng(seed))
    (record,) = run([request], FactorisedSampler(seed=seed))
    return record


def evidence_of(protocol, preparation, candidates, shots, seed=1):
    record = measure(protocol, preparation, shots, seed)
    return protocol.evidence(record, candidates, np.array([shots]))
