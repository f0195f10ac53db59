import pickle

import cirq
import pytest

from quantum_advantage.backends.opening import open_backend

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
    ],
)
def test_a_backend_has_one_name_however_it_was_spelt(text, name):
    assert open_backend(text).name == name


@pytest.mark.parametrize("name", ["qsim", "stim", "qsim:depolarize=0.1", "stim:readout=0.1"])
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
    with pytest.raises(ValueError, match="runs no circuits; choose qsim or stim"):
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
    ],
)
def test_a_name_that_cannot_be_read_is_refused_in_one_line(name, message):
    with pytest.raises(ValueError, match=message) as caught:
        open_backend(name)
    assert "\n" not in str(caught.value)
