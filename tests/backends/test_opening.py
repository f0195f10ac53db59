import functools
import pickle

import cirq
import numpy as np
import pytest
import qsimcirq

from quantum_advantage.backends.backend import Backend, check_own, make_sampler
from quantum_advantage.backends.names import SIMULATORS
from quantum_advantage.backends.opening import open_backend
from quantum_advantage.backends.simulators.noise import bell_damping
from quantum_advantage.core.usage import UsageError

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
    known = ", ".join(SIMULATORS)
    with pytest.raises(ValueError, match=f"runs no circuits; choose {known} or qvm:PROCESSOR"):
        open_backend(name)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("qiskit", "unknown backend 'qiskit'; choose one of"),
        ("", "unknown backend"),
        ("qsim:gain=2", "unknown option 'gain'"),
        ("qsim:readout=0.6", "must lie between 0 and 0.5"),
        ("stim:depolarize=-0.1", "must lie between 0 and 0.9375"),
        ("stim:depolarize=much", "must be a number"),
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


@pytest.mark.parametrize("name", [None, 1, b"qsim", ["qsim"], cirq.Simulator()])
def test_a_name_that_is_no_text_is_refused(name):
    with pytest.raises(UsageError, match="name of a backend must be a text, not a "):
        open_backend(name)


# Backends of a user's own.


def simulator(seed):
    return cirq.Simulator(seed=seed)


@pytest.mark.parametrize("name", ["mine", "my_chip", "Chip7", "chip:bias=0.1", "chip:a=-1e-3,b=x"])
def test_a_backend_of_ones_own_has_a_name_of_the_grammar(name):
    backend = Backend(name, simulator)
    check_own(backend)
    assert isinstance(make_sampler(backend, 3), cirq.Simulator)


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", "my chip", "my,chip", "my-chip", "7chip", "../chip", "a/b", "chip.v2", "chip:"),
        *("é", "chip:bias", "chip:bias=", "chip:=1", "chip:a=../b", "chip:a=1,", "mine\n"),
    ],
)
def test_a_name_that_is_not_in_the_grammar_is_refused(name):
    with pytest.raises(UsageError, match="must be a word of letters, digits and _") as caught:
        Backend(name, simulator)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", [None, 5, b"mine", ("mine",), cirq.Simulator])
def test_a_name_of_ones_own_that_is_no_text_is_refused(name):
    with pytest.raises(UsageError, match="name of a backend must be a text, not a "):
        Backend(name, simulator)


@pytest.mark.parametrize("name", ["law", "law:readout=0.1", "auto", "auto:readout=0.1"])
def test_the_law_is_no_place_for_a_sampler(name):
    with pytest.raises(UsageError, match=f"backend name '{name}' is taken"):
        Backend(name, simulator)


@pytest.mark.parametrize("name", ["qsim", "stim:readout=0.1", "qvm:weber", "engine:project/weber"])
def test_a_name_of_this_package_belongs_to_its_own_backend(name):
    with pytest.raises(UsageError, match=f"backend name '{name}' is taken"):
        check_own(Backend(name, simulator))
    if not name.startswith("engine"):
        check_own(open_backend(name))


@pytest.mark.parametrize("name", ["qsim:gain=1", "stim:readout=0.7", "qvm", "qvm:weber,pairs=1"])
def test_a_name_that_begins_as_one_of_this_package_must_be_one(name):
    with pytest.raises(UsageError):
        Backend(name, simulator)


class Chip(cirq.ZerosSampler):
    def __init__(self, seed):
        super().__init__()


@pytest.mark.parametrize("make", [simulator, Chip, functools.partial(Chip)])
def test_whatever_takes_a_seed_makes_samplers(make):
    assert isinstance(make_sampler(Backend("mine", make), 5), cirq.Sampler)


@pytest.mark.parametrize(
    "make",
    [
        *(cirq.Simulator, cirq.DensityMatrixSimulator, qsimcirq.QSimSimulator, cirq.ZerosSampler),
        *(cirq.Simulator(), None, "qsim", 5, [simulator]),
        functools.partial(cirq.Simulator, dtype=np.complex128),
        functools.partial(qsimcirq.QSimSimulator, noise=cirq.bit_flip(0.1)),
        lambda: cirq.Simulator(),
        lambda seed, noise: cirq.Simulator(seed=seed, noise=noise),
        lambda *, seed: cirq.Simulator(seed=seed),
    ],
)
def test_what_takes_no_seed_is_refused_with_an_example(make):
    with pytest.raises(UsageError, match=r"^make must be .*; write make=lambda seed: ") as caught:
        Backend("mine", make)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (None, "returned None; is its return missing?"),
        (cirq.Simulator, "returned the class cirq.sim.sparse_simulator.Simulator"),
        ("qsim", "returned a str"),
        ((cirq.Simulator(),), "returned a tuple"),
        (cirq.Circuit(), "returned a cirq.circuits.circuit.Circuit"),
        (open_backend("qsim"), "returned a quantum_advantage.backends.backend.Backend"),
    ],
)
def test_what_is_made_and_is_no_sampler_is_refused(made, message):
    told = "backend 'mine': make(3) must return a cirq.Sampler, but "
    with pytest.raises(UsageError) as caught:
        make_sampler(Backend("mine", lambda seed: made), 3)
    assert str(caught.value) == told + message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"damping": None}, "damping must be a function of the number of pairs, not None"),
        ({"damping": 0.9}, "damping must be a function of the number of pairs, not 0.9"),
        ({"fingerprint": None}, "fingerprint must be a text, not a NoneType"),
        ({"fingerprint": 7}, "fingerprint must be a text, not a int"),
        ({"fingerprint": b"v1"}, "fingerprint must be a text, not a bytes"),
    ],
)
def test_other_fields_are_checked(options, message):
    with pytest.raises(UsageError, match=message):
        Backend("mine", simulator, **options)
