"""Backends that another installed package brings."""

import pytest
from foreign import install

from quantum_advantage.backends.names import GROUP, NAMES, BackendName, read_backend
from quantum_advantage.backends.opening import open_backend
from quantum_advantage.core.plugins import entry_points
from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.batches import play_batch
from quantum_advantage.study.spec import Spec

KNOWN = ", ".join(NAMES)
CHIP = """
    import cirq

    from quantum_advantage import Backend


    def open_chip(name):
        return Backend(name, make=lambda seed: cirq.Simulator(seed=seed))


    def open_other(name):
        return Backend("other", make=lambda seed: cirq.Simulator(seed=seed))


    def open_nothing(name):
        return None
"""


@pytest.fixture(autouse=True)
def _forget():
    yield
    entry_points.cache_clear()


@pytest.fixture
def installed(tmp_path, monkeypatch):
    functions = {"my_chip": "open_chip", "misnamed": "open_other", "empty": "open_nothing"}
    entries = {name: f"a_chip_of_mine:{function}" for name, function in functions.items()}
    install(tmp_path, monkeypatch, "chips", {GROUP: entries}, a_chip_of_mine=CHIP)


@pytest.mark.usefixtures("installed")
def test_name_is_read_with_options_of_its_own_and_written_sorted():
    name = read_backend("my_chip:gain=2,bias=0.1")
    assert name == BackendName("my_chip", options=(("bias", "0.1"), ("gain", "2")))
    assert str(name) == "my_chip:bias=0.1,gain=2"
    assert name.foreign
    assert not name.on_device
    assert not name.noisy
    assert name.resolve(circuits=True) == name


@pytest.mark.usefixtures("installed")
def test_batch_is_played_there_by_its_name_alone():
    spec = Spec("observables:alpha=0.9,game=two", "bell", 2, "my_chip:bias=0.1", 20, 50, 0)
    rows = play_batch("trial", spec, 0)
    assert rows[-1].correct > 30
    assert {row.spec.source for row in rows} == {"circuit"}


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("misnamed", "backend 'misnamed' was opened under another name, 'other'"),
        ("empty", "must be opened by a function that returns a Backend, not a"),
        ("my_chip:bias", "must read key=value"),
        ("nonesuch", f"choose one of {KNOWN}, empty, misnamed, my_chip"),
    ],
)
def test_mistake_is_one_line(name, told):
    with pytest.raises(UsageError, match=told) as caught:
        open_backend(name)
    assert "\n" not in str(caught.value)


def test_name_of_this_package_stays_its_own(tmp_path, monkeypatch):
    install(tmp_path, monkeypatch, "chips", {GROUP: {"qsim": "nowhere:open"}})
    assert open_backend("qsim").fingerprint == "quantum_advantage qsim"
    with pytest.raises(UsageError, match=f"choose one of {KNOWN}$"):
        read_backend("my_chip")
