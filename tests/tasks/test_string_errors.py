import numpy as np
import pytest

from quantum_advantage.backends.opening import open_backend
from quantum_advantage.core.usage import UsageError
from quantum_advantage.tasks.registry import load_task
from quantum_advantage.tasks.shared.seeds import Seeds
from quantum_advantage.tasks.string_errors import STRINGS, StringErrors, strings_of_weight


def estimate(task, protocol, n, shots, systems, number=0):
    seeds = Seeds(*np.random.SeedSequence(number).spawn(4))
    sampler = open_backend("qsim").make(number)
    loaded = load_task(task)
    return loaded.estimate(loaded.read(protocol, n), shots, systems, seeds, sampler)


def test_half_of_the_strings_hold_the_letter_z_alone():
    strings = strings_of_weight(3, 7, np.random.default_rng(1))
    letters = strings.letters()
    assert len(strings) == STRINGS
    assert (strings.weight() == 3).all()
    assert np.isin(letters[: STRINGS // 2], [0, 3]).all()
    assert set(np.unique(letters[STRINGS // 2 :])) == {0, 1, 2, 3}


@pytest.mark.parametrize("weight", [0, 8, -1])
def test_strings_that_do_not_fit_the_qubits_are_refused(weight):
    with pytest.raises(UsageError, match="weight must lie between 1 and the 7 qubits"):
        strings_of_weight(weight, 7, np.random.default_rng(1))


@pytest.mark.parametrize("protocol", ["local_pauli", "bell"])
@pytest.mark.parametrize(
    ("task", "n"), [("string_errors:depolarize=0.05", 6), ("string_errors:state=ising", 4)]
)
def test_mean_square_errors_are_the_exact_variances(task, protocol, n):
    """Mean squares over records, where all strings of a record share its shots."""
    found = estimate(task, protocol, n, 300, 60)
    squares = found.values**2
    exact = found.truths[0] ** 2
    assert np.allclose(found.truths, found.truths[0])
    noise = squares.std(axis=0) / np.sqrt(60)
    assert (np.abs(squares.mean(axis=0) - exact) < 4.5 * noise).all()


def test_bell_errors_do_not_grow_with_the_weight_and_shadows_do():
    bell, shadows = (
        estimate("string_errors:depolarize=0.01", p, 50, 1000, 3).values.mean(axis=0)
        for p in ("bell", "local_pauli")
    )
    assert bell.max() < 2 * bell.min()
    assert shadows[5] > 10 * shadows[0]


def test_names_quantities_and_copies():
    task = StringErrors("string_errors:state=ising,depolarize=0.0")
    assert str(task) == "string_errors:state=ising"
    assert task.quantities("bell", 4) == tuple(f"error:weight={w}" for w in (1, 2, 3, 4))
    assert (task.copies_per_shot("bell", 4), task.copies_per_shot("local_pauli", 4)) == (2, 1)
    assert len(task.circuit("bell", 4).all_qubits()) == 8


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("string_errors:state=x", "state of .* must be one of ghz, ising"),
        ("string_errors:depolarize=2", "depolarize of .* must lie in .0, 1., not 2.0"),
        ("string_errors:x=2", "unknown option 'x'"),
    ],
)
def test_wrong_name_is_refused_in_one_line(name, reason):
    with pytest.raises(ValueError, match=reason):
        StringErrors(name)


@pytest.mark.parametrize(
    ("state", "protocol", "n", "copies", "circuits", "reason"),
    [
        ("ghz", "nope", 4, 10, True, "unknown protocol 'nope'; choose one of bell, local_pauli"),
        ("ghz", "bell", 65, 10, True, "at most 64 for bell as circuits, not 65"),
        ("ising", "bell", 5, 10, True, "qubits must be even for the state ising, not 5"),
        ("ghz", "bell", 4, 1, True, "copies must be at least 2 for bell, not 1"),
        ("ghz", "bell", 4, 10, False, "no exact law of string_errors"),
    ],
)
def test_what_cannot_be_played_is_refused(state, protocol, n, copies, circuits, reason):
    with pytest.raises(ValueError, match=reason):
        StringErrors(f"string_errors:state={state}").check(
            protocol, n, copies, circuits=circuits, noise=False
        )
