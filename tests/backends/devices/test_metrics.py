import math

import cirq
import cirq_google
import numpy as np
import pytest
from calibration_examples import TODAY, renamed, shipped, small

from quantum_advantage.backends.devices.device_noise import DeviceNoise
from quantum_advantage.backends.devices.metrics import (
    FOR_EVER,
    ONE_QUBIT,
    READ_0,
    T1,
    check_complete,
    listed,
    read_metrics,
)

A, B, C = cirq.GridQubit.rect(1, 3)


@pytest.mark.parametrize("processor", ["rainbow", "weber", "willow_pink"])
def test_the_old_names_are_read_as_cirq_google_reads_them(processor):
    times = cirq_google.engine.load_device_noise_properties(processor).gate_times_ns
    ours = read_metrics(shipped(processor)).noise_properties(times)
    assert ours == cirq_google.engine.noise_properties_from_calibration(
        shipped(processor), gate_times_ns=times
    )


def test_todays_names_give_the_errors_of_the_old_ones():
    old, new = read_metrics(shipped("willow_pink")), read_metrics(renamed())
    assert new.unusable == ()
    assert set(new.names) == set(TODAY.values())
    for name in TODAY:
        assert new.values[name] == old.values[name]
    assert new.couplers() == old.couplers()
    assert len(new.couplers()) == 182


def test_today_goes_before_the_old_and_the_isolated_is_better_than_nothing():
    read = read_metrics({READ_0: {(A,): [0.1]}, "zero_error": {(A,): [0.2]}})
    assert read.values[READ_0] == {(A,): 0.2}
    read = read_metrics({"parallel_p00_error": {(A,): [0.3]}})
    assert read.values[READ_0] == {(A,): 0.3}
    alone = {"two_qubit_sycamore_gate_xeb_pauli_error_per_cycle": {(A, B): [0.01]}}
    (values,) = read_metrics(alone).values.values()
    assert values == {(A, B): 0.01}


def test_couplers_are_those_with_all_that_is_needed():
    assert read_metrics(small()).couplers() == [(A, B), (B, C)]
    partly = small(one_error={(A,): [0.04], (B,): [0.05], (C,): [math.nan]})
    assert read_metrics(partly).couplers() == [(A, B)]
    assert read_metrics(partly).unusable == ()
    unmeasured = small(cz_inferred_gate_error_pauli={(B, A): [0.004], (B, C): [math.nan]})
    assert read_metrics(unmeasured).couplers() == [(A, B)]


def test_what_is_not_known_neither_decays_nor_dephases():
    found = read_metrics(small()).noise_properties("legacy")
    assert found.t1_ns == found.tphi_ns == dict.fromkeys((A, B, C), FOR_EVER)
    # Of one qubit T1 is known, of another the incoherent error as well.
    some = small(
        **{
            T1: {(A,): [20.0], (B,): [10.0]},
            "single_qubit_rb_incoherent_error_per_gate": {(A,): [0.001]},
        }
    )
    found = read_metrics(some).noise_properties("legacy")
    assert found.t1_ns == {A: 20_000.0, B: 10_000.0, C: FOR_EVER}
    assert found.tphi_ns[A] == pytest.approx(25 / 3 / (0.001 - 25 / 60_000))
    assert found.tphi_ns[B] == found.tphi_ns[C] == FOR_EVER
    DeviceNoise("some", found)


def test_the_noise_of_todays_names_is_depolarising_and_of_the_stated_size():
    """Pauli errors of the inserted channels, and the readout, from exact density matrices."""
    noise = DeviceNoise("small", read_metrics(small()).noise_properties("legacy"))

    def channel(circuit):
        # The superoperator of noise alone: of the noisy circuit after the inverse of the ideal one.
        noisy = circuit.with_noise(noise)
        ideal = cirq.unitary(circuit)
        size = len(circuit.all_qubits())
        paulis = [
            cirq.unitary(cirq.DensePauliString([("IXYZ")[i] for i in index]))
            for index in np.ndindex(*(4,) * size)
        ]
        simulator = cirq.DensityMatrixSimulator(dtype=np.complex128)
        fidelity = 0.0
        for pauli in paulis:
            # tr(P E(P)) over all Paulis, E linear: from the states (1 ± P)/d.
            out = [
                simulator.simulate(
                    noisy,
                    initial_state=(np.eye(2**size) + sign * pauli) / 2**size
                    if np.trace(pauli) == 0
                    else np.eye(2**size) / 2**size,
                ).final_density_matrix
                for sign in (1, -1)
            ]
            image = (out[0] - out[1]) / 2 if np.trace(pauli) == 0 else out[0]
            back = ideal.conj().T @ image @ ideal
            fidelity += np.trace(pauli @ back).real
        return 1 - fidelity / 4**size

    assert channel(
        cirq.Circuit(cirq.PhasedXZGate(x_exponent=0.5, z_exponent=0.25, axis_phase_exponent=0.1)(A))
    ) == pytest.approx(0.001, rel=1e-4)
    assert channel(cirq.Circuit(cirq.CZ(A, B))) == pytest.approx(0.004, rel=1e-4)
    for start, expected in ((0, 0.01), (1, 0.04)):
        measured = cirq.Circuit(cirq.measure(A)).with_noise(noise)
        state = cirq.DensityMatrixSimulator(dtype=np.complex128).simulate(
            measured[:-1], initial_state=start, qubit_order=[A]
        )
        wrong = state.final_density_matrix[1 - start, 1 - start].real
        assert wrong == pytest.approx(expected, rel=1e-6)


def test_a_readout_without_errors_stays_without():
    perfect = small(zero_error={(q,): [0] for q in (A, B, C)}, one_error={(A,): [0], (B,): [0]})
    read = read_metrics(perfect)
    noise = DeviceNoise("perfect", read.noise_properties("legacy"))
    circuit = cirq.Circuit(cirq.measure(A))
    assert circuit.with_noise(noise) == circuit


@pytest.mark.parametrize(
    ("name", "target", "value", "message"),
    [
        ("zero_error", (A,), -0.01, "zero_error of q(0, 0) is -0.01 and must be a number from 0"),
        ("one_error", (B,), 1.01, "one_error of q(0, 1) is 1.01 and must"),
        ("one_error", (B,), math.inf, "one_error of q(0, 1) is inf and must"),
        ("one_error", (B,), "much", "one_error of q(0, 1) is no number"),
        ("sq_rb_pauli_error", (A, B), 0.1, "q(0, 0) and q(0, 1) must be of 1 qubit of a grid"),
        ("sq_rb_pauli_error", ("a",), 0.1, "sq_rb_pauli_error of a must be of 1 qubit of a grid"),
        ("sq_rb_pauli_error", (), 0.1, "sq_rb_pauli_error of no qubit must be of 1 qubit"),
        ("cz_inferred_gate_error_pauli", (A,), 0.1, "must be of 2 qubits of a grid"),
        ("cz_inferred_gate_error_pauli", (A, A), 0.1, "must be of 2 qubits of a grid"),
        ("cz_inferred_gate_error_pauli", (A, C), 0.1, "must be of two neighbours"),
        ("cz_inferred_gate_error_pauli", (B, A), 0.1, "comes twice, with two values"),
        (T1, (A,), 0, "single_qubit_idle_t1_micros of q(0, 0) is 0 and must"),
        ("zero_error", (C,), 0.95, "the readout errors of q(0, 2) add up to 1.01"),
    ],
)
def test_a_value_that_cannot_be_is_told_and_left_out(name, target, value, message):
    metrics = small()
    metrics[name] = {**metrics.get(name, {}), target: [value]}
    read = read_metrics(metrics)
    (line,) = read.unusable
    assert message in line
    standard = {new: old for old, new in TODAY.items()}.get(name, name)
    assert target not in read.values[standard]
    assert all(math.isfinite(v) for table in read.values.values() for v in table.values())
    read.noise_properties("legacy")


def test_an_empty_value_is_no_number():
    assert read_metrics({"zero_error": {(A,): []}}).unusable == (
        "zero_error of q(0, 0) is no number",
    )


@pytest.mark.parametrize("gone", list(small()))
def test_what_is_missing_is_named_with_the_name_it_should_have(gone):
    metrics = small()
    metrics[f"future_{gone}"] = metrics.pop(gone)
    with pytest.raises(ValueError, match="calibration of mine holds nothing under") as error:
        check_complete(read_metrics(metrics), "mine")
    line = str(error.value)
    assert "\n" not in line
    wanted, _, found = line.partition("; it has ")
    assert gone in wanted
    assert set(found.split(", ")) == metrics.keys()
    assert not any(other in wanted for other in metrics.keys() & small().keys())


def test_errors_of_other_qubits_than_the_rest_are_not_enough():
    far = cirq.GridQubit.rect(1, 2, 5, 5)
    metrics = small(cz_inferred_gate_error_pauli={tuple(far): [0.01]})
    with pytest.raises(ValueError, match="no coupler whose gate and both qubits are known"):
        check_complete(read_metrics(metrics), "mine")
    check_complete(read_metrics(small()), "mine")


def test_an_empty_calibration_says_that_it_has_nothing():
    with pytest.raises(ValueError, match=r"it has nothing$"):
        check_complete(read_metrics({}), "mine")
    assert ONE_QUBIT not in read_metrics({}).values
    assert listed([str(i) for i in range(10)]) == "0, 1, 2, 3, 4, 5, 6, 7 and 2 more"
