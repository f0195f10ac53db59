"""Eigenvalues and error rates of Pauli channels from Bell pairs, by circuits and by formulas."""

import numpy as np
import pytest
from hidden_strings import every_string, hide

from quantum_advantage.backends.opening import open_backend
from quantum_advantage.core.bits import pack_bits
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.bell import pauli_channels
from quantum_advantage.inference.bell.spectrum import square_index
from quantum_advantage.measurements.records import BellRecord
from quantum_advantage.systems.pauli_channels import HiddenPauliChannel, PauliErrors
from quantum_advantage.tasks.pauli_channel.inputs import channel_record

NONE = np.zeros((0, 1), dtype=np.uint64)


def dense_channel(n, seed):
    rng = np.random.default_rng(seed)
    return PauliErrors(every_string(n), rng.dirichlet(np.ones(4**n))[1:], rng)


def drawn_record(channel, uses):
    """The record that the circuits would leave: the errors that were drawn."""
    letters = np.stack(channel.draw(uses, ""), axis=1)
    strings = PauliStrings.from_letters(letters)
    return BellRecord(channel.qubits, strings.z, strings.x)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_all_rates_and_eigenvalues_by_circuits(n):
    uses, channel = 20_000, dense_channel(n, n)
    record = channel_record(channel, uses, open_backend("qsim").make(n), seed=5)
    strings = PauliStrings.from_letters(every_string(n))
    places = square_index(strings)
    rates = pauli_channels.all_error_rates(record)
    error = np.sqrt(channel.rates * (1 - channel.rates) / uses)
    assert (np.abs(rates[places] - channel.rates) < 4.5 * error + 1e-9).all()
    found, exact = pauli_channels.all_eigenvalues(record), channel.eigenvalues(strings)
    assert found[0] == 1
    assert (np.abs(found[places] - exact) < 4.5 * np.sqrt((1 - exact**2) / uses)).all()
    np.testing.assert_allclose(pauli_channels.rates_of_eigenvalues(found), rates, atol=1e-12)


def test_hidden_channels_have_one_eigenvalue():
    letters = every_string(3)[[37]]
    channel = HiddenPauliChannel(hide(letters, -1, 0.9))
    found = pauli_channels.all_eigenvalues(drawn_record(channel, 20_000))
    place = square_index(PauliStrings.from_letters(letters))[0]
    assert found[place] == pytest.approx(-0.9, abs=0.015)
    assert np.abs(np.delete(found, [0, place])).max() < 4.5 / 20_000**0.5


@pytest.mark.parametrize("n", [10, pytest.param(12, marks=pytest.mark.slow)])
def test_many_qubits_are_transformed_at_once(n):
    letters = np.array([[1] * n, [0, 3] * (n // 2)], dtype=np.uint8)
    channel = PauliErrors(letters, np.array([0.25, 0.125]), np.random.default_rng(3))
    record = drawn_record(channel, 4096)
    found = pauli_channels.all_eigenvalues(record)
    some = PauliStrings.from_letters(every_string(2)[:, [0, 1] * (n // 2)])
    expected = pauli_channels.eigenvalues(record, some).values
    np.testing.assert_allclose(found[square_index(some)], expected)
    assert np.abs(found[square_index(some)] - channel.eigenvalues(some)).max() < 0.07
    with pytest.raises(UsageError, match="at most 12 qubits"):
        pauli_channels.all_error_rates(BellRecord(13, NONE, NONE))


@pytest.mark.parametrize("n", [20, 50])
def test_low_weight_eigenvalues_of_sparse_channels_on_many_qubits(n):
    """Local noise, and one correlated error: 2000 uses show all strings of weight 1 and 2."""
    rng = np.random.default_rng(n)
    letters = np.zeros((n + 1, n), dtype=np.uint8)
    letters[np.arange(n), np.arange(n)] = rng.integers(1, 4, n)
    letters[n, [3, n - 2]] = 3, 1
    rates = np.append(np.full(n, 0.5 / n), 0.1)
    channel = PauliErrors(letters, rates, rng)
    record = channel_record(channel, 2000, open_backend("qsim").make(4), seed=6)
    strings = pauli_channels.low_weight_strings(n, 2)
    found, exact = pauli_channels.eigenvalues(record, strings), channel.eigenvalues(strings)
    assert ((found.low <= exact) & (exact <= found.high)).all()
    assert np.abs(found.values - exact).max() < 0.1
    seen = pauli_channels.observed_error_rates(record)
    assert seen.strings.text()[:2] == ["I" * n, *PauliStrings.from_letters(letters[n:]).text()]
    assert set(seen.strings.text()) - {"I" * n} == set(PauliStrings.from_letters(letters).text())
    true = dict(zip(PauliStrings.from_letters(letters).text(), rates, strict=True))
    true["I" * n] = 1 - rates.sum()
    for text, low, high in zip(seen.strings.text(), seen.low, seen.high, strict=True):
        assert low <= true[text] <= high
    assert 0.01 < pauli_channels.largest_unseen_rate(record) < 0.05


def test_intervals_hold_for_all_strings_at_once():
    """Of 400 records at most 5 % and its noise miss any of 63 strings; most hold by far."""
    n, uses, missed, widths = 3, 60, 0, []
    channel, strings = dense_channel(n, 8), PauliStrings.from_letters(every_string(n))
    exact = channel.eigenvalues(strings)
    for _ in range(400):
        found = pauli_channels.eigenvalues(drawn_record(channel, uses), strings)
        missed += not ((found.low <= exact) & (exact <= found.high)).all()
        widths.append((found.high - found.low).mean())
        assert ((found.low <= found.values) & (found.values <= found.high)).all()
    assert missed <= 400 * 0.05 + 4 * np.sqrt(400 * 0.05 * 0.95)
    assert 0.5 < np.mean(widths) < 1.2


def test_one_interval_is_that_of_clopper_and_pearson():
    from quantum_advantage.core.statistics import binomial_interval

    a = pack_bits(np.arange(50)[:, None] < 7)
    found = pauli_channels.eigenvalues(BellRecord(1, a, 0 * a), "X")
    low, high = binomial_interval(7, 50)
    assert found.values.tolist() == [1 - 14 / 50]
    np.testing.assert_allclose([found.low[0], found.high[0]], [1 - 2 * high, 1 - 2 * low])


def test_low_weight_strings_are_all_of_them_once():
    for n, weight in ((3, 2), (4, 4)):
        found = pauli_channels.low_weight_strings(n, weight)
        assert (found.weight() <= weight).all()
        every = PauliStrings.from_letters(every_string(n))
        assert set(found.text()) == {t for t in every.text() if n - t.count("I") <= weight}
        assert len(set(found.text())) == len(found)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda r: pauli_channels.eigenvalues(r, "XX"), "act on 2 qubits"),
        (lambda r: pauli_channels.eigenvalues(r, "X", 0), "failure"),
        (lambda r: pauli_channels.observed_error_rates("record"), "must be a BellRecord"),
        (lambda r: pauli_channels.all_eigenvalues("record"), "must be a BellRecord"),
        (lambda r: pauli_channels.all_error_rates("record"), "must be a BellRecord"),
        (lambda r: pauli_channels.eigenvalues(BellRecord(1, NONE, NONE), "X"), "at least one"),
        (lambda r: pauli_channels.observed_error_rates(BellRecord(1, NONE, NONE)), "at least one"),
        (lambda r: pauli_channels.rates_of_eigenvalues([1, 2]), "must be 4\\^n numbers"),
        (lambda r: pauli_channels.low_weight_strings(3, 4), "weight must lie between 1 and 3"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(call, message):
    bit = pack_bits([[1]])
    with pytest.raises(UsageError, match=message) as refusal:
        call(BellRecord(1, bit, bit))
    assert "\n" not in str(refusal.value)
    assert pauli_channels.largest_unseen_rate(BellRecord(1, NONE, NONE)) == 1.0
