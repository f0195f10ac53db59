import pickle

import cirq
import numpy as np
import pytest

from quantum_advantage.backends.opening import open_backend
from quantum_advantage.measurements.bell import bell_damping

QUBIT = cirq.LineQubit(0)
COIN = cirq.Circuit(cirq.H(QUBIT), cirq.measure(QUBIT, key="m"))


def bits(sampler, circuit=COIN, repetitions=100):
    return sampler.run(circuit, repetitions=repetitions).measurements["m"].ravel().tolist()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("qsim", "qsim"),
        ("stim", "stim"),
        ("qsim:depolarize=0,readout=0", "qsim"),
        ("stim:readout=0.02,depolarize=0.01", "stim:depolarize=0.01,readout=0.02"),
        ("qsim:readout=0.020", "qsim:readout=0.02"),
        ("qvm:weber", "qvm:weber"),
        ("qvm:rainbow,pairs=06.1-6.2", "qvm:rainbow,pairs=6.1-6.2"),
    ],
)
def test_a_backend_has_one_name_however_it_was_spelt(text, name):
    assert open_backend(text).name == name


@pytest.mark.parametrize(
    "name", ["qsim", "stim", "qsim:depolarize=0.1", "stim:readout=0.1", "qvm:weber"]
)
def test_a_backend_makes_cirq_samplers_that_obey_the_seed(name):
    make = open_backend(name).make
    assert isinstance(make(1), cirq.Sampler)
    assert bits(make(1)) == bits(make(1))
    assert bits(make(1)) != bits(make(2))


@pytest.mark.parametrize("base", ["qsim", "stim"])
def test_readout_noise_is_there_if_the_name_asks_for_it(base):
    measure = cirq.Circuit(cirq.measure(QUBIT, key="m"))
    assert sum(bits(open_backend(base).make(1), measure, 1000)) == 0
    assert 400 < sum(bits(open_backend(f"{base}:readout=0.5").make(1), measure, 1000)) < 600


def test_a_virtual_processor_is_noisy_with_the_calibration_of_its_own():
    circuit = cirq.Circuit(cirq.X(QUBIT), cirq.measure(QUBIT, key="m"))
    lost = {
        name: 4000 - sum(bits(open_backend(name).make(1), circuit, 4000))
        for name in ("qsim", "qvm:weber", "qvm:willow_pink")
    }
    assert lost["qsim"] == 0 < lost["qvm:willow_pink"] < lost["qvm:weber"] < 1000


def test_a_backend_tells_what_damping_to_expect():
    assert open_backend("qsim").damping(2) is None
    local = open_backend("stim:depolarize=0.1,readout=0.02").damping(3)
    np.testing.assert_allclose(local, [bell_damping(0.1, 0.02)] * 3)
    virtual = open_backend("qvm:weber").damping(3)
    assert virtual.shape == (3, 4)
    assert (virtual[:, 0] == 1).all()
    assert ((virtual[:, 1:] > 0.5) & (virtual[:, 1:] < 0.99)).all()


def test_stim_names_stim():
    circuit = cirq.Circuit(cirq.T(QUBIT), cirq.measure(QUBIT, key="m"))
    assert bits(open_backend("qsim").make(1), circuit, 3) == [0, 0, 0]
    with pytest.raises(ValueError, match="stim runs Clifford"):
        bits(open_backend("stim").make(1), circuit)


def test_a_backend_can_be_sent_to_another_process():
    backend = open_backend("stim:readout=0.1")
    copy = pickle.loads(pickle.dumps(backend))
    assert copy == backend
    assert bits(copy.make(3)) == bits(backend.make(3))


@pytest.mark.parametrize("name", ["law", "auto", "law:readout=0.1"])
def test_what_runs_no_circuits_is_not_opened(name):
    with pytest.raises(ValueError, match="runs no circuits; choose qsim, stim or qvm:PROCESSOR"):
        open_backend(name)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("qiskit", "unknown backend 'qiskit'; choose one of"),
        ("", "unknown backend"),
        ("qsim:gain=2", "unknown option 'gain'"),
        ("qsim:readout=0.6", "must lie between 0 and 0.5"),
        ("stim:depolarize=-0.1", "must lie between 0 and 0.9375"),
        ("stim:depolarize=much", "must be of type float"),
        ("qvm:sycamore", "unknown virtual processor 'sycamore'; choose one of rainbow, weber"),
        ("qvm", "must read qvm:PROCESSOR"),
        ("qvm:weber,depolarize=0.1", "unknown option 'depolarize'"),
        ("qvm:weber,pairs=3.3-5.3", "weber has no coupler between"),
        ("qvm:weber,pairs=3.3-3.4+3.4-3.5", "is in two of the named pairs"),
        ("engine:project/weber", "open it with open_engine"),
    ],
)
def test_a_name_that_cannot_be_read_is_refused_in_one_line(name, message):
    with pytest.raises(ValueError, match=message) as caught:
        open_backend(name)
    assert "\n" not in str(caught.value)
