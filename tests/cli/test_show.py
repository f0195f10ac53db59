import pytest

from quantum_advantage.tasks.registry import load_task, task_names

PROTOCOLS = load_task("observables").protocols
PURITIES = load_task("whole_purity").protocols


def test_show_prints_the_bell_circuit(printed):
    out = printed("show", "bell", "--qubits", "2")
    circuit = out.split("\n\n")[0]
    assert circuit.count("@") == 2  # one CNOT for each pair
    assert circuit.count("─H─") == 2
    assert "M('system')" in circuit
    assert "M('memory')" in circuit


def test_show_prints_the_table_of_signs_with_yy_minus_at_00(printed):
    table = printed("show", "bell", "--qubits", "2").split("\n\n")[-1].split("\n")
    assert table[0].split() == ["a", "b", "state", "XX", "YY", "ZZ", "SWAP"]
    rows = {tuple(line.split()[:2]): line.split()[3:] for line in table[1:5]}
    assert rows == {
        ("0", "0"): ["+1", "-1", "+1", "+1"],
        ("0", "1"): ["+1", "+1", "-1", "+1"],
        ("1", "0"): ["-1", "+1", "+1", "+1"],
        ("1", "1"): ["-1", "-1", "-1", "-1"],
    }


def test_show_says_how_bell_answers(printed):
    assert PROTOCOLS["bell"].about in printed("show", "bell")


@pytest.mark.parametrize("protocol", PURITIES)
def test_show_prints_circuit_and_explanation_of_every_estimate(printed, protocol):
    out = printed("show", protocol, "--task", "whole_purity", "--qubits", "2")
    assert out.index("M('system')") < out.index(PURITIES[protocol].about)
    assert ("SWAP" in out.split("\n\n")[-1]) == (protocol == "bell")


def test_show_names_the_tasks_of_either_kind(refused):
    line = refused("show", "bell", "--task", "nope")
    named = line.rpartition("one of ")[2].strip().split(", ")
    assert named == list(task_names())


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_show_prints_circuit_and_explanation_of_every_protocol(printed, protocol):
    out = printed("show", protocol, "--qubits", "3")
    assert out.index("M('system')") < out.index(PROTOCOLS[protocol].about)


@pytest.mark.parametrize(
    ("protocol", "shown"), [("bell", True), ("memory:qubits=1", True), ("local_pauli", False)]
)
def test_show_prints_the_table_where_two_copies_are_measured_jointly(printed, protocol, shown):
    assert ("SWAP" in printed("show", protocol)) == shown


@pytest.mark.parametrize(
    ("task", "protocol", "named"),
    [
        ("purity", "bell", "singlets"),
        ("purity", "randomized_measurements", "Hamming distance"),
        ("principal_component", "bell_sign", "|00⟩, |11⟩, Ψ⁺, Ψ⁻"),
    ],
)
def test_show_knows_the_other_tasks(printed, task, protocol, named):
    out = printed("show", protocol, "--task", task, "--qubits", "2")
    assert "iSwap" in out or task == "principal_component"
    assert named in out


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["bel", "--task", "purity"], ["'bel'", "bell, collisions"]),
        (
            ["bell", "--task", "purify"],
            ["'purify'", "observables, pauli_channel, phases", "mean purity?"],
        ),
        (["nope"], ["'nope'", "bell, bell_calibrated, local_pauli"]),
        (["bell", "--qubits", "0"], ["--qubits", "'0'", "at least 1"]),
        (["bell:times=2"], ["'times'", "'bell:times=2'"]),
        (["memory:qubits=3"], ["'memory:qubits=3'", "between 0 and 2"]),
        (["memory:qubits=x"], ["'qubits'", "a whole number"]),
        (["local_observables", "--qubits", "1"], ["at least 2 for local_observables, not 1"]),
        ([""], ["''"]),
        ([], ["protocol"]),
    ],
)
def test_show_refuses_in_one_line(refused, arguments, named):
    line = refused("show", *arguments)
    for part in named:
        assert part in line


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("show bell --qubits 200000", ["--qubits", "at most 30"]),
        ("show bel", ["'bel'", "did you mean bell?"]),
        ("show bell --task observable", ["did you mean observables?"]),
    ],
)
def test_mistake_or_idle_option_is_one_line(refused, arguments, named):
    line = refused(*arguments.split())
    for part in named:
        assert part in line
