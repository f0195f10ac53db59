"""Records that hold the same settings twice, and honest ones that do not."""

from dataclasses import replace

import cirq
import numpy as np
import pytest

from quantum_advantage.core.bits import pack_bits
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.shadows.expectations import expectation
from quantum_advantage.measurements.measure import (
    measure_bases,
    measure_shadow,
    measure_stabiliser_shadow,
)
from quantum_advantage.measurements.merging import merge_records, merge_stabiliser_records
from quantum_advantage.measurements.pauli_basis import pack_bases
from quantum_advantage.measurements.records import ShadowRecord
from quantum_advantage.measurements.repeated_settings import LEAST_CHANCE, _length


def random_record(settings, qubits, rng, times=1, **options):
    bases = pack_bases(tuple(rng.integers(0, 3, (qubits, settings), dtype=np.uint8)))
    outcomes = pack_bits(rng.integers(0, 2, (settings * times, qubits)))
    return ShadowRecord(tuple(cirq.LineQubit.range(qubits)), bases, outcomes, times, **options)


def copied(record):
    """An equal record of other arrays, as one that was read from a file."""
    x, z = record.bases
    return replace(record, bases=(x.copy(), z.copy()), outcomes=record.outcomes.copy())


@pytest.mark.parametrize(("qubits", "settings"), [(1, 200), (2, 50), (3, 40), (10, 20), (70, 5)])
def test_a_record_and_its_parts_are_not_merged_with_it(qubits, settings):
    rng = np.random.default_rng(1)
    record = random_record(settings, qubits, rng, times=2)
    others = [random_record(settings, qubits, rng, times=2) for _ in range(3)]
    merge_records([record, *others])
    third = settings // 3
    for part in (record, record[:], record[1:], record[: 2 * third], record[third:]):
        for same in (part, copied(part)):
            for records in ([record, same], [*others, same, record], [same, *others, record]):
                with pytest.raises(UsageError, match=r"records \d and \d have the same bases in"):
                    merge_records(records)
    # Parts that overlap: neither is a part of the other.
    with pytest.raises(UsageError, match="records 0 and 1 have the same bases"):
        merge_records([copied(record[: 2 * third]), copied(record[third:])])
    # A record that was merged before.
    with pytest.raises(UsageError, match="records 0 and 1 have the same bases"):
        merge_records([merge_records([others[0], record]), copied(record)])


def test_what_would_count_twice_stated_an_error_too_small():
    record = random_record(500, 2, np.random.default_rng(2))
    q = record.qubits[0]
    once = expectation(record, cirq.Z(q))
    twice = expectation(merge_records([record, copied(record)], independent=True), cirq.Z(q))
    assert twice[0] == pytest.approx(once[0])
    assert twice[1] == pytest.approx(once[1] / np.sqrt(2), rel=0.01)


def test_two_records_of_one_seed_are_not_merged():
    circuit = cirq.Circuit(cirq.H.on_each(*cirq.LineQubit.range(3)))
    one, other = (measure_shadow(circuit, cirq.Simulator(seed=s), 100, seed=7) for s in (1, 2))
    assert (one.outcomes != other.outcomes).any()
    with pytest.raises(UsageError, match=r"the same bases .* one seed taken twice"):
        merge_records([one, other])
    merge_records([one, measure_shadow(circuit, cirq.Simulator(seed=2), 100, seed=8)])


@pytest.mark.parametrize(("qubits", "settings"), [(1, 1), (1, 12), (1, 3000), (2, 3), (5, 800)])
def test_honest_records_are_merged(qubits, settings):
    rng = np.random.default_rng(3)
    for _ in range(20):
        merge_records([random_record(settings, qubits, rng) for _ in range(4)])


def test_the_shortest_run_has_the_chance_that_is_stated():
    for total in (2, 100, 10**6):
        for chance in (1 / 3, 3.0**-10, 3.0**-400, 0.0):
            length = _length(total, chance)
            assert total**2 / 2 * chance**length <= LEAST_CHANCE * (1 + 1e-9) or length == 1
            if length > 1:
                assert total**2 / 2 * chance ** (length - 1) > LEAST_CHANCE


def test_given_bases_may_come_again_but_not_with_their_outcomes():
    rng = np.random.default_rng(4)
    bases = rng.integers(0, 3, (6, 5))
    state = cirq.Circuit(cirq.ry(0.7 * k)(q) for k, q in enumerate(cirq.LineQubit.range(5), 1))
    one, other = (
        measure_bases(state, cirq.Simulator(seed=s), bases, times=3, scheme="cycled")
        for s in (1, 2)
    )
    assert merge_records([one, other]).settings == 12
    with pytest.raises(UsageError, match="the same bases and outcomes in"):
        merge_records([one, copied(one)])
    # Outcomes that are certain agree in separate measurements: who knows it says so.
    sure = cirq.Circuit(cirq.I.on_each(*cirq.LineQubit.range(5)))
    zeros = [
        measure_bases(sure, cirq.Simulator(seed=s), [[2] * 5] * 10, scheme="given") for s in (1, 2)
    ]
    with pytest.raises(UsageError, match="say independent=True"):
        merge_records(zeros)
    assert merge_records(zeros, independent=True).settings == 20


def test_records_of_other_circuits_are_told_apart():
    rng = np.random.default_rng(5)
    one, other = (
        random_record(30, 3, rng, provenance={"circuit": name, "seed": 1}) for name in "ab"
    )
    with pytest.raises(UsageError, match=r"one circuit, but have a and b; .*same_state=True"):
        merge_records([one, other])
    assert merge_records([one, other], same_state=True).provenance == {"seed": 1}
    # A record that does not tell its circuit may be of any.
    merge_records([one, random_record(30, 3, rng)])


def test_stabiliser_records_follow_the_same_rules():
    qubits = cirq.LineQubit.range(3)
    circuit = cirq.Circuit(cirq.H.on_each(*qubits))
    one, other = (
        measure_stabiliser_shadow(circuit, cirq.Simulator(seed=1), 40, seed=s) for s in (1, 2)
    )
    assert merge_stabiliser_records([one, other]).shots == 80
    assert merge_stabiliser_records([one[:20], one[20:]]).shots == 40
    for same in (one, one[5:35], measure_stabiliser_shadow(circuit, cirq.Simulator(), 40, seed=1)):
        with pytest.raises(UsageError, match="records 0 and 1 have the same bases"):
            merge_stabiliser_records([one, same])
        merge_stabiliser_records([one, same], independent=True)
    changed = replace(other, provenance={**other.provenance, "circuit": "x"})
    with pytest.raises(UsageError, match="must be of one circuit"):
        merge_stabiliser_records([one, changed])
    merge_stabiliser_records([one, changed], same_state=True)


def test_records_of_other_kinds_are_told_apart_and_any_list_will_do():
    rng = np.random.default_rng(6)
    one, other = (random_record(30, 3, rng) for _ in range(2))
    assert merge_records(record for record in (one, other)).settings == 60
    for wrong in (None, "record", [one]):
        with pytest.raises(UsageError, match="records must be shadow records, not"):
            merge_records([one, wrong])
        with pytest.raises(UsageError, match="records must be stabiliser records, not"):
            merge_stabiliser_records([one, wrong])


@pytest.mark.parametrize("records", [None, 5, "records"])
def test_what_is_no_list_of_records_is_refused(records):
    with pytest.raises(UsageError, match="records must be "):
        merge_records(records)


def test_a_record_alone_is_no_list():
    record = random_record(3, 1, np.random.default_rng(6))
    with pytest.raises(UsageError, match="records must be a list of shadow records, not a quantum"):
        merge_records(record)
