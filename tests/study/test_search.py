from pathlib import Path

import cirq
import numpy as np
import pytest
from hostile_samplers import WRONG, Spoilt

from quantum_advantage.backends.backend import Backend
from quantum_advantage.backends.opening import open_backend
from quantum_advantage.bounds.hidden_pauli import copies_required
from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.kinds import decisions
from quantum_advantage.study.search import copies_needed


def within_five_errors(point, expected):
    """Whether a point agrees with a value, by the standard error that its interval shows."""
    error = (point.copies_high - point.copies_low) / (2 * 1.96)
    return abs(point.copies - expected) < 5 * error


def simulator(seed):
    return cirq.Simulator(seed=seed)


# One Bell shot, two copies, is right with 1/2 + alpha^2/4; the curve is linear from (0, 1/2).
ONE_SHOT = 0.9**2 / 4
BELL = 2 * 0.2 / ONE_SHOT


@pytest.mark.parametrize("backend", ["qsim", "stim", "law"])
def test_bell_needs_two_copies_for_70_percent(backend):
    point = copies_needed("bell", 2, backend=backend, trials=10_000, games=500)
    assert pytest.approx(1.975, abs=1e-3) == BELL
    assert within_five_errors(point, BELL)
    assert point.copies_high - point.copies_low < 1
    assert point.trials == 10_000


def test_bell_has_no_bound():
    assert copies_needed("bell", 2, trials=20, games=1, backend="law").bound is None


def test_single_copies_come_with_their_bound_and_do_not_beat_it():
    point = copies_needed("mutually_unbiased", 8, backend="law", trials=2000, games=100)
    assert point.bound == copies_required(0.7, qubits=8)
    assert point.copies_low > point.bound
    assert (point.spec.protocol, point.spec.source) == ("mutually_unbiased:times=3", "law")


def test_law_and_circuits_agree():
    law, circuit = (
        copies_needed("local_pauli", 2, backend=backend, trials=4000, games=200, seed=7)
        for backend in ("law", "qsim")
    )
    errors = [(p.copies_high - p.copies_low) / (2 * 1.96) for p in (law, circuit)]
    assert abs(law.copies - circuit.copies) < 5 * sum(e**2 for e in errors) ** 0.5


def test_noise_in_the_name_of_the_backend_costs_copies():
    clean = copies_needed("bell", 2, trials=2000, games=100)
    noisy = copies_needed("bell", 2, backend="qsim:readout=0.2", trials=2000, games=100)
    assert noisy.copies_low > clean.copies_high
    assert noisy.spec.backend == "qsim:readout=0.2"


def test_missed_target_says_so():
    point = copies_needed("no_signal", 2, backend="law", trials=2000, games=100, max_copies=20)
    assert (point.copies, point.copies_low, point.copies_high) == (None, 20, None)


def test_same_call_gives_the_same_point_and_another_seed_another_one():
    first, second, other = (
        copies_needed("bell", 3, trials=400, games=20, seed=seed) for seed in (1, 1, 2)
    )
    assert first == second
    assert first != other


# On a sampler of one's own.

ARGUMENTS = {"trials": 40, "games": 2}
FIRST = {"protocol": "no_signal", "qubits": 3, "backend": "qsim", "seed": 2, "max_copies": 20}
FIRST |= ARGUMENTS


def test_outside_sampler_is_asked_for_circuits(tmp_path):
    out = tmp_path / "mine.csv"
    point = copies_needed("bell", 2, backend=Backend("mine", simulator), out=out, **ARGUMENTS)
    assert (point.spec.backend, point.spec.source, point.trials) == ("mine", "circuit", 40)
    assert {row.spec.backend for row in decisions("copies_needed", out)} == {"mine"}


def test_interrupted_search_on_an_outside_sampler_goes_on_bit_for_bit(tmp_path):
    calls = []

    def breaking(seed):
        calls.append(seed)
        if len(calls) == 9:
            raise KeyboardInterrupt
        return simulator(seed)

    whole, broken = tmp_path / "whole.csv", tmp_path / "broken.csv"
    mine = Backend("mine", simulator, fingerprint="one chip")
    point = copies_needed("bell", 2, backend=mine, out=str(whole), **ARGUMENTS)
    bad = Backend("mine", breaking, fingerprint="one chip")
    with pytest.raises(KeyboardInterrupt):
        copies_needed("bell", 2, backend=bad, out=broken, **ARGUMENTS)
    kept = list(decisions("copies_needed", broken))
    assert {row.batch for row in kept} == set(range(7))
    assert copies_needed("bell", 2, backend=mine, out=broken, **ARGUMENTS) == point
    assert set(decisions("copies_needed", broken)) == set(decisions("copies_needed", whole))


def test_finished_search_runs_nothing(tmp_path):
    class Unused(cirq.Simulator):
        def run_sweep(self, program, params, repetitions=1):
            raise AssertionError("nothing is left to play")

    out = tmp_path / "law.csv"
    mine = Backend("mine", lambda seed: cirq.Simulator(seed=seed % 2**32), fingerprint="one chip")
    point = copies_needed("bell", 2, backend=mine, out=out, **ARGUMENTS)
    before = out.read_bytes()
    idle = Backend("mine", lambda seed: Unused(), fingerprint="one chip")
    again = copies_needed("bell", 2, backend=idle, out=out, **ARGUMENTS)
    assert again == point
    assert out.read_bytes() == before


def test_other_sampler_of_the_same_name_is_refused_and_the_rows_stay(tmp_path):
    out = tmp_path / "mine.csv"
    copies_needed("bell", 2, backend=Backend("mine", simulator), out=out, **ARGUMENTS)
    before = out.read_bytes()

    def noisy(seed):
        return cirq.DensityMatrixSimulator(seed=seed % 2**32, noise=cirq.depolarize(0.1))

    with pytest.raises(ValueError, match="made by another sampler under the same name"):
        copies_needed("bell", 2, backend=Backend("mine", noisy), out=out, **ARGUMENTS)
    assert out.read_bytes() == before


@pytest.fixture(scope="module")
def alone():
    return copies_needed(**FIRST)


@pytest.mark.parametrize(
    "changed",
    [
        {"protocol": "bell"},
        {"qubits": 2},
        {"backend": "law"},
        {"task": "observables:alpha=0.8"},
        {"games": 1},
        {"seed": 1},
    ],
    ids=lambda changed: "".join(changed),
)
def test_searches_share_a_file_without_mixing(tmp_path, changed, alone):
    copies_needed(**FIRST | changed, out=tmp_path / "many.csv")
    assert copies_needed(**FIRST, out=tmp_path / "many.csv") == alone


# Refusals.


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"target": 1}, "target must lie strictly between 0.5 and 1, not 1"),
        ({"target": 0.5}, "target must lie strictly between 0.5 and 1, not 0.5"),
        ({"qubits": 0}, "qubits must be at least 1, not 0"),
        ({"trials": 0}, "trials must be at least 1, not 0"),
        ({"protocol": "nope"}, "unknown protocol 'nope'; choose one of bell, bell_cali"),
        ({"protocol": "bell:times=2"}, "unknown option 'times'"),
        ({"protocol": "memory:qubits=3"}, "must lie between 0 and 2"),
        ({"backend": "nope"}, "unknown backend 'nope'; choose one of auto, qsim"),
        ({"task": "nope"}, "unknown task 'nope'; choose one of hidden_sign, observables"),
        ({"task": "observables:alpha=1"}, "alpha must lie strictly between 0 and 1, not 1.0"),
        ({"protocol": "local_pauli", "backend": "law:readout=0.1"}, "law knows no noise"),
        ({"qubits": 51, "backend": "law"}, "qubits must be at most 50 for the law, not 51"),
    ],
)
def test_mistake_is_one_line_that_names_the_value_and_writes_nothing(tmp_path, changed, message):
    arguments = {"protocol": "bell", "qubits": 2, "out": tmp_path / "x.csv"} | changed
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        copies_needed(**arguments)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_file_of_another_experiment_is_refused(tmp_path):
    out = tmp_path / "x.csv"
    copies_needed("bell", 2, backend="law", out=out, **ARGUMENTS)
    out.write_text(out.read_text().replace("copies_needed", "other"))
    before = out.read_bytes()
    with pytest.raises(ValueError, match="row 2 of"):
        copies_needed("bell", 2, backend="law", out=out, **ARGUMENTS)
    assert out.read_bytes() == before


def test_a_virtual_processor_is_searched_by_name_and_as_an_opened_backend(tmp_path):
    points = [
        copies_needed("bell", 2, backend=backend, trials=100, games=5)
        for backend in ("qvm:rainbow", open_backend("qvm:rainbow"))
    ]
    assert points[0] == points[1]
    assert 1.5 < points[0].copies < 4


# What a search is asked for, and by whom.


def one_line(**changed):
    arguments = {"protocol": "bell", "qubits": 2, "trials": 20, "games": 1} | changed
    with pytest.raises(UsageError) as caught:
        copies_needed(**arguments)
    assert "\n" not in str(caught.value)
    return str(caught.value)


NO_COUNTS = [True, None, "7", 1.5, float("nan"), float("inf"), [7], 7j, np.array([7, 7])]


@pytest.mark.parametrize("name", ["qubits", "trials", "games", "max_copies", "seed"])
@pytest.mark.parametrize("value", NO_COUNTS, ids=repr)
def test_what_is_no_whole_number_is_named(name, value):
    others = ", at least 0, or a numpy.random.Generator" if name == "seed" else ""
    assert one_line(**{name: value}).startswith(f"{name} must be a whole number{others}, not ")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"qubits": 1001}, "qubits must be at most 1000, not 1001"),
        ({"games": -1}, "games must be at least 1, not -1"),
        ({"trials": 1e13}, "trials must be at most 100000000, not 10000000000000"),
        (
            {"trials": 1e8, "games": 50},
            "trials must make at most 1000000 batches, not 100000000 in batches of 50",
        ),
        ({"games": 1e12}, "games must be at most 100000, not 1000000000000"),
        ({"seed": 2**200}, "seed must be at most 9223372036854775807, not 16069"),
        ({"max_copies": 0}, "max_copies must be at least 1, not 0"),
        ({"max_copies": 1}, "max_copies must be at least 2, the copies of one shot of bell, not 1"),
        ({"max_copies": 2**61}, "max_copies must be at most 1152921504606846976, not 2305843"),
        ({"seed": -1}, "seed must be a whole number, at least 0, or a numpy.random.Generator, not"),
        *[
            ({"target": value}, "target must lie strictly between 0.5 and 1, not ")
            for value in (None, "0.7", True, [0.7], 0.5, 1.0, -1, float("nan"), 0.7j)
        ],
        ({"protocol": None}, "protocol must be a text, not None"),
        ({"protocol": ["bell"]}, "protocol must be a text, not ['bell']"),
        ({"protocol": 7}, "protocol must be a text, not 7"),
        ({"protocol": b"bell"}, "protocol must be a text, not b'bell'"),
        ({"protocol": ""}, "name '' must begin with a word"),
        ({"task": None}, "task must be a text, not None"),
        ({"task": 7}, "task must be a text, not 7"),
        ({"task": ""}, "name '' must begin with a word"),
        ({"task": "purities"}, "task 'purities' estimates"),
        ({"task": "observables:alpha=0.9,alpha=0.8"}, "option 'alpha' comes twice"),
        ({"backend": None}, "backend must be a name, such as 'qsim', or a Backend, not a NoneType"),
        ({"backend": cirq.Simulator()}, "write Backend('my_chip', make=lambda seed: cirq.Simul"),
        ({"backend": cirq.Simulator}, "or a Backend, not a"),
        ({"backend": ("mine", simulator)}, "or a Backend, not a tuple"),
        ({"backend": b"qsim"}, "or a Backend, not a bytes"),
        ({"backend": "qsim "}, "unknown backend 'qsim '"),
        ({"backend": "engine:project/weber"}, "open it with open_engine"),
        ({"backend": Backend("qsim", simulator)}, "backend name 'qsim' is taken"),
        ({"backend": Backend("qvm:weber", simulator)}, "backend name 'qvm:weber' is taken"),
        ({"out": 7}, "out must be the path of a CSV file, not a int"),
        ({"out": True}, "out must be the path of a CSV file, not a bool"),
        ({"out": b"x.csv"}, "out must be the path of a CSV file, not a bytes"),
        ({"out": ["x.csv"]}, "out must be the path of a CSV file, not a list"),
        ({"out": ""}, "out must be a CSV file, but '' is a folder"),
        ({"out": Path(__file__).parent}, "study' is a folder"),
    ],
    ids=lambda x: "".join(x) if isinstance(x, dict) else "",
)
def test_an_argument_that_does_not_fit_is_one_line(changed, message):
    assert message in one_line(**changed)


def test_numbers_of_all_kinds_that_are_whole_are_the_same_search():
    wanted = {"trials": 20, "games": 1, "max_copies": 20, "seed": 3}
    expected = copies_needed("bell", 2, backend="law", **wanted)
    for kind in (float, np.int64, np.float32, np.uint8):
        changed = {name: kind(value) for name, value in wanted.items()}
        found = copies_needed("bell", kind(2), target=np.float64(0.7), backend="law", **changed)
        assert found == expected
        assert type(found.spec.qubits) is type(found.trials) is int


# Nothing is played, and nothing is written, for a sampler that is not there.


def forgetful(seed):
    cirq.DensityMatrixSimulator(seed=seed, noise=cirq.depolarize(0.75))  # without a return


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (forgetful, "backend 'my_chip': make(0) must return a cirq.Sampler, but returned None; is"),
        (lambda seed: cirq.Simulator, "returned the class cirq.sim.sparse_simulator.Simulator"),
        (lambda seed: "qsim", "returned a str"),
        (lambda seed: cirq.Circuit(), "returned a cirq.circuits.circuit.Circuit"),
        (lambda seed: open_backend("qsim"), "returned a quantum_advantage.backends.backend.Back"),
        (lambda seed: [cirq.Simulator()], "returned a list"),
    ],
)
def test_a_backend_that_makes_no_sampler_gets_no_file_and_so_no_certificate(
    tmp_path, make, message
):
    out = tmp_path / "chip" / "data" / "copies_needed.csv"
    options = {"trials": 1000, "games": 50, "max_copies": 2, "out": out}
    assert message in one_line(qubits=8, backend=Backend("my_chip", make), **options)
    assert list(tmp_path.iterdir()) == []


def test_a_backend_that_stops_to_make_samplers_is_found_and_keeps_its_rows(tmp_path):
    # The first one is looked at before anything is played.
    made = iter([cirq.Simulator(seed=i) for i in range(5)])
    out = tmp_path / "mine.csv"
    mine = Backend("mine", lambda seed: next(made, None), fingerprint="one chip")
    told = one_line(backend=mine, out=out)
    assert "must return a cirq.Sampler, but returned None" in told
    assert {row.batch for row in decisions("copies_needed", out)} == set(range(4))


def test_a_sampler_that_fails_in_the_middle_keeps_its_exception_and_the_rows(tmp_path):
    calls = []

    def fail(results):
        calls.append(len(results))
        if len(calls) > 12:
            raise ConnectionResetError("the cable fell out")
        return results

    out = tmp_path / "mine.csv"
    mine = Backend("mine", lambda seed: Spoilt(fail, seed), fingerprint="one chip")
    with pytest.raises(ConnectionResetError, match="the cable fell out"):
        copies_needed("bell", 2, backend=mine, out=out, trials=20, games=1)
    kept = set(decisions("copies_needed", out))
    assert kept
    whole = Backend("mine", lambda seed: Spoilt(list, seed), fingerprint="one chip")
    copies_needed("bell", 2, backend=whole, out=out, trials=20, games=1)
    assert kept < set(decisions("copies_needed", out))


@pytest.mark.parametrize("name", ["one column", "0.5", "a result less"])
def test_what_is_no_answer_makes_no_row(tmp_path, name):
    spoil, message = WRONG[name]
    out = tmp_path / "mine.csv"
    with pytest.raises(UsageError, match=message):
        copies_needed("bell", 2, backend=Backend("mine", lambda s: Spoilt(spoil)), out=out)
    assert not list(decisions("copies_needed", out))
