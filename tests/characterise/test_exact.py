import functools
from collections import Counter

import cirq
import numpy as np
import pytest
from characterise_examples import blocks_of, exact_on

from quantum_advantage.backends.devices.native import compile_native
from quantum_advantage.backends.devices.virtual import virtual_device, virtual_noise
from quantum_advantage.backends.names import read_backend
from quantum_advantage.characterise.exact import exact_eigenvalues, exact_factors
from quantum_advantage.characterise.layers import LAYERS, string_number, string_text
from quantum_advantage.characterise.requests import layer_circuit, layered_request
from quantum_advantage.circuits.request import Dial

PROCESSORS = ("weber", "willow_pink")
each_processor = pytest.mark.parametrize("processor", PROCESSORS)
each_layer = pytest.mark.parametrize("layer", LAYERS)


def native(processor, circuit, noisy=True):
    """A circuit with its symbols at 0, compiled, with the noise of the calibration."""
    symbols = tuple(sorted(cirq.parameter_names(circuit)))
    dial = Dial("twirl", symbols, ((0.0,) * len(symbols),))
    found = compile_native(circuit, (dial,), virtual_device(processor))
    values = {s: v for d in found.dials for s, v in zip(d.symbols, d.positions[0], strict=True)}
    ideal = cirq.resolve_parameters(found.circuit, values)
    return ideal.with_noise(virtual_noise(processor)) if noisy else ideal


def operations(circuit):
    """Gates and errors of two qubits are symmetric; equal circuits may name them in any order."""
    return Counter(
        f"{op.gate!r} {sorted(op.qubits)}"
        for op in circuit.all_operations()
        if not cirq.is_measurement(op)
    )


@each_processor
@each_layer
def test_the_layer_alone_has_the_noise_that_one_more_layer_adds(processor, layer):
    blocks, rng = blocks_of(processor, 4), np.random.default_rng(1)
    two, three = (
        operations(
            native(
                processor,
                layered_request(blocks, LAYERS[layer], False, d, 2, 1, rng).request.circuit,
            )
        )
        for d in (2, 3)
    )
    two.update(operations(native(processor, layer_circuit(blocks, LAYERS[layer]))))
    assert two == three


def made_of(circuit, qubits, string_on_all):
    """What a circuit makes of a Pauli string, from two density matrices that hold it."""
    simulator = cirq.DensityMatrixSimulator(dtype=np.complex128)
    plus, minus = (
        simulator.simulate(
            circuit, qubit_order=qubits, initial_state=(np.eye(16) + sign * string_on_all) / 16
        ).final_density_matrix
        for sign in (1, -1)
    )
    return (plus - minus) * 8


def matrix_of(text):
    return functools.reduce(np.kron, (cirq.unitary(getattr(cirq, letter)) for letter in text))


@each_processor
@pytest.mark.parametrize("layer", ["cz", "cz_both"])
@pytest.mark.parametrize("text", ["XIXI", "ZZZZ", "YXYX", "XZXI"])
def test_eigenvalues_are_those_of_density_matrices(processor, layer, text):
    (block,) = blocks_of(processor, 2)
    qubits = (*block.systems, *block.memories)
    circuit = layer_circuit([block], LAYERS[layer])
    before = matrix_of(text)
    noisy = made_of(native(processor, circuit), qubits, before)
    ideal = made_of(native(processor, circuit, noisy=False), qubits, before)
    eigenvalue = np.trace(ideal @ noisy).real / 16
    # The string behind the gates: the one that the ideal matrix is, up to its sign.
    behind = [
        (s, m)
        for s in range(16)
        for m in range(16)
        if abs(np.trace(ideal @ matrix_of(string_text(s) + string_text(m)))) > 15
    ]
    ((system, memory),) = behind
    exact = exact_on(processor, 2, layer)
    assert exact[0, system, memory] == pytest.approx(eigenvalue, abs=1e-6)
    assert 0.8 < eigenvalue < 0.9999


@each_processor
def test_a_layer_costs_more_than_waiting_and_two_cz_more_than_one(processor):
    diagonal = [
        np.diagonal(exact_on(processor, 2, layer)[0])[1:].mean()
        for layer in ("wait", "cz", "cz_both")
    ]
    assert diagonal[0] > diagonal[1] > diagonal[2]


def test_the_eigenvalues_of_products_that_are_not_learned_differ():
    # So what a decay shows of XI and XZ together says little of each: the choice has a price.
    exact = exact_on("weber", 2, "cz_both")[0]
    one, other = (exact[s, s] for s in map(string_number, ("XI", "XZ")))
    assert abs(one - other) > 0.005


def test_factors_are_means_over_the_strings_that_are_visited():
    exact = exact_on("weber", 2, "cz_both")
    xi, xz, yi = (exact[0, s, s] for s in map(string_number, ("XI", "XZ", "YI")))
    plain, turned = (exact_factors(exact, LAYERS["cz_both"], t)[0] for t in (False, True))
    assert plain[string_number("XI")] == pytest.approx(np.sqrt(xi * xz))
    assert turned[string_number("XI")] == pytest.approx(np.sqrt(xz * yi))
    assert turned[string_number("XX")] == exact[0, string_number("YY"), string_number("YY")]


@pytest.mark.parametrize("name", ["qvm:weber,crosstalk=1", "qvm:weber,dd=xx", "engine:p/weber"])
def test_where_the_noise_is_another_nothing_is_said(name):
    assert exact_eigenvalues(read_backend(name), blocks_of("weber", 2), LAYERS["wait"]) is None
