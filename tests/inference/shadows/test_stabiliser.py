from dataclasses import replace

import cirq
import numpy as np
import pytest

from quantum_advantage.circuits.request import Request, resolver_values
from quantum_advantage.core.bits import pack_bits
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.inference.shadows.stabiliser import stabiliser_fidelity, stabiliser_group
from quantum_advantage.measurements.merging import merge_stabiliser_records
from quantum_advantage.measurements.records import StabiliserRecord
from quantum_advantage.measurements.stabiliser import (
    decode_random_bases,
    random_bases,
    random_basis_dials,
    stabiliser_basis_change,
)

QUBITS = cirq.LineQubit.range(2)
STATE = cirq.testing.random_density_matrix(4, random_state=6)
TARGETS = {"Bell": ["XX", "-ZZ"], "product": ["-YI", "IX"], "graph": ["YX", "ZY"]}


def projector(generators):
    """The density matrix of a stabiliser state, from its generators."""
    state = np.eye(4, dtype=complex)
    for string in PauliStrings.from_text(generators).to_cirq_dense():
        state = state @ (np.eye(4) + cirq.unitary(string)) / 2
    return state


def draw(shots, rng):
    """A record of random stabiliser bases, from the exact law of every basis."""
    positions = random_bases(2, shots, rng)
    dials = random_basis_dials(2)
    change = cirq.Circuit(stabiliser_basis_change(QUBITS))
    request = Request(change, dials, positions, shots)
    numbers, laws = positions[0].astype(int) * 3 + positions[1], {}
    for shot, number in enumerate(numbers):
        if number not in laws:
            resolved = cirq.resolve_parameters(change, resolver_values(request, shot))
            unitary = resolved.unitary(qubit_order=QUBITS)
            laws[number] = np.cumsum((unitary @ STATE @ unitary.conj().T).diagonal().real)[:3]
    steps = np.array([laws[number] for number in numbers])
    outcomes = (rng.random((shots, 1)) > steps).sum(axis=1)
    bits = outcomes[:, None] >> np.array([1, 0]) & 1
    return StabiliserRecord(tuple(QUBITS), decode_random_bases(positions), pack_bits(bits)[:, 0])


def test_group_of_a_bell_state_has_its_signs():
    group = stabiliser_group(PauliStrings.from_text(["XX", "ZZ"]))
    assert sorted(group.text()) == ["-YY", "II", "XX", "ZZ"]


@pytest.mark.parametrize("target", TARGETS)
def test_fidelity_is_unbiased_with_the_stated_error(target):
    records, shots = 1500, 100
    whole = draw(records * shots, np.random.default_rng(1))
    generators = PauliStrings.from_text(TARGETS[target])
    parts = (whole[i : i + shots] for i in range(0, whole.shots, shots))
    values, errors = np.array([stabiliser_fidelity(part, generators) for part in parts]).T
    exact = np.trace(projector(TARGETS[target]) @ STATE).real
    spread = values.std(ddof=1)
    assert abs(values.mean() - exact) < 4 * spread / np.sqrt(records)
    assert np.sqrt((errors**2).mean()) == pytest.approx(spread, rel=0.05)
    assert spread < np.sqrt(3 / shots)


def test_blocks_of_the_group_do_not_change_the_fidelity(monkeypatch):
    record = draw(50, np.random.default_rng(2))
    generators = PauliStrings.from_text(TARGETS["Bell"])
    whole = stabiliser_fidelity(record, generators)
    monkeypatch.setattr("quantum_advantage.inference.shadows.stabiliser.AT_ONCE", 50)
    assert stabiliser_fidelity(record, generators) == pytest.approx(whole)


@pytest.mark.parametrize(
    ("generators", "message"),
    [
        (["XX"], "generators must be 2 strings"),
        (["XX", "ZI"], "generators must commute, but XX and ZI do not"),
        (["XX", "-XX"], "generators must be independent"),
        (["XXX", "ZZI", "IZZ"], "strings act on 3 qubits, the record has 2"),
    ],
)
def test_generators_of_no_stabiliser_state_are_refused(generators, message):
    record = draw(5, np.random.default_rng(3))
    with pytest.raises(ValueError, match=message):
        stabiliser_fidelity(record, generators)


def test_slices_of_a_record_merge_into_it():
    record = replace(draw(30, np.random.default_rng(4)), provenance={"seed": 4, "a": 1})
    rest = replace(record[11:], provenance={"seed": 5, "a": 1})
    merged = merge_stabiliser_records([record[:11], rest])
    assert merged.outcomes.tolist() == record.outcomes.tolist()
    assert merged.provenance == {"a": 1}
    generators = PauliStrings.from_text(TARGETS["Bell"])
    assert stabiliser_fidelity(merged, generators) == stabiliser_fidelity(record, generators)
    turned = replace(record, qubits=record.qubits[::-1])
    for wrong, told in (
        ([], "hold at least one record"),
        ([record, turned], "all be of the same qubits"),
        (record, "be a list of stabiliser records"),
    ):
        with pytest.raises(ValueError, match=f"records must {told}"):
            merge_stabiliser_records(wrong)
