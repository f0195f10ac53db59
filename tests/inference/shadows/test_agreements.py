"""Agreements of all pairs of shots: against matrices, and compiled against not compiled."""

import hashlib
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from shadow_examples import random_records, traces

from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.shadows.agreements import count_agreements


@pytest.mark.parametrize(("qubits", "shots"), [(1, 5), (4, 9), (64, 3), (70, 4)])
def test_counts_are_those_of_the_traces_of_all_pairs(qubits, shots):
    records = random_records(qubits, 3, shots, seed=qubits)
    counts = count_agreements(records)
    for i, one in enumerate(records):
        for j, other in enumerate(records):
            agreements = (traces(one, other).sum(axis=2) - qubits / 2) / 4.5
            kept = agreements[~np.eye(shots, dtype=bool)] if i == j else agreements.ravel()
            places = np.rint(kept).astype(int) + qubits
            assert np.allclose(kept, places - qubits)
            expected = np.bincount(places, minlength=2 * qubits + 1)
            assert counts[i, j].tolist() == expected.tolist()


def test_records_of_different_lengths_are_counted():
    records = random_records(3, 1, 300, seed=1) + random_records(3, 1, 7, seed=2)
    pairs = count_agreements(records).sum(axis=2)
    assert pairs.tolist() == [[300 * 299, 2100], [2100, 42]]


def test_states_that_do_not_fit_are_refused():
    (record,) = random_records(3, 1, 6, seed=1)
    for records, reason in (
        ([], "one for each state"),
        (["a"], "must be a ShadowRecord"),
        ([record[:1]], "at least 2 shots"),
        ([replace(record, scheme="chosen")], "random bases"),
        ([record, *random_records(2, 1, 6, seed=1)], "one number of qubits"),
    ):
        with pytest.raises(UsageError, match=reason):
            count_agreements(records)


COUNT = """
import hashlib
from shadow_examples import random_records
from quantum_advantage.inference.shadows import agreements
{compiled}
found = [
    agreements.count_agreements(random_records(n, 3, shots, seed=n)).tobytes()
    for n, shots in ((1, 3), (64, 200), (130, 150))
]
print(hashlib.sha256(b"".join(found)).hexdigest())
"""


def counted(compiled):
    code = COUNT.format(compiled="" if compiled else "agreements.pairs_compiled = None")
    paths = ";".join(f"sys.path.append({path!r})" for path in sys.path)
    done = subprocess.run(
        [sys.executable, "-c", f"import sys;{paths}\n{code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_compiled_kernel_counts_the_same():
    pytest.importorskip("numba", reason="the extra 'fast' is not installed")
    assert counted(True) == counted(False)
    assert len(counted(True).strip()) == len(hashlib.sha256().hexdigest())
