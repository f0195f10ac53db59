"""``sampler:MODULE:FUNCTION``: the user's own code, imported only where the user names it."""

import sys
import textwrap

import pytest

from quantum_advantage import Curve, Experiment, copies_needed, run
from quantum_advantage.backends.names import read_backend
from quantum_advantage.backends.opening import open_backend, open_sampler
from quantum_advantage.cli import main
from quantum_advantage.core.usage import UsageError

MODULE = """
    import cirq
    from quantum_advantage import Backend

    def sampler():
        return cirq.Simulator(seed=1)

    def backend():
        return Backend.from_sampler(lambda seed: cirq.Simulator(seed=seed), "mine")

    def nothing():
        pass

    constant = 3
"""
NAME = "sampler:my_own_service:backend"


@pytest.fixture
def module(tmp_path, monkeypatch):
    (tmp_path / "my_own_service.py").write_text(textwrap.dedent(MODULE))
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    sys.modules.pop("my_own_service", None)


@pytest.mark.parametrize("function", ["sampler", "backend"])
def test_a_function_of_a_sampler_or_a_backend_opens_it_under_its_full_name(module, function):
    name = read_backend(f"sampler:my_own_service:{function}")
    assert "my_own_service" not in sys.modules
    path = list(sys.path)
    assert open_sampler(name).name == str(name) == f"sampler:my_own_service:{function}"
    assert sys.path == path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sampler:my_own_service:nothing", "returns a cirq.Sampler or a Backend, not None"),
        ("sampler:my_own_service:constant", "must name a function, not a int"),
        ("sampler:my_own_service:nonesuch", "AttributeError: .* no attribute 'nonesuch'"),
        ("sampler:nonesuch_package.part:f", "ModuleNotFoundError: No module named"),
    ],
)
def test_what_cannot_be_opened_is_told_in_one_line(module, text, message):
    with pytest.raises(UsageError, match=message) as told:
        open_sampler(read_backend(text))
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "text",
    ["sampler", "sampler:", "sampler:os", "sampler:a:b:c", "sampler:a-b:c", "sampler:a:b,c=1"],
)
def test_other_spellings_are_refused(text):
    with pytest.raises(UsageError, match="must read sampler:MODULE:FUNCTION"):
        read_backend(text)


def sweep():
    return Experiment("mine", "", "observables", [Curve("bell", (1,))], trials=40, batch_size=2)


def test_an_experiment_runs_on_it_tells_the_price_first_and_goes_on(module):
    lines = []
    found = run(sweep(), backend=NAME, out=module / "out", report=lines.append)
    assert found.points[0].spec.backend == NAME
    assert lines[0].startswith(f"bell at n = 1 on {NAME}: some ")
    again = run(sweep(), backend=NAME, out=module / "out", report=lines.append)
    assert again.points == found.points


def test_names_in_files_import_nothing(module, capsys):
    run(sweep(), backend=NAME, out=module / "out", report=lambda line: None)
    sys.modules.pop("my_own_service")
    assert main(["replay", str(module / "out" / "data" / "mine.csv")]) in (0, 1, 2)
    told = capsys.readouterr().err
    assert f"batches of {NAME} are left out: it is code of its owner's" in told
    for ask in (
        lambda: open_backend(NAME),
        lambda: open_backend(read_backend(NAME)),
        lambda: copies_needed("bell", 1, backend=NAME),
    ):
        with pytest.raises(UsageError, match="is code of its owner's, which no name in a file"):
            ask()
    assert "my_own_service" not in sys.modules
