import pytest

from quantum_advantage.bounds.hidden_pauli import copies_required
from quantum_advantage.bounds.hidden_sign import fixed_copies_required


def test_bound_prints_the_copies_for_every_size(printed):
    out = printed("bound", "--qubits", "2,10:20:10")
    sizes = [2, 10, 20]
    *lines, conditions = out.splitlines()
    assert [line.split(":")[0] for line in lines] == [f"n = {n}" for n in sizes]
    assert "for 0.7 right: (I ± a·P)/2^n with a = 0.9, game two" in conditions
    for n, line in zip(sizes, lines, strict=True):
        copies = float(line.split()[-2])
        assert copies / (2**n + 1) == pytest.approx(
            {2: 0.50124, 10: 0.55135, 20: 0.55136}[n], abs=1e-4
        )
        assert copies == pytest.approx(copies_required(0.7, qubits=n), rel=1e-5)


def test_bound_says_whom_it_is_about_where_learners_may_have_a_memory(printed):
    out = printed("bound", "--qubits", "20", "--task", "hidden_sign")
    line, conditions = out.splitlines()
    assert float(line.split()[-2]) == pytest.approx(fixed_copies_required(0.7, qubits=20), rel=1e-5)
    assert "without quantum memory" not in conditions
    assert "fixed beforehand" in conditions


def test_bound_takes_target_alpha_and_game(printed):
    out = printed("bound", "--qubits", "4", "--target", "0.8", "--alpha", "0.5", "--game", "one")
    expected = copies_required(0.8, qubits=4, alpha=0.5, game="one")
    line, conditions = out.splitlines()
    assert float(line.split()[-2]) == pytest.approx(expected, rel=1e-5)
    assert "for 0.8 right: (I ± a·P)/2^n with a = 0.5, game one" in conditions


@pytest.mark.parametrize(("task", "scale"), [("purity", 1.01), ("principal_component", 1.40)])
def test_bound_knows_the_haar_random_tasks(printed, task, scale):
    out = printed("bound", "--task", task, "--qubits", "20")
    line, conditions = out.splitlines()
    assert float(line.split()[-2]) / 2**10 == pytest.approx(scale, abs=0.005)
    assert "Haar-random" in conditions


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--task", "purify"], ["--task", "'purify'", "principal_component"]),
        (["--task", "purities"], ["no bound is proven for the games of purities"]),
        (["--target", "1"], ["--target", "'1'", "between 0.5 and 1"]),
        (["--target", "0.5"], ["target", "0.5", "between 0.5 and 1"]),
        (["--target", "nan"], ["target", "nan"]),
        (["--target", "x"], ["--target", "'x'"]),
        (["--alpha", "1"], ["--alpha", "'1'", "between 0 and 1"]),
        (["--alpha", "0"], ["--alpha", "'0'", "between 0 and 1"]),
        (["--game", "three"], ["game", "'three'", "two, one"]),
        (["--qubits", "0"], ["--qubits", "'0'", "2:20"]),
        (["--qubits", "2000"], ["qubits", "2000"]),
    ],
)
def test_bound_refuses_in_one_line(refused, arguments, named):
    line = refused("bound", *arguments)
    for part in named:
        assert part in line


def test_bound_beyond_all_numbers_says_so(printed):
    assert "more than 1e308 copies" in printed("bound", "--alpha", "1e-90", "--qubits", "1000")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("bound --task purity --alpha 0.3", ["--alpha would change nothing", "purity"]),
        ("bound --task time_reversal --game one", ["--game would change nothing"]),
        ("bound --alpha 1e-200", ["alpha", "at least 1e-100"]),
        ("bound --alpha 0.9_9", ["--alpha", "'0.9_9'"]),
        ("bound --target nan", ["--target", "'nan'"]),
    ],
)
def test_mistake_or_idle_option_is_one_line(refused, arguments, named):
    line = refused(*arguments.split())
    for part in named:
        assert part in line
