import itertools
from dataclasses import replace

import cirq
import numpy as np
import pytest

from quantum_advantage.core.bits import pack_bits
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.inference.shadows.expectations import (
    contributions,
    covariance,
    expectation,
    expectations,
    median_of_means,
)
from quantum_advantage.measurements.measure import measure_shadow
from quantum_advantage.measurements.merging import merge_records
from quantum_advantage.measurements.pauli_basis import pack_bases
from quantum_advantage.measurements.records import BellRecord, ShadowRecord

QUBITS = A, B = tuple(cirq.LineQubit.range(2))
STATE = cirq.testing.random_density_matrix(4, random_state=1)
# Rows are the eigenstates +1 and -1 of X, Y and Z.
EIGENSTATES = np.array(
    [[[1, 1], [1, -1]], [[1, 1j], [1, -1j]], [[np.sqrt(2), 0], [0, np.sqrt(2)]]]
) / np.sqrt(2)
OBSERVABLES = {
    "sum": 0.5 * cirq.X(A) * cirq.X(B) - 1.5 * cirq.Y(B) + 0.7 * cirq.Z(A) * cirq.Y(B) + 0.25,
    "string": -2.0 * cirq.Y(A) * cirq.Z(B),
    "one letter": cirq.X(A) * 1.0,
}
SHOTS, RECORDS = 200, 1500


def outcome_chances():
    """The chance of each outcome (two bits) in each of the nine bases, shape (9, 4)."""
    chances = []
    for first, second in itertools.product(EIGENSTATES, repeat=2):
        states = np.kron(first, second)
        chances.append(np.einsum("ki,ij,kj->k", states.conj(), STATE, states).real)
    return np.array(chances)


CUMULATED = np.cumsum(outcome_chances(), axis=1)


def draw_record(shots, rng, qubits=QUBITS):
    """A record of uniformly random bases, drawn from the exact distribution."""
    bases = rng.integers(0, 9, shots)
    steps = CUMULATED[bases, :3]
    outcomes = (rng.random((shots, 1)) > steps).sum(axis=1)
    settings = [column.astype(np.uint8) for column in np.divmod(bases, 3)]
    bits = np.stack(np.divmod(outcomes, 2), axis=1)
    return ShadowRecord(qubits, pack_bases(settings), pack_bits(bits))


def exact(observable):
    matrix = cirq.PauliSum.wrap(observable).matrix(qubits=QUBITS)
    return np.trace(matrix @ STATE).real


@pytest.mark.parametrize("name", OBSERVABLES)
def test_estimate_of_one_record_agrees_within_its_error(name):
    estimate, error = expectation(draw_record(40_000, np.random.default_rng(2)), OBSERVABLES[name])
    assert abs(estimate - exact(OBSERVABLES[name])) < 5 * error
    assert error < 0.04


@pytest.mark.parametrize("name", OBSERVABLES)
def test_estimates_are_unbiased_with_the_stated_error(name):
    rng = np.random.default_rng(3)
    answers = [expectation(draw_record(SHOTS, rng), OBSERVABLES[name]) for _ in range(RECORDS)]
    estimates, errors = np.array(answers).T
    spread = estimates.std(ddof=1)
    assert abs(estimates.mean() - exact(OBSERVABLES[name])) < 5 * spread / np.sqrt(RECORDS)
    assert 0.95 * spread < errors.mean() < 1.15 * spread


@pytest.mark.parametrize(("text", "weight"), [("IX", 1), ("YZ", 2)])
def test_second_moment_of_a_string_is_three_to_its_weight(text, weight):
    shots = 40_000
    observable = cirq.DensePauliString(text).on(*QUBITS)
    record = draw_record(shots, np.random.default_rng(4))
    moment = (contributions(record, observable) ** 2).mean()
    estimate, error = expectation(record, observable)
    known = np.sqrt((max(moment, 3.0**weight) - estimate**2) / shots)
    assert error == pytest.approx(known, rel=1e-3)
    chance = 3.0**-weight
    tolerance = 5 * 9.0**weight * np.sqrt(chance * (1 - chance) / shots)
    assert abs(moment - 3.0**weight) < tolerance


def test_identity_is_known_without_error():
    record = draw_record(30, np.random.default_rng(5))
    assert expectation(record, cirq.PauliSum() + 0.75) == (0.75, 0)


def test_order_of_the_qubits_of_the_record_counts():
    swapped = draw_record(500, np.random.default_rng(6), qubits=(B, A))
    plain = draw_record(500, np.random.default_rng(6))
    first, second = cirq.X(A) * cirq.Z(B), cirq.X(B) * cirq.Z(A)
    assert expectation(swapped, first) == expectation(plain, second)
    assert expectation(plain, first) != expectation(plain, second)


def test_error_is_the_root_of_the_larger_second_moment_less_the_square_of_the_mean_sign():
    every_shot_in_x = pack_bases([np.zeros(5, dtype=np.uint8)] * 2)
    signs = np.array([1, -1, 1, 1, -1])
    bits = np.stack([signs < 0, signs > 0], axis=1)
    record = ShadowRecord(QUBITS, every_shot_in_x, pack_bits(bits))
    expected = 6 * signs.mean(), 2 * np.sqrt((9 - signs.mean() ** 2) / 5)
    assert expectation(record, cirq.X(A) * 2.0) == pytest.approx(expected)
    assert expectation(record, cirq.Z(A) * 2.0) == pytest.approx((0, 2 * np.sqrt(3 / 5)))


@pytest.mark.parametrize("times", [1, 1000])
def test_error_of_one_setting_covers(times):
    x, z = pack_bases([np.zeros(1, dtype=np.uint8)] * 2)
    record = ShadowRecord(QUBITS, (x, z), pack_bits(np.zeros((times, 2))), times)
    for observable in (cirq.X(A) * 1.0, cirq.Z(A) * 1.0, cirq.X(A) + cirq.X(A) * cirq.X(B)):
        value, error = expectation(record, observable)
        largest = len(cirq.PauliSum.wrap(observable))
        assert abs(value) + largest <= 1.96 * error + largest
        assert error > 1


def test_record_counts_its_shots():
    assert draw_record(37, np.random.default_rng(8)).shots == 37


@pytest.mark.parametrize(
    "observable", [1j * cirq.X(A) * cirq.Z(B), cirq.X(A) + 0.5j * cirq.Z(B) * cirq.Z(A)]
)
def test_observable_that_is_not_hermitian_is_refused(observable):
    with pytest.raises(ValueError, match="must have real coefficients"):
        expectation(draw_record(5, np.random.default_rng(9)), observable)


def test_observable_outside_the_qubits_is_refused_by_qubit():
    outside = cirq.X(A) * cirq.X(cirq.LineQubit(7))
    with pytest.raises(ValueError, match=r"LineQubit\(7\)"):
        expectation(draw_record(5, np.random.default_rng(10)), outside)


def test_a_term_with_coefficient_zero_contributes_nothing():
    qubit = cirq.LineQubit(0)
    record = measure_shadow(cirq.Circuit(cirq.H(qubit)), cirq.Simulator(seed=1), 20, seed=2)
    assert expectation(record, 0 * cirq.X(qubit)) == (0.0, 0.0)


# Many observables, several shots for each basis.

THREE = cirq.LineQubit.range(3)
MIXED = cirq.testing.random_density_matrix(8, random_state=2)
MANY = [
    cirq.PauliString(cirq.X(THREE[0])),
    -2.0 * cirq.Y(THREE[1]) * cirq.Z(THREE[2]),
    cirq.Z(THREE[0]) * cirq.X(THREE[1]) * cirq.Y(THREE[2]),
    0.5 * cirq.Z(THREE[0]) * cirq.Z(THREE[1]) + cirq.Z(THREE[1]) - 0.7 * cirq.X(THREE[2]) + 2,
]


def exact_values(observables, state, qubits):
    matrices = [cirq.PauliSum.wrap(o).matrix(qubits=qubits) for o in observables]
    return np.array([np.trace(matrix @ state).real for matrix in matrices])


def check_spread(found, exact):
    """Unbiased within 4 errors, stated error within 5 % of the spread; (records, ..., 2)."""
    values, errors = np.moveaxis(found, -1, 0)
    spread = values.std(axis=0, ddof=1)
    assert (np.abs(values.mean(axis=0) - exact) < 4 * spread / np.sqrt(len(values))).all()
    stated = np.sqrt((errors**2).mean(axis=0))
    assert (stated > 0.95 * spread).all()
    assert (stated < 1.3 * spread).all()


@pytest.mark.parametrize("times", [1, 4])
def test_many_expectations_are_unbiased_with_the_stated_errors(draw_shadows, times):
    records, settings = 1500, 150
    whole = draw_shadows(MIXED, records * settings, np.random.default_rng(11), times=times)
    parts = (whole[i : i + settings] for i in range(0, whole.settings, settings))
    found = np.array([expectations(part, MANY) for part in parts])
    check_spread(found, exact_values(MANY, MIXED, THREE))


def test_median_of_means_is_unbiased_with_the_stated_error(draw_shadows):
    records, settings, groups = 1500, 300, 3
    whole = draw_shadows(MIXED, records * settings, np.random.default_rng(12))
    strings = PauliStrings.from_text(["XII", "IYZ"])
    parts = (whole[i : i + settings] for i in range(0, whole.settings, settings))
    found = np.array([median_of_means(part, strings, groups) for part in parts])
    values, errors = np.moveaxis(found, -1, 0)
    spread = values.std(axis=0, ddof=1)
    exact = exact_values(strings.to_cirq(THREE), MIXED, THREE)
    # The median of skew means is not quite unbiased: a tenth of an error is allowed.
    assert (np.abs(values.mean(axis=0) - exact) < 0.1 * spread).all()
    stated = np.sqrt((errors**2).mean(axis=0))
    assert (stated > 0.95 * spread).all()
    assert (stated < 1.25 * spread).all()


def test_median_of_means_is_that_of_the_groups(draw_shadows):
    record = draw_shadows(MIXED, 100, np.random.default_rng(13))
    means = [expectations(part, MANY)[:, 0] for part in (record[:33], record[33:66], record[66:])]
    assert median_of_means(record, MANY, 3)[:, 0] == pytest.approx(np.median(means, axis=0))
    assert median_of_means(record, MANY, 1) == pytest.approx(expectations(record, MANY))
    halves = [expectations(part, MANY)[:, 0] for part in (record[:50], record[50:])]
    assert median_of_means(record, MANY, 2)[:, 0] == pytest.approx(np.mean(halves, axis=0))
    for groups in (0, 101, 2.5):
        with pytest.raises(ValueError, match=f"groups must be a whole number .* not {groups}"):
            median_of_means(record, MANY, groups)


@pytest.mark.parametrize("groups", [4, 9, 99])
def test_interval_of_a_median_holds_that_of_the_mean(draw_shadows, groups):
    record = draw_shadows(MIXED, 100, np.random.default_rng(24))
    medians, wide = median_of_means(record, MANY, groups).T
    means, errors = expectations(record, MANY).T
    assert (np.abs(medians - means) + 1.959964 * errors <= 1.959964 * wide + 1e-9).all()


@pytest.mark.parametrize("times", [1, 3])
def test_expectations_are_the_means_of_the_contributions(draw_shadows, times):
    record = draw_shadows(MIXED, 90, np.random.default_rng(14), times=times)
    values = contributions(record, MANY)
    assert values.shape == (90, 4)
    found = expectations(record, MANY)
    np.testing.assert_allclose(found[:, 0], values.mean(axis=0), atol=1e-12)
    assert (found[:, 1] >= values.std(axis=0) / np.sqrt(90) - 1e-12).all()
    one_by_one = [expectation(record, observable) for observable in MANY]
    np.testing.assert_allclose(one_by_one, found, atol=1e-12)


def test_packed_strings_and_cirq_strings_give_the_same_numbers(draw_shadows):
    record = draw_shadows(MIXED, 90, np.random.default_rng(15))
    strings = PauliStrings.from_text(["XIY", "-ZZI", "III", "-III"])
    found = expectations(record, strings)
    assert found.tolist() == expectations(record, strings.to_cirq(THREE)).tolist()
    assert found[2:].tolist() == [[1, 0], [-1, 0]]


def test_covariance_is_that_of_the_estimates(draw_shadows):
    records, settings = 2000, 100
    whole = draw_shadows(MIXED, records * settings, np.random.default_rng(16))
    values = contributions(whole, MANY).reshape(records, settings, 4).mean(axis=1)
    spread = np.cov(values.T)
    stated = covariance(whole[:20000], MANY) * 20000 / settings
    scale = np.sqrt(np.outer(np.diag(spread), np.diag(spread)))
    # What is stated on the diagonal is a little wider than the spread.
    off = np.abs(stated - spread) / scale - 0.1 * np.eye(4)
    assert off.max() < 5 * np.sqrt(2 / records)
    assert np.linalg.eigvalsh(covariance(whole[:3], MANY)).min() > -1e-9
    errors = np.sqrt(np.diag(covariance(whole[:100], MANY)))
    np.testing.assert_allclose(errors, expectations(whole[:100], MANY)[:, 1])
    with pytest.raises(ValueError, match="at least 2 settings, not 1"):
        covariance(whole[:1], MANY)


def test_slices_of_a_record_merge_into_it(draw_shadows):
    record = draw_shadows(MIXED, 20, np.random.default_rng(17), times=3)
    merged = merge_records([record[:7], record[7:]])
    assert merged.outcomes.tolist() == record.outcomes.tolist()
    assert [b.tolist() for b in merged.bases] == [b.tolist() for b in record.bases]
    assert (record[:7].settings, record[:7].shots, merged.times) == (7, 21, 3)


def test_provenance_of_a_merged_record_is_what_all_agree_on(draw_shadows):
    record = draw_shadows(MIXED, 4, np.random.default_rng(18))
    first = replace(record, provenance={"seed": 1, "circuit": "a"})
    second = replace(record, provenance={"seed": 2, "circuit": "a"})
    merged = merge_records([first, second], independent=True)
    assert merged.provenance == {"circuit": "a"}


def test_records_that_do_not_fit_are_not_merged(draw_shadows):
    record = draw_shadows(MIXED, 4, np.random.default_rng(19))
    with pytest.raises(ValueError, match="agree in scheme, but have random and cycled"):
        merge_records([record, replace(record, scheme="cycled")])
    with pytest.raises(ValueError, match="at least one record"):
        merge_records([])


def test_outcomes_must_fit_the_settings(draw_shadows):
    record = draw_shadows(MIXED, 4, np.random.default_rng(20))
    with pytest.raises(ValueError, match="2 shots for each of the 4 settings, not 4"):
        replace(record, times=2)


def test_weights_of_random_bases_are_refused_for_other_bases(draw_shadows):
    record = draw_shadows(MIXED, 4, np.random.default_rng(21), scheme="cycled")
    for function in (expectations, contributions, covariance):
        with pytest.raises(ValueError, match="random bases, not 'cycled' ones"):
            function(record, MANY)


def test_strings_of_another_size_are_refused(draw_shadows):
    record = draw_shadows(MIXED, 4, np.random.default_rng(22))
    with pytest.raises(ValueError, match="strings act on 2 qubits, the record has 3"):
        expectations(record, PauliStrings.from_text(["XX"]))
    imaginary = PauliStrings.from_text(["XXI", "YII"]) * PauliStrings.from_text("ZII")
    with pytest.raises(ValueError, match="-iYXI must have real coefficients"):
        expectations(record, imaginary)


def test_all_strings_on_five_qubits_agree_with_the_state(draw_shadows):
    state = cirq.testing.random_density_matrix(32, random_state=7)
    record = draw_shadows(state, 20_000, np.random.default_rng(23))
    letters = np.array(list(itertools.product(range(4), repeat=5)), dtype=np.uint8)
    strings = PauliStrings.from_letters(letters)
    exact = [np.trace(cirq.unitary(string) @ state).real for string in strings.to_cirq_dense()]
    values, errors = expectations(record, strings).T
    assert (np.abs(values - exact) <= 5 * errors + 1e-9).all()
    deviations = ((values - exact)[1:] / errors[1:]) ** 2
    # Strings are nearly uncorrelated: the mean of so many squares is 1 up to √(2/1023) and more.
    assert deviations.mean() == pytest.approx(1, abs=5 * np.sqrt(2 / deviations.size))


@pytest.mark.parametrize("wrong", [None, 1, [1], ["X", 1], [cirq.X(A), "X"]], ids=str)
def test_what_is_no_observable_is_refused_in_a_line(wrong):
    circuit = cirq.Circuit(cirq.H(cirq.LineQubit(0)))
    record = measure_shadow(circuit, cirq.Simulator(), shots=10, seed=1)
    with pytest.raises(ValueError, match=r"must be a cirq\.PauliString or a cirq\.PauliSum"):
        expectations(record, wrong)


GHZ = cirq.LineQubit.range(10)
NEVER_HIT = [
    cirq.PauliString(dict.fromkeys(GHZ, cirq.X)),
    0.5 * cirq.Z(GHZ[0]) * cirq.Z(GHZ[1]) + cirq.PauliString(dict.fromkeys(GHZ, cirq.X)),
]


def test_strings_that_were_never_hit_are_wide_alone_and_in_sums():
    """GHZ on ten qubits, a thousand shots: X^10 is 1, and hit by one basis in 59049."""
    rng = np.random.default_rng(25)
    bases = rng.integers(0, 3, (1000, 10))
    # Outcomes of one qubit are coins; two qubits in basis Z agree.
    bits = np.where(bases == 2, rng.integers(0, 2, (1000, 1)), rng.integers(0, 2, (1000, 10)))
    assert not (bases == 0).all(axis=1).any()
    record = ShadowRecord(tuple(GHZ), pack_bases(tuple(bases.T.astype(np.uint8))), pack_bits(bits))
    alone, together = expectations(record, NEVER_HIT)
    assert alone == pytest.approx([0, np.sqrt(3**10 / 1000)])
    assert together[0] == pytest.approx(0.5, abs=0.25)
    assert together[1] == pytest.approx(np.sqrt((3**10 + 9 / 4) / 1000), rel=1e-3)


@pytest.mark.parametrize("function", [expectations, contributions, covariance])
def test_one_observable_that_is_in_no_list_is_one(draw_shadows, function):
    record = draw_shadows(MIXED, 60, np.random.default_rng(26))
    for one in (MANY[3], MANY[0], cirq.X(THREE[0])):
        assert function(record, one).tolist() == function(record, [one]).tolist()
        assert median_of_means(record, one, 3).shape == (1, 2)
    packed = PauliStrings.from_text("XII")
    assert expectation(record, packed) == expectation(record, cirq.X(THREE[0]))
    with pytest.raises(ValueError, match="observable must be one, not 2; use expectations"):
        expectation(record, PauliStrings.from_text(["XII", "ZII"]))
    assert function(record, []).size == 0


def test_records_of_another_kind_are_refused_in_a_line():
    bell = BellRecord(1, pack_bits([[0]]), pack_bits([[0]]))
    line = r"record must be a ShadowRecord, not BellRecord\(1 shots of 2 x 1 qubits\)"
    for function in (expectations, expectation, contributions, covariance):
        with pytest.raises(ValueError, match=line):
            function(bell, cirq.X(THREE[0]))


def test_a_record_is_one_short_line(draw_shadows):
    record = draw_shadows(MIXED, 20, np.random.default_rng(27), times=3)
    assert repr(record) == "ShadowRecord(60 shots of 3 qubits in 20 random bases, each 3 times)"


def test_one_observable_or_many_in_every_form():
    record = measure_shadow(
        cirq.Circuit(cirq.H(cirq.q(0)), cirq.CNOT(*cirq.LineQubit.range(2))),
        cirq.Simulator(seed=1), 200, seed=np.random.default_rng(3),
    )  # fmt: skip
    a, b = record.qubits
    wanted = expectations(record, [cirq.Z(a) * cirq.Z(b)]).tolist()
    for same in (
        "ZZ",
        ["ZZ"],
        cirq.DensePauliString("ZZ"),
        PauliStrings.from_text("ZZ"),
        cirq.Z(a) * cirq.Z(b),
    ):
        assert expectations(record, same).tolist() == wanted
    for one in ("ZZ", PauliStrings.from_text("ZZ"), cirq.Z(a) * cirq.Z(b)):
        assert expectation(record, one) == tuple(wanted[0])
