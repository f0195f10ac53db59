"""The three tasks of sensing: arrays of sensors, companions of stars, displacements of light."""

from itertools import product

import cirq
import numpy as np
import pytest

from quantum_advantage.backends.opening import open_backend
from quantum_advantage.bounds.companion import odd_chance
from quantum_advantage.inference.sensing.characteristic import part_variances
from quantum_advantage.inference.sensing.phase_sum import mean_square
from quantum_advantage.study.batches import play_batch
from quantum_advantage.study.spec import Spec
from quantum_advantage.systems.sensor_array import ANGLES
from quantum_advantage.tasks import sensor_array
from quantum_advantage.tasks.base import FromLaw
from quantum_advantage.tasks.companion import Companion
from quantum_advantage.tasks.displacement import Displacement
from quantum_advantage.tasks.registry import load_task
from quantum_advantage.tasks.sensor_array import SensorArrays
from quantum_advantage.tasks.shared.seeds import Seeds

READOUTS = {
    "entangled_sensors": "entangled",
    "joint_readout": "joint",
    "separate_sensors": "separate",
    "separate_sensors_xy": "separate",
}


def estimate(task, protocol, n, shots, systems, number=0):
    seeds = Seeds(*np.random.SeedSequence(number).spawn(4))
    sampler = FromLaw() if task.startswith("displacement") else open_backend("qsim").make(number)
    loaded = load_task(task)
    return loaded.estimate(loaded.read(protocol, n), shots, systems, seeds, sampler)


def agrees(found, variances):
    """No bias, the exact variance, and stated errors of that size, or a little wider."""
    off = found.values - found.truths
    size = len(off)
    assert (np.abs(off.mean(axis=0)) < 4.5 * np.sqrt(variances / size)).all()
    noise = (off**2).std(axis=0) / np.sqrt(size)
    assert (np.abs((off**2).mean(axis=0) - variances) < 4.5 * noise).all()
    stated = (found.errors**2).mean(axis=0)
    assert (stated > 0.9 * variances).all()
    assert (stated < 1.5 * variances).all()


# Arrays of sensors.


@pytest.mark.parametrize("sigma", [0.0, 0.4])
@pytest.mark.parametrize("protocol", READOUTS)
@pytest.mark.parametrize("sensors", [2, 4])
def test_cosine_of_the_sum_is_unbiased_with_the_exact_variance(sensors, protocol, sigma):
    task = f"sensor_array:sigma={sigma}"
    found = estimate(task, protocol, sensors, 200, 400, sensors)
    visibility = np.exp(-sensors * sigma**2 / 2)
    square = mean_square(sensors, visibility, READOUTS[protocol])
    agrees(found, (square - (found.truths**2).mean()) / 200)


@pytest.mark.parametrize("protocol", ["entangled_sensors", "joint_readout", "separate_sensors"])
def test_law_of_the_outcomes_is_that_of_the_circuits_over_all_phases(protocol):
    """n = 2: the exact mean of cirq's outcome laws over the 16 settings of the array."""
    task, total, shots = SensorArrays("sensor_array"), 0.9, 20_000
    circuit = task.circuit(protocol, 2)
    law = np.zeros(4)
    for k in range(ANGLES):
        turn = 2 * k / ANGLES
        values = {"phase0_s": turn, "phase1_s": total / np.pi - turn}
        unitary = cirq.unitary(cirq.resolve_parameters(circuit[:-1], values))
        law += np.abs(unitary[:, 0]) ** 2 / ANGLES
    rng = np.random.default_rng(3)
    array = sensor_array.SensorArray(2, np.array([total]), 0.0, rng)
    request = sensor_array._request(task.read(protocol, 2).measurement(), array, shots, rng)
    (record,) = sensor_array.run([request], open_backend("qsim").make(5))
    bits = sensor_array.unpack_bits(record.bits["system"], 2)
    counts = np.bincount(2 * bits[:, 0].astype(int) + bits[:, 1], minlength=4)
    assert (np.abs(counts / shots - law) < 4.5 * np.sqrt(law / shots) + 1e-9).all()


def test_every_setting_of_x_and_y_with_even_ys_reads_the_same_cosine():
    total, n = 1.3, 4
    state = np.eye(2**n, dtype=complex) / 2**n
    state[-1, 0], state[0, -1] = np.exp(1j * total) / 2**n, np.exp(-1j * total) / 2**n
    paulis = [cirq.unitary(cirq.X), cirq.unitary(cirq.Y)]
    for setting in product([0, 1], repeat=n):
        string = np.ones((1, 1))
        for y in setting:
            string = np.kron(string, paulis[y])
        mean = np.trace(string @ state).real
        assert mean == pytest.approx(2.0 ** (1 - n) * np.cos(total - sum(setting) * np.pi / 2))


# Companions.


@pytest.mark.parametrize(
    "task", ["companion:share=0.1", "companion:background=0.1,overlap=0.2,share=0.2"]
)
@pytest.mark.parametrize("protocol", ["bell", "known_star"])
@pytest.mark.parametrize("qubits", [1, 3])
def test_rate_is_that_of_a_binomial_law(qubits, protocol, task):
    found = estimate(task, protocol, qubits, 300, 300, qubits)
    rate = found.truths[0, 0]
    assert (found.truths == rate).all()
    agrees(found, rate * (1 - rate) / 300)


def test_a_single_star_never_shows_an_odd_number_of_singlets():
    found = estimate("companion:share=0", "bell", 4, 2000, 10)
    assert (found.values == 0).all()
    assert (found.truths == 0).all()
    assert (found.errors > 0).all()
    assert (estimate("companion:share=0", "known_star", 4, 2000, 10).values == 0).all()


def test_rates_of_the_default_companion_and_their_copies():
    task = Companion("companion")
    pairs = estimate("companion", "bell", 2, 10, 2).truths[0, 0]
    photons = estimate("companion", "known_star", 2, 10, 2).truths[0, 0]
    assert pairs == pytest.approx(odd_chance(0.01, 0.5))
    assert photons == pytest.approx(0.0075)
    assert (task.copies_per_shot("bell", 4), task.copies_per_shot("known_star", 4)) == (2, 1)
    assert len(task.circuit("bell", 3).all_qubits()) == 6


# Displacements.


@pytest.mark.parametrize(
    ("protocol", "noise"),
    [
        ("heterodyne:transmission=1.0", 1.0),
        ("heterodyne:transmission=0.8", 1.25),
        ("squeezed_pairs:decibels=5.0,transmission=1.0", 10**-0.5),
        ("squeezed_pairs:decibels=10.0,transmission=0.9", 0.1 + 1 / 9),
    ],
)
@pytest.mark.parametrize("modes", [2, 6])
def test_characteristic_function_is_unbiased_with_the_exact_variance(modes, protocol, noise):
    task = Displacement("displacement:kappa=0.4")
    assert task.noise(protocol) == pytest.approx(noise)
    found = estimate(str(task), protocol, modes, 100, 1500, modes)
    gamma = np.zeros(modes, dtype=complex)
    gamma[0] = np.sqrt(0.4 * modes)
    # The imaginary part is ±, with one square.
    real, imaginary = part_variances(gamma, noise, complex(*np.abs(found.truths[0])), 0)
    agrees(found, np.array([real, imaginary]) / 100)


def test_displacements_are_played_from_the_law_and_from_nothing_else():
    task = Displacement("displacement")
    assert not task.HAS_CIRCUITS
    protocol = task.resolve("squeezed_pairs", 4)
    assert protocol == "squeezed_pairs:decibels=5.0,transmission=1.0"
    rows = play_batch("trial", Spec("displacement", protocol, 4, "law", 100, 3, 1), 0)
    assert [(r.system, r.quantity) for r in rows] == list(product(range(3), ["real", "imaginary"]))
    assert {r.spec.source for r in rows} == {"law"}
    with pytest.raises(ValueError, match=r"displacement has no circuit\. Every mode is half"):
        task.circuit("squeezed_pairs", 4)


def test_tasks_of_circuits_get_no_sampler_from_the_law():
    with pytest.raises(ValueError, match="backend law knows no exact law of companion; use qsim"):
        play_batch("trial", Spec("companion", "bell", 2, "law", 4, 1, 1), 0)


# Names and refusals.


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("sensor_array:sigma=0", "sensor_array"),
        ("companion:share=0.010,background=0.5", "companion:background=0.5"),
        ("displacement:width=0.3,kappa=1", "displacement:kappa=1.0"),
    ],
)
def test_names_are_written_in_one_spelling(name, full):
    assert str(load_task(name)) == full
    assert str(load_task(full)) == full


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("sensor_array:sigma=-1", "sigma of .* must be at least 0, not -1"),
        ("companion:share=2", r"share of .* must lie in \[0, 1\], not 2"),
        ("displacement:signal=0.5", r"signal must lie in \[0, 0.25\], not 0.5"),
        ("displacement:kappa=0", "kappa must be above 0, not 0"),
    ],
)
def test_wrong_name_is_refused_in_one_line(name, reason):
    with pytest.raises(ValueError, match=reason):
        load_task(name)


@pytest.mark.parametrize(
    ("name", "protocol", "n", "copies", "circuits", "reason"),
    [
        ("sensor_array", "nope", 3, 9, True, "unknown protocol 'nope'; choose one of entangled_"),
        (
            "sensor_array",
            "entangled_sensors",
            1,
            9,
            True,
            "at least 2 for entangled_s.*, not 1",
        ),
        ("sensor_array", "entangled_sensors", 3, 9, False, "no exact law of sensor_array"),
        ("sensor_array", "entangled_sensors", 3, 1, True, "copies must be at least 2"),
        ("companion", "nope", 3, 9, True, "unknown protocol 'nope'; choose one of bell, known"),
        ("companion", "bell", 21, 9, True, "at most 20 for bell as circuits, not 21"),
        ("companion", "bell", 3, 1, True, "copies must be at least 2 for bell, not 1"),
        ("companion", "bell", 3, 9, False, "no exact law of companion"),
        ("displacement", "nope", 3, 9, False, "unknown protocol 'nope'; choose one of squeezed"),
        ("displacement", "heterodyne", 3, 9, True, "displacement has no circuits"),
        ("displacement", "heterodyne", 3, 1, False, "copies must be at least 2"),
        ("displacement", "squeezed_pairs:decibels=-1", 3, 9, False, "decibels must be at least 0"),
    ],
)
def test_what_cannot_be_played_is_refused(name, protocol, n, copies, circuits, reason):
    with pytest.raises(ValueError, match=reason):
        load_task(name).check(protocol, n, copies, circuits=circuits, noise=False)


@pytest.mark.parametrize("task", ["sensor_array", "companion", "displacement"])
def test_every_protocol_is_explained_and_timed(task):
    loaded = load_task(task)
    names = {"sensor_array": READOUTS, "companion": ["bell", "known_star"]}.get(
        task, ["squeezed_pairs", "heterodyne"]
    )
    for protocol in names:
        assert "Estimate" in loaded.explain(protocol, 3) or "estimate" in loaded.explain(
            protocol, 3
        )
        assert loaded.seconds(protocol, 3, 100, circuits=True) > 0
        assert loaded.couplings(protocol) == "more"
