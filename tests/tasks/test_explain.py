import cirq
import numpy as np
import pytest

from quantum_advantage.tasks.observables.explain import sign_table
from quantum_advantage.tasks.observables.task import Observables

PROTOCOLS = Observables("observables").protocols

BELL = {
    "Φ⁺": [1, 0, 0, 1],
    "Φ⁻": [1, 0, 0, -1],
    "Ψ⁺": [0, 1, 1, 0],
    "Ψ⁻": [0, 1, -1, 0],
}
PAULIS = {"XX": cirq.X, "YY": cirq.Y, "ZZ": cirq.Z}


@pytest.mark.parametrize("name", PROTOCOLS)
def test_explanations_fit_a_terminal(name):
    assert PROTOCOLS[name].about.strip()
    assert max(map(len, PROTOCOLS[name].about.splitlines())) <= 100


def test_signs_of_the_table_are_eigenvalues():
    head, *lines = sign_table().splitlines()
    columns = head.split()[3:]
    assert columns == ["XX", "YY", "ZZ", "SWAP"]
    assert {line.split()[2] for line in lines} == set(BELL)
    for line in lines:
        _, _, name, *signs = line.split()
        vector = np.array(BELL[name]) / np.sqrt(2)
        for column, sign in zip(columns, signs, strict=True):
            matrix = cirq.unitary(cirq.SWAP)
            if column in PAULIS:
                matrix = np.kron(*[cirq.unitary(PAULIS[column])] * 2)
            np.testing.assert_allclose(matrix @ vector, int(sign) * vector, atol=1e-12)


def test_outcomes_of_the_table_are_those_of_the_circuit():
    for line in sign_table().splitlines()[1:]:
        a, b, name, *_ = line.split()
        pair = cirq.LineQubit.range(2)
        circuit = cirq.Circuit(cirq.CNOT(*pair), cirq.H(pair[0]))
        state = circuit.final_state_vector(
            initial_state=np.array(BELL[name], dtype=np.complex64) / np.sqrt(2)
        )
        assert int(np.argmax(np.abs(state))) == 2 * int(a) + int(b)
