"""The exact twirled channel of a layer on a virtual processor, from its noise model alone.

The native circuit of one layer gets the noise of the calibration. What it does to the four qubits
of a block is a real matrix on Pauli strings, the transfer matrix L; without noise it would be U.
The random Pauli gates leave of L U⁻¹ the diagonal: one eigenvalue for each string on systems and
memories, as the string is behind the CZ gates. U permutes strings up to signs, so the eigenvalue of
Q is Σ_R L_QR U_QR. No circuit is run. Blocks meet in no gate, and the noise of a calibration knows
no crosstalk, so each is solved by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.devices.native import compile_native
from quantum_advantage.backends.devices.virtual import virtual_device, virtual_noise
from quantum_advantage.backends.names import BackendName
from quantum_advantage.backends.simulators.pauli_vectors import transfer_matrix
from quantum_advantage.characterise.blocks import Block
from quantum_advantage.characterise.layers import STRINGS, Layer, visited
from quantum_advantage.characterise.requests import layer_circuit
from quantum_advantage.circuits.request import Dial

Floats = npt.NDArray[np.float64]

_NUMBERS = np.arange(STRINGS)
# The letters of a string's first and second qubit, as places in I, X, Y, Z.
_FIRST, _SECOND = (
    np.array([0, 1, 3, 2])[(_NUMBERS >> q & 1) + 2 * (_NUMBERS >> q + 2 & 1)] for q in (0, 1)
)


def exact_eigenvalues(name: BackendName, blocks: Sequence[Block], layer: Layer) -> Floats | None:
    """Returns the eigenvalues of the twirled noise of a layer on each block.

    Args:
        name: A processor.
        blocks: The blocks.
        layer: The layer.

    Returns:
        (blocks, 16, 16) the eigenvalue of each string on the systems and each on the memories; None
        where the noise is not that of a calibration alone: on a real processor, and where the name
        has options.

    Example:
        >>> from quantum_advantage.backends.names import read_backend
        >>> from quantum_advantage.characterise.blocks import best_blocks
        >>> from quantum_advantage.characterise.layers import LAYERS
        >>> rainbow = read_backend("qvm:rainbow")
        >>> blocks = best_blocks(virtual_device("rainbow"), 2)
        >>> exact = exact_eigenvalues(rainbow, blocks, LAYERS["cz"])
        >>> exact.shape, exact[0, 0, 0].round(9).item(), bool((exact[0, 1:, 1:] < 1).all())
        ((1, 16, 16), 1.0, True)
    """
    if name.base != "qvm" or name.options:
        return None
    device = virtual_device(name.processor, name.digest)
    circuit = layer_circuit(blocks, layer)
    symbols = tuple(sorted(cirq.parameter_names(circuit)))
    still = Dial("twirl", symbols, ((0.0,) * len(symbols),))
    native = compile_native(circuit, (still,), device)
    values = {
        symbol: value
        for dial in native.dials
        for symbol, value in zip(dial.symbols, dial.positions[0], strict=True)
    }
    ideal = cirq.resolve_parameters(native.circuit, values)
    noisy = ideal.with_noise(virtual_noise(name.processor, name.digest))
    found = []
    for block in blocks:
        qubits = (*block.systems, *block.memories)
        kept = (_transfer(noisy, qubits) * _transfer(ideal, qubits)).sum(axis=1)
        on_systems = _FIRST[:, None], _SECOND[:, None]
        found.append(kept.reshape((4,) * 4)[(*on_systems, _FIRST, _SECOND)])
    return np.stack(found)


def exact_factors(eigenvalues: Floats, layer: Layer, turned: bool) -> Floats:
    """Returns by what factor each string decays with every layer, from exact eigenvalues.

    Args:
        eigenvalues: (..., 16, 16) those of strings on systems and memories.
        layer: The layer.
        turned: Whether quarter turns follow the CZ gates.

    Returns:
        (..., 16) the geometric mean over the strings that each one visits.

    Example:
        >>> from quantum_advantage.characterise.layers import LAYERS
        >>> known = np.full((16, 16), 0.9)
        >>> bool(np.allclose(exact_factors(known, LAYERS["cz"], False), 0.9))
        True
    """
    columns = []
    for string in range(STRINGS):
        met = visited(layer, turned, string)
        product = np.prod([eigenvalues[..., s.system, s.memory] for s in met], axis=0)
        columns.append(product ** (1 / len(met)))
    return np.stack(columns, axis=-1)


def _transfer(circuit: cirq.AbstractCircuit, qubits: Sequence[cirq.Qid]) -> Floats:
    """Returns (4ⁿ, 4ⁿ) the transfer matrix of what a circuit does to some of its qubits."""
    count = len(qubits)
    whole = np.eye(4**count).reshape((4,) * count + (4**count,))
    for op in circuit.all_operations():
        if not set(op.qubits) & set(qubits):
            continue
        axes = [qubits.index(q) for q in op.qubits]
        k = len(axes)
        assert op.gate is not None
        matrix = transfer_matrix(op.gate).reshape((4,) * (2 * k))
        whole = np.tensordot(matrix, whole, axes=(range(k, 2 * k), axes))
        whole = np.moveaxis(whole, range(k), axes)
    return whole.reshape(4**count, 4**count)
