import functools
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import cirq
import numpy as np
import pytest
import qsimcirq
import stimcirq

from quantum_advantage.backends.backend import Backend
from quantum_advantage.backends.fingerprints import LENGTH, fingerprint_of
from quantum_advantage.backends.opening import open_backend
from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.backends.simulators.noise import LocalNoise
from quantum_advantage.core.usage import UsageError

DENSITY = cirq.DensityMatrixSimulator


def of(make, **options):
    return fingerprint_of(Backend("mine", make, **options))


class Helper:
    def __init__(self, p):
        self.p = p


class Wrapped(cirq.Sampler):
    """A sampler as a user writes one: it keeps its seed under a name of its own."""

    def __init__(self, held, number=0):
        self.held, self.number, self.lines = held, number, object()

    def run_sweep(self, program, params, repetitions=1):
        return cirq.Simulator(seed=self.number).run_sweep(program, params, repetitions)


class Randomly(Wrapped):
    """Names that look like those of seeds, and are none."""

    def __init__(self, share, number):
        super().__init__(0.1, number)
        self.random_share, self.seedling = share, share


class Seeded(Wrapped):
    def __init__(self, root, number):
        super().__init__(0.1, number)
        self.seed, self._rng_seed, self._cached_state, self.api_key = root, root, root, str(root)


def noisy(p, qubits):
    return [cirq.depolarize(p)(q) for q in qubits]


class Named(cirq.NoiseModel):
    def __init__(self, p):
        self.p = p

    def noisy_operation(self, operation):
        return [operation, *noisy(self.p, operation.qubits)]


ANGLES = np.random.default_rng(1).normal(size=(3, 4))
KRAUS = cirq.KrausChannel([np.diag([1, 0.6]), np.array([[0, 0.8], [0, 0]])])
# Samplers that differ in what they would send back.
DIFFERENT = {
    "clean": lambda s: DENSITY(seed=s),
    "depolarised": lambda s: DENSITY(seed=s, noise=cirq.depolarize(0.1)),
    "depolarised more": lambda s: DENSITY(seed=s, noise=cirq.depolarize(0.2)),
    "flipped": lambda s: DENSITY(seed=s, noise=cirq.bit_flip(0.1)),
    "by Kraus operators": lambda s: DENSITY(seed=s, noise=KRAUS),
    "by a model": lambda s: DENSITY(seed=s, noise=Named(0.1)),
    "by another model": lambda s: DENSITY(seed=s, noise=Named(0.2)),
    "by a model of ours": lambda s: DENSITY(seed=s, noise=LocalNoise(0.1, 0.0)),
    "state vectors": lambda s: cirq.Simulator(seed=s),
    "double precision": lambda s: cirq.Simulator(seed=s, dtype=np.complex128),
    "qsim": lambda s: qsimcirq.QSimSimulator(seed=s),
    "qsim with options": lambda s: qsimcirq.QSimSimulator({"f": 3}, seed=s),
    "qsim with noise": lambda s: qsimcirq.QSimSimulator(seed=s, noise=cirq.bit_flip(0.1)),
    "stim": lambda s: stimcirq.StimSampler(),
    "zeros": lambda s: cirq.ZerosSampler(),
    "ours": lambda s: FactorisedSampler(seed=s),
    "ours with noise": lambda s: FactorisedSampler(noise=LocalNoise(0.0, 0.1), seed=s),
    "wrapped": lambda s: Wrapped(0.1, s),
    "wrapped more": lambda s: Wrapped(0.2, s),
    "random": lambda s: Randomly(0.1, s),
    "more random": lambda s: Randomly(0.2, s),
    "wrapped object": lambda s: Wrapped(Helper(0.1), s),
    "another wrapped object": lambda s: Wrapped(Helper(0.2), s),
    "wrapped function": lambda s: Wrapped(functools.partial(noisy, 0.1), s),
    "another wrapped function": lambda s: Wrapped(functools.partial(noisy, 0.2), s),
    "lambda": lambda s: Wrapped(lambda qubits: noisy(0.1, qubits), s),
    "another lambda": lambda s: Wrapped(lambda qubits: noisy(0.2, qubits), s),
    "array": lambda s: Wrapped(ANGLES, s),
    "another array": lambda s: Wrapped(ANGLES * 1.01, s),
    "dictionary": lambda s: Wrapped({"p": 0.1, "q": [1, 2]}, s),
    "another dictionary": lambda s: Wrapped({"p": 0.1, "q": [2, 1]}, s),
    "circuit": lambda s: Wrapped(cirq.Circuit(cirq.X(cirq.q(0)) ** 0.1), s),
    "another circuit": lambda s: Wrapped(cirq.Circuit(cirq.X(cirq.q(0)) ** 0.2), s),
}


def test_samplers_that_differ_have_fingerprints_that_differ():
    found = {name: of(make) for name, make in DIFFERENT.items()}
    assert len(set(found.values())) == len(found)
    assert all(len(text) == LENGTH and int(text, 16) >= 0 for text in found.values())


@pytest.mark.parametrize("make", DIFFERENT.values(), ids=DIFFERENT)
def test_neither_the_seed_nor_the_moment_nor_the_last_digits_count(make):
    assert of(make) == of(make) == of(lambda seed: make(seed + 1000))


def moved(noise):
    return np.nextafter(noise, 1)


@pytest.mark.parametrize(
    ("make", "other"),
    [
        (
            lambda s: DENSITY(seed=s, noise=cirq.depolarize(0.1)),
            lambda s: DENSITY(seed=s, noise=cirq.depolarize(moved(0.1))),
        ),
        (lambda s: Wrapped(ANGLES), lambda s: Wrapped(moved(ANGLES))),
        (lambda s: Wrapped(0.0), lambda s: Wrapped(-0.0)),
        (lambda s: Wrapped({"a": 1, "b": 2}), lambda s: Wrapped({"b": 2, "a": 1})),
        (lambda s: Wrapped({"x", "y", "z"}), lambda s: Wrapped({"z", "y", "x"})),
    ],
    ids=["a float", "an array", "a zero", "a dictionary", "a set"],
)
def test_the_last_bits_and_the_order_of_what_has_none_do_not_count(make, other):
    assert of(make) == of(other)


def test_a_used_generator_does_not_count():
    rng = np.random.default_rng(1)
    first = of(lambda s: Wrapped([rng, np.random.RandomState(s)]))
    rng.random(5)
    assert of(lambda s: Wrapped([rng, np.random.RandomState(s)])) == first


def test_a_seed_of_its_own_a_cache_and_a_key_do_not_count():
    assert of(lambda s: Seeded(7, s)) == of(lambda s: Seeded(8, s))


def test_what_holds_itself_ends():
    def make(seed):
        sampler = Wrapped([])
        sampler.held.append(sampler)
        return sampler

    assert of(make) == of(make)


def test_a_fingerprint_that_is_given_is_the_whole_of_it():
    clean, noise = DIFFERENT["clean"], DIFFERENT["flipped"]
    assert of(clean, fingerprint="v1") == of(noise, fingerprint="v1") != of(clean)
    assert of(clean, fingerprint="v1") != of(clean, fingerprint="v2")


def test_backends_of_this_package_are_what_their_names_say():
    names = ["qsim", "stim", "qsim:readout=0.1", "qsim:readout=0.2", "qvm:weber", "qvm:rainbow"]
    found = [fingerprint_of(open_backend(name)) for name in names]
    assert len(set(found)) == len(names)
    assert found == [fingerprint_of(open_backend(name)) for name in names]
    spelt = open_backend("qsim:depolarize=0,readout=0.10")
    assert fingerprint_of(spelt) == found[2]


def test_a_backend_that_makes_nothing_has_none():
    with pytest.raises(UsageError, match=r"make\(0\) must return a cirq.Sampler"):
        of(lambda seed: None)


def test_another_process_finds_the_same():
    """Also one that hashes texts otherwise and multiplies on another kernel."""
    program = f"""
        import {__name__} as here
        print(" ".join(here.of(make) for make in here.DIFFERENT.values()))
    """
    environment = os.environ | {"PYTHONHASHSEED": "7", "OPENBLAS_CORETYPE": "Nehalem"}
    environment["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[2]), *sys.path])
    found = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env=environment, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    # Classes and functions of this file bear the name of its module there and here.
    assert found == [of(make) for make in DIFFERENT.values()]
