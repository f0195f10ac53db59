"""What samplers send back, through every door by which it comes in."""

import re

import cirq
import numpy as np
import pytest
import sympy
from hostile_samplers import RIGHT, WRONG, WRONG_PARAMETERS, Spoilt

from quantum_advantage import open_backend
from quantum_advantage.backends.backend import Backend
from quantum_advantage.circuits.request import Dial, Request
from quantum_advantage.circuits.results import check_sampler, check_words, is_sampler
from quantum_advantage.circuits.run import run
from quantum_advantage.core.bits import pack_bits
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import kind_of
from quantum_advantage.measurements.measure import (
    measure_bases,
    measure_calibration,
    measure_shadow,
    measure_stabiliser_shadow,
)
from quantum_advantage.measurements.measure_pairs import measure_bell, measure_principal
from quantum_advantage.preflight.pairs import measure_pairs
from quantum_advantage.study.search import copies_needed

A, B = cirq.LineQubit.range(2)
STATE = cirq.Circuit(cirq.ry(0.4)(A), cirq.CNOT(A, B))
TURN = Dial("turn", ("x", "y"), ((0.1, 0.7), (0.30000000000000004, 0.7), (0.1, -0.2)))
TURNED = cirq.Circuit(
    cirq.X(A) ** sympy.Symbol("x"), cirq.X(B) ** sympy.Symbol("y"), cirq.measure(A, B, key="m")
)
# Two points are asked once, one three times.
ASKED = Request(TURNED, (TURN,), (np.array([0, 1, 2, 1, 1], dtype=np.uint8),), 5)


def search(sampler):
    copies_needed("bell", 2, backend=Backend("mine", lambda seed: sampler), trials=20, games=2)


DOORS = {
    "run": lambda s: run([ASKED], s),
    "bell": lambda s: measure_bell(STATE, s, 20),
    "principal": lambda s: measure_principal(STATE, s, 20, cirq.Z(A)),
    "shadow": lambda s: measure_shadow(STATE, s, 20, seed=1),
    "calibration": lambda s: measure_calibration([A, B], s, 20, seed=1),
    "bases": lambda s: measure_bases(STATE, s, ["XY", "ZZ"], times=5),
    "stabiliser": lambda s: measure_stabiliser_shadow(STATE, s, 20, seed=1),
    "preflight": lambda s: measure_pairs(s, 2, 120),
    "search": search,
}
doors = pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)


def one_line(call):
    with pytest.raises(UsageError) as caught:
        call()
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(("spoil", "message"), WRONG.values(), ids=WRONG)
def test_what_is_no_answer_is_refused_in_one_line_that_names_the_sampler(spoil, message):
    told = one_line(lambda: run([ASKED], Spoilt(spoil)))
    assert told.startswith("hostile_samplers.Spoilt returned ")
    assert re.search(message, told), told


@doors
@pytest.mark.parametrize("name", ["one column", "7", "two instances", "no keys", "a result less"])
def test_it_is_refused_at_every_door(door, name):
    spoil, message = WRONG[name]
    told = one_line(lambda: door(Spoilt(spoil)))
    assert re.search(message, told), told


@pytest.mark.parametrize("door", ["run", "bases", "stabiliser"])
@pytest.mark.parametrize(("spoil", "message"), WRONG_PARAMETERS.values(), ids=WRONG_PARAMETERS)
def test_results_that_belong_to_no_parameter_set_are_refused(door, spoil, message):
    with pytest.raises(UsageError, match=message):
        DOORS[door](Spoilt(spoil))


@pytest.mark.parametrize("spoil", RIGHT.values(), ids=RIGHT)
def test_other_forms_of_the_right_answer_are_the_same_record(spoil):
    turned = Dial("turn", ("x", "y"), tuple((a / 8, b / 8) for a in range(8) for b in (0, 8)))
    table = (np.random.default_rng(1).integers(0, 16, 300).astype(np.uint8),)
    request = Request(TURNED, (turned,), table, 300)
    (expected,) = run([request], Spoilt(RIGHT["as it is"]))
    (found,) = run([request], Spoilt(spoil))
    np.testing.assert_array_equal(found.bits["m"], expected.bits["m"])


def test_values_that_rounding_joins_are_taken_in_order():
    near = Dial("turn", ("x", "y"), ((0.25, 0.0), (np.nextafter(0.25, 1), 0.0), (1.0, 0.0)))
    request = Request(TURNED, (near,), (np.arange(3, dtype=np.uint8),), 3)
    for spoil in (RIGHT["in single precision"], RIGHT["reversed in single precision"]):
        (record,) = run([request], Spoilt(spoil))
        assert record.bits["m"][2, 0] == 1


def test_a_single_parameter_set_need_not_be_named_but_must_not_be_another_one():
    request = Request(TURNED, (TURN,), (np.zeros(4, dtype=np.uint8),), 4)
    nameless, _ = WRONG_PARAMETERS["no parameters"]
    assert run([request], Spoilt(nameless))[0].shots == 4
    for name in ("other names", "other values", "NaN"):
        with pytest.raises(UsageError):
            run([request], Spoilt(WRONG_PARAMETERS[name][0]))


def test_an_exception_of_the_sampler_stays_what_it_is():
    def broken(results):
        raise ConnectionError("gone")

    for door in DOORS.values():
        with pytest.raises(ConnectionError, match="gone"):
            door(Spoilt(broken))


class OnlyAsynchronous(cirq.Sampler):
    async def run_sweep_async(self, program, params, repetitions=1):
        return cirq.Simulator(seed=1).run_sweep(program, params, repetitions)


class NeverAwaited(cirq.Sampler):
    async def _sweep(self):
        """Waits for what nobody waits for."""

    def run_sweep(self, program, params, repetitions=1):
        self.left = self._sweep()
        return self.left


def test_a_sampler_may_be_asynchronous_as_cirq_has_it():
    assert run([ASKED], OnlyAsynchronous())[0].shots == 5
    sampler = NeverAwaited()
    told = one_line(lambda: run([ASKED], sampler))
    sampler.left.close()
    assert "NeverAwaited returned a coroutine instead of a list of results" in told


class Lazy(cirq.ResultDict):
    @property
    def measurements(self):
        raise KeyError("not fetched yet")


def test_an_exception_of_a_result_stays_what_it_is():
    with pytest.raises(KeyError, match="not fetched yet"):
        run([ASKED], Spoilt(lambda results: [Lazy(params=r.params) for r in results]))


# What is no sampler.


class WithoutMethod:
    run_sweep = None


NO_SAMPLERS = {
    "None": (None, "must be a cirq.Sampler, which has a method run_sweep, not None"),
    "a name": ("qsim", "not a str"),
    "a class": (cirq.Simulator, r"not the class cirq\..*Simulator; write Simulator\(\)"),
    "a backend": (Backend("mine", lambda seed: cirq.Simulator()), "not a quantum_advantage.*Back"),
    "a function": (lambda circuit: None, "not a function"),
    "a method that is none": (WithoutMethod(), r"not a .*\.test_results\.WithoutMethod"),
    "a collector": (cirq.PauliSumCollector(STATE, 1.0 * cirq.Z(A), samples_per_term=1), "Collec"),
}


@pytest.mark.parametrize("door", [d for n, d in DOORS.items() if n != "search"])
@pytest.mark.parametrize(("sampler", "message"), NO_SAMPLERS.values(), ids=NO_SAMPLERS)
def test_what_is_no_sampler_is_refused_at_every_door(door, sampler, message):
    assert not is_sampler(sampler)
    with pytest.raises(UsageError, match=message) as caught:
        door(sampler)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["qsim", "stim", "qvm:weber"])
def test_samplers_of_this_package_and_of_cirq_pass(name):
    check_sampler(open_backend(name).make(0))
    check_sampler(cirq.ZerosSampler())


def test_kinds_are_named_in_full():
    assert kind_of(None) == "NoneType"
    assert kind_of(STATE) == "cirq.circuits.circuit.Circuit"


# Samplers that take tables.

WORDS = {"m": pack_bits(np.array([[0, 1], [1, 1], [0, 0], [1, 0], [0, 1]]))}
WRONG_WORDS = {
    "None": (None, "packed bits of NoneType instead of 'm'"),
    "no keys": ({}, "packed bits of none instead of 'm'"),
    "a key more": (WORDS | {"n": WORDS["m"]}, "'m', 'n' instead of 'm'"),
    "lists": ({"m": WORDS["m"].tolist()}, "list of measurement key 'm'"),
    "signed": ({"m": WORDS["m"].astype(np.int64)}, r"int64 of shape \(5, 1\)"),
    "too few shots": ({"m": WORDS["m"][:-1]}, r"uint64 of shape \(4, 1\)"),
    "too many words": ({"m": np.zeros((5, 2), dtype=np.uint64)}, r"shape \(5, 2\)"),
    "a bit too many": ({"m": WORDS["m"] | np.uint64(4)}, "bits beyond the 2 qubits"),
}


class Table:
    def __init__(self, words):
        self.words = words

    def sample_table(self, request):
        return self.words


@pytest.mark.parametrize(("words", "message"), WRONG_WORDS.values(), ids=WRONG_WORDS)
def test_packed_bits_that_are_no_answer_are_refused(words, message):
    with pytest.raises(UsageError, match=f"test_results.Table returned .*{message}"):
        run([ASKED], Table(words))


def test_packed_bits_of_whole_words_use_every_bit():
    full = np.full((3, 1), np.uint64(2**64 - 1))
    assert check_words({"m": full}, 3, {"m": 64}, "x")["m"] is full
    with pytest.raises(UsageError, match="beyond the 63 qubits"):
        check_words({"m": full}, 3, {"m": 63}, "x")
    assert run([ASKED], Table(WORDS))[0].bits["m"].tolist() == WORDS["m"].tolist()
