"""Layers between Bell pairs, or between two copies of a state and their Bell measurement.

A circuit prepares the pairs, applies a random Pauli gate to every qubit, then d times the layer,
which ends with such gates, and measures the pairs in the Bell basis. A *setting* is one choice of
all Pauli gates. Carried to the end of the circuit they are one Pauli string on each side, and flip
outcomes of the Bell measurement; the flips are known, and are taken back.

Source: randomised compiling (Wallman and Emerson, arXiv 1512.01098) and cycle benchmarking (Erhard
et al., arXiv 1902.08543), here with Bell pairs. Averaged over the settings, the noise of a layer is
its Pauli channel, the diagonal of its transfer matrix. A string Q at the input that the first d
layers turn into Q_d has the mean sign A λ(Q_1) … λ(Q_d): the random gates at both ends remove what
preparation and measurement would mix in, so A does not depend on d.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cirq
import numpy as np
import numpy.typing as npt
import sympy

from quantum_advantage.characterise.blocks import Block
from quantum_advantage.characterise.layers import STRINGS, Layer
from quantum_advantage.circuits.barriers import BARRIER
from quantum_advantage.circuits.request import Dial, Record, Request, position_type
from quantum_advantage.core.bits import unpack_bits
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.walsh_hadamard import walsh_hadamard
from quantum_advantage.measurements.bell import MEMORY, SYSTEM, bell_basis_change

# Prepares the qubits of one block.
Preparing = Callable[[Block], list[cirq.Operation]]
Floats = npt.NDArray[np.float64]
Octets = npt.NDArray[np.uint8]

SETTING = "setting"


@dataclass(frozen=True, eq=False)
class LayeredRequest:
    """A request of layers, and the flips that its Pauli gates make.

    Attributes:
        request: The request; its shots are those of the first setting, then of the next.
        flips: (settings, blocks) what to add to the outcome of a block, as its number
            a₁ + 2 a₂ + 4 b₁ + 8 b₂.

    Example:
        >>> LayeredRequest(Request(cirq.Circuit(), (), (), 0), np.zeros((2, 1), np.uint8)).settings
        2
    """

    request: Request
    flips: Octets

    @property
    def settings(self) -> int:
        """The number of settings."""
        return self.flips.shape[0]


def bell_pairs(block: Block) -> list[cirq.Operation]:
    """Prepares Φ⁺ on the pairs of a block.

    Example:
        >>> a, b, c, d = cirq.LineQubit.range(4)
        >>> len(bell_pairs(Block((a, b), (c, d))))
        4
    """
    pairs = block.pairs
    return [*(cirq.H(a) for a, _ in pairs), *(cirq.CNOT(a, b) for a, b in pairs)]


def plus_states(block: Block) -> list[cirq.Operation]:
    """Prepares |+⟩ on all qubits: two copies of |+⟩|+⟩.

    Example:
        >>> a, b, c, d = cirq.LineQubit.range(4)
        >>> plus_states(Block((a, b), (c, d)))[0]
        cirq.H(cirq.LineQubit(0))
    """
    return [cirq.H(q) for q in (*block.systems, *block.memories)]


def layered_request(
    blocks: Sequence[Block],
    layer: Layer,
    turned: bool,
    depth: int,
    settings: int,
    shots: int,
    rng: np.random.Generator,
    prepare: Preparing = bell_pairs,
) -> LayeredRequest:
    """Requests a number of layers on blocks.

    Args:
        blocks: The blocks.
        layer: The layer.
        turned: Whether quarter turns follow the CZ gates.
        depth: The number d of layers; even if turned.
        settings: Choices of the random Pauli gates.
        shots: Shots of each setting.
        rng: Draws the settings.
        prepare: What is done to a block at first.

    Raises:
        UsageError: If the depth is odd and the layers are turned.

    Example:
        >>> a, b, c, d = cirq.LineQubit.range(4)
        >>> from quantum_advantage.characterise.layers import LAYERS
        >>> block, rng = Block((a, b), (c, d)), np.random.default_rng(1)
        >>> wanted = layered_request([block], LAYERS["cz"], False, 2, 5, 10, rng)
        >>> wanted.request.shots, wanted.flips.shape
        (50, (5, 1))
    """
    if turned and depth % 2:
        raise UsageError(f"depth must be even where quarter turns follow, not {depth}")
    # Whether X and Z act: on each side, block and qubit, after each layer.
    paulis = rng.integers(0, 2, (settings, depth + 1, 2, 2, len(blocks), 2), dtype=np.uint8)
    circuit = cirq.Circuit(prepare(block) for block in blocks) + _twirl(blocks, 0)
    for number in range(1, depth + 1):
        circuit += layer_circuit(blocks, layer, number)
    systems = [q for block in blocks for q in block.systems]
    memories = [q for block in blocks for q in block.memories]
    circuit += cirq.Circuit(
        cirq.Moment(BARRIER),
        bell_basis_change(systems, memories),
        cirq.Moment(cirq.measure(*systems, key=SYSTEM), cirq.measure(*memories, key=MEMORY)),
    )
    symbols = tuple(_symbol(*place) for place in np.ndindex(*paulis.shape[1:]))
    exponents = paulis.astype(float)
    if turned:
        exponents[:, 1:, 1, np.flatnonzero(layer.coupled)] += 0.5
    positions = tuple(map(tuple, exponents.reshape(settings, -1).tolist()))
    dial = Dial(SETTING, symbols, positions)
    column = np.repeat(np.arange(settings), shots).astype(position_type(settings))
    # The last Pauli gates flip the bits of the readout at random anyway.
    request = Request(
        circuit, (dial,), (column,), settings * shots, frozenset({SETTING}), twirled=False
    )
    return LayeredRequest(request, _flips(paulis, layer, turned))


def layer_circuit(blocks: Sequence[Block], layer: Layer, number: int = 1) -> cirq.Circuit:
    """Returns one layer: a barrier, the gates, and a random Pauli gate on every qubit.

    Quarter turns about Z are in the symbols of these gates, so that they change no other gate.

    Args:
        blocks: The blocks.
        layer: The layer.
        number: The number of the layer, for its symbols.

    Example:
        >>> from quantum_advantage.characterise.layers import LAYERS
        >>> a, b, c, d = cirq.LineQubit.range(4)
        >>> len(cirq.parameter_names(layer_circuit([Block((a, b), (c, d))], LAYERS["cz"])))
        8
    """
    moments = [cirq.Moment(BARRIER)]
    links = [
        link
        for block in blocks
        for link, on in zip((block.systems, block.memories), layer.coupled, strict=True)
        if on
    ]
    if links:
        moments.append(cirq.Moment(cirq.CZ(*link) for link in links))
    return cirq.Circuit(moments) + _twirl(blocks, number)


def mean_signs(asked: LayeredRequest, record: Record) -> Floats:
    """Returns how the strings of every block came out in every setting.

    Args:
        asked: The request.
        record: Its record.

    Returns:
        (settings, blocks, 16) the mean over the shots of (-1)^(x·a + z·b), for the string with the
        number x₁ + 2 x₂ + 4 z₁ + 8 z₂.

    Example:
        Without noise every string of a Bell pair comes out as it went in:

        >>> from quantum_advantage.backends.opening import open_backend
        >>> from quantum_advantage.characterise.layers import LAYERS
        >>> from quantum_advantage.circuits.run import run
        >>> a, b, c, d = cirq.LineQubit.range(4)
        >>> block, rng = Block((a, b), (c, d)), np.random.default_rng(1)
        >>> asked = layered_request([block], LAYERS["cz"], True, 2, 3, 4, rng)
        >>> (record,) = run([asked.request], open_backend("qsim").make(1))
        >>> bool((mean_signs(asked, record) == 1).all())
        True
    """
    settings, blocks = asked.flips.shape
    a, b = (
        unpack_bits(record.bits[key], 2 * blocks).reshape(settings, -1, blocks, 2)
        for key in (SYSTEM, MEMORY)
    )
    outcomes = a[..., 0] + 2 * a[..., 1] + 4 * b[..., 0] + 8 * b[..., 1]
    outcomes ^= asked.flips[:, None]
    counts = (outcomes[..., None] == np.arange(STRINGS)).sum(axis=1)
    return np.asarray(walsh_hadamard(counts) / outcomes.shape[1])


def _twirl(blocks: Sequence[Block], number: int) -> cirq.Circuit:
    """Returns a random Pauli gate on every qubit: Z, then X, each raised to a symbol."""
    places = [
        (s, i, j, q)
        for i, block in enumerate(blocks)
        for s, side in enumerate((block.systems, block.memories))
        for j, q in enumerate(side)
    ]
    return cirq.Circuit(
        cirq.Moment(
            (gate ** sympy.Symbol(_symbol(number, letter, s, i, j)))(q) for s, i, j, q in places
        )
        for letter, gate in ((1, cirq.Z), (0, cirq.X))
    )


def _symbol(number: int, letter: int, side: int, block: int, qubit: int) -> str:
    return f"twirl_{number}_{'xz'[letter]}_{side}_{block}_{qubit}"


def _flips(paulis: Octets, layer: Layer, turned: bool) -> Octets:
    """Carries the Pauli gates to the end of the circuit; see :class:`LayeredRequest`."""
    depth = paulis.shape[1] - 1
    x, z = paulis[:, 0, 0].copy(), paulis[:, 0, 1].copy()
    for number in range(1, depth + 1):
        for side in np.flatnonzero(layer.coupled):
            z[:, side] ^= x[:, side, :, ::-1]
            if turned:
                z[:, side] ^= x[:, side]
        x ^= paulis[:, number, 0]
        z ^= paulis[:, number, 1]
    if turned and depth // 2 % 2:
        # Two turned layers are Z on both qubits, where CZ acts.
        z[:, np.flatnonzero(layer.coupled)] ^= 1
    # What acts on a memory flips the pair as if it acted on the system.
    (a1, a2), (b1, b2) = (np.moveaxis(side[:, 0] ^ side[:, 1], -1, 0) for side in (z, x))
    return np.asarray(a1 + 2 * a2 + 4 * b1 + 8 * b2, dtype=np.uint8)
