"""A service that runs jobs, and what it is asked in the tests of jobs."""

import os
import pickle
import signal
from collections import Counter
from itertools import chain
from pathlib import Path

import cirq
import numpy as np
import pytest
import sympy

from quantum_advantage.backends.devices import job_folder, packing
from quantum_advantage.backends.devices.answers import decode_results, encode_results
from quantum_advantage.backends.devices.jobs import (
    JobFolder,
    JobSampler,
)
from quantum_advantage.circuits.request import Dial, Request
from quantum_advantage.core.bits import unpack_bits


@pytest.fixture(autouse=True)
def _small_jobs(monkeypatch):
    monkeypatch.setattr(packing, "MOST_POINTS", 2)
    monkeypatch.setattr(job_folder, "new_key", lambda: KEY)


A, B = cirq.GridQubit.rect(1, 2)
TURN, FLIP = sympy.Symbol("turn"), sympy.Symbol("flip")
# One random bit and its copy, then flips that the table decides.
CIRCUIT = cirq.Circuit(
    cirq.Moment(cirq.X(A) ** TURN),
    cirq.Moment(cirq.CNOT(A, B)),
    cirq.Moment(cirq.X(B) ** FLIP),
    cirq.Moment(cirq.measure(A, key="a"), cirq.measure(B, key="b")),
)
DIALS = (
    Dial("state", ("turn",), ((0.0,), (0.5,), (1.0,), (1.5,), (2.0,))),
    Dial("flip", ("flip",), ((0.0,), (1.0,))),
)
# The key of a run, fixed so that two lives of it can be compared.
KEY = "0a1b2c3d"
MOMENT = "2026-03-01T10:00:00+00:00"
FINISHED = "2026-03-01T10:00:09+00:00"


class RefusedError(Exception):
    """The service does not take a job, or does not answer."""


class FailedError(Exception):
    """A job failed on the processor."""


class FakeHandle:
    def __init__(self, service, job_id):
        self._service, self._id = service, job_id

    def fetch(self, portion):
        self._service.reach("results", self._id)
        asked = self._service.load(self._id)
        # The outcomes belong to the job, whoever fetches them and whenever.
        simulator = cirq.Simulator(seed=int.from_bytes(self._id.encode(), "big") % 2**31)
        found = list(chain(*map(simulator.run_sweep, *asked)))
        return self._service.spoil(encode_results(found, portion))

    def times(self):
        self._service.reach("times", self._id)
        return MOMENT, FINISHED

    def configuration(self):
        self._service.reach("configuration", self._id)
        return "config default, run run_1"


class FakeService:
    """A service that keeps its jobs in a folder, so that they outlive a process.

    ``faults`` maps ('before', 'after', 'results' or 'find', number of the call) to what happens
    there. A job whose id is taken is the one that is there.
    """

    def __init__(self, store, faults=None, processor="chip", calibrations=(MOMENT,)):
        self._store = Path(store)
        self._store.mkdir(exist_ok=True)
        self.faults = faults or {}
        self.processor = processor
        self._calibrations = list(calibrations)
        self.trouble = ""
        self.calls = Counter()

    def reach(self, stage, job_id):
        number, self.calls[stage] = self.calls[stage], self.calls[stage] + 1
        happens = self.faults.get((stage, number))
        if happens is None:
            return
        if happens == "SIGKILL":
            os.kill(os.getpid(), signal.SIGKILL)
        raise happens

    def load(self, job_id):
        return pickle.loads((self._store / job_id).read_bytes())

    def sent(self):
        """The ids of all jobs ever created, in the order of their creation."""
        log = self._store / "log"
        return log.read_text().split() if log.exists() else []

    def describe(self):
        return {"processor": self.processor, "config": "default", "run": "run_1", "snapshot": ""}

    def calibrated(self):
        return self._calibrations.pop(0) if len(self._calibrations) > 1 else self._calibrations[0]

    def unavailable(self):
        return self.trouble

    def send(self, job, portion):
        self.reach("before", job.job_id)
        if (self._store / job.job_id).exists():
            return FakeHandle(self, job.job_id)
        (self._store / job.job_id).write_bytes(
            pickle.dumps((portion.circuits(), portion.sweeps(), portion.each()))
        )
        with (self._store / "log").open("a") as log:
            log.write(f"{job.job_id}\n")
        self.reach("after", job.job_id)
        return FakeHandle(self, job.job_id)

    def spoil(self, answer):
        """Breaks an answer as it is sent, if it is to be broken."""
        number, self.calls["answer"] = self.calls["answer"], self.calls["answer"] + 1
        spoilt = self.faults.get(("answer", number), lambda answer: answer)(answer)
        return spoilt if isinstance(spoilt, bytes) else type(spoilt).serialize(spoilt)

    def decode(self, raw, portion):
        return decode_results(raw, portion)

    def find(self, job):
        self.reach("find", job.job_id)
        return FakeHandle(self, job.job_id) if (self._store / job.job_id).exists() else None

    def explain(self, error):
        known = isinstance(error, (RefusedError, FailedError, OSError))
        return str(error) if known else None

    def has_failed(self, error):
        return isinstance(error, FailedError)


def request_of(seed=0, shots=60, circuit=CIRCUIT):
    rng = np.random.default_rng(seed)
    table = tuple(rng.integers(0, k, shots, dtype=np.uint8) for k in (5, 2))
    return Request(circuit, DIALS, table, shots)


def sample(folder, service, request=None, seed=1, **options):
    """What one life of the process does: opens the folder, asks, and goes."""
    opened = JobFolder(folder, service, **options)
    try:
        return bits_of(JobSampler(opened, seed).sample_table(request or request_of()))
    finally:
        opened.close()


def bits_of(packed):
    return {key: unpack_bits(words, 1)[:, 0] for key, words in packed.items()}


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    for key, bits in expected.items():
        np.testing.assert_array_equal(found[key], bits)
