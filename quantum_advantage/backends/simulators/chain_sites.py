"""Circuits on chains: which qubits form a site, in which order sites stand, and what couples them.

Two qubits that share their last two-qubit gate form one site of dimension 4, as the pairs of a Bell
measurement do; every other qubit is a site of dimension 2. What acts on one site is absorbed, and
what acts on two neighbours with nothing in between is one gate: one evolution on both halves of a
row of pairs is a brickwork of gates on neighbouring sites.

A gate on two sites is Σ_r A_r ⊗ B_r with as many terms as its operator-Schmidt rank R, and applying
it multiplies the dimension of the bond between them by R. No bond needs more than d D, where d is
the dimension of the site on one of its sides and D that of the next bond on that side: that many
states span all that this side can be in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import cirq
import networkx as nx
import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.simulators.pieces import Piece
from quantum_advantage.core.usage import UsageError

# Relative to the largest one; rounding in a product of small unitaries stays far below.
ZERO_SINGULAR_VALUE = 1e-12

Complexes = npt.NDArray[np.complex128]
# A matrix and the qubits that it acts on.
Unitary = tuple[npt.NDArray[np.complexfloating], tuple[int, ...]]
# The qubits of each site, in the order of the chain.
Sites = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, eq=False)
class SiteGate:
    """A gate Σ_r A_r ⊗ B_r on two neighbouring sites.

    Attributes:
        site: The number of the left site.
        left: (R, d, d) the operators A_r on the left site.
        right: (R, e, e) the operators B_r on the right site.

    Example:
        >>> piece = Piece(3, ((cirq.CNOT, (0, 1)), (cirq.CZ, (1, 2)), (cirq.CNOT, (0, 1))), ())
        >>> (gate, *_) = chain_of(piece, ((0,), (1,), (2,)), {}).gates
        >>> gate.site, gate.left.shape  # CNOT has two operator-Schmidt terms
        (0, (2, 2, 2))
    """

    site: int
    left: Complexes
    right: Complexes


@dataclass(frozen=True, eq=False)
class Chain:
    """Sites in a row, each in a state of its own, and the gates that then couple neighbours.

    Attributes:
        states: The state of each site before the gates, (d,).
        gates: The gates in the order of time.

    Example:
        >>> piece = Piece(3, ((cirq.H, (0,)), (cirq.CNOT, (0, 1)), (cirq.CNOT, (1, 2))), ())
        >>> chain_of(piece, ((0,), (1,), (2,)), {}).bonds()  # a GHZ state
        [2, 2]
    """

    states: tuple[Complexes, ...]
    gates: tuple[SiteGate, ...]

    def bonds(self) -> list[int]:
        """Returns the dimension of each bond that holds the final state exactly.

        They follow from the ranks alone: a gate multiplies its bond by its rank, up to what either
        side can take.
        """
        sizes = [state.size for state in self.states]
        bonds = [1] * (len(sizes) + 1)
        for gate in self.gates:
            i = gate.site
            grown = bonds[i + 1] * gate.left.shape[0]
            bonds[i + 1] = min(grown, bonds[i] * sizes[i], sizes[i + 1] * bonds[i + 2])
        return bonds[1:-1]


def sites_of(piece: Piece, names: Sequence[cirq.Qid]) -> Sites:
    """Finds the sites of a piece and their order on an open chain.

    Args:
        piece: What is to be laid out.
        names: What its qubits are called, for errors.

    Returns:
        The qubits of each site, from one end of the chain to the other.

    Raises:
        UsageError: If the gates do not couple the sites as an open chain.

    Example:
        >>> piece = Piece(3, ((cirq.CZ, (0, 2)), (cirq.CZ, (2, 1)), (cirq.CZ, (0, 2))), ())
        >>> sites_of(piece, cirq.LineQubit.range(3))  # 0 and 2 share their last gate
        ((0, 2), (1,))
    """
    sites = _joined_at_the_end(piece)
    home = _homes(sites)
    graph: nx.Graph = nx.Graph()
    graph.add_nodes_from(range(len(sites)))
    for gate, targets in piece.steps:
        coupled = sorted({home[qubit] for qubit in targets})
        if len(coupled) > 2:
            raise UsageError(
                f"gate {gate} acts on {named(targets, names)}, which lie on more than two sites "
                "of a chain; write it as gates on two qubits"
            )
        if len(coupled) == 2:
            graph.add_edge(*coupled)
    if crowded := [
        qubit for number in graph if graph.degree[number] > 2 for qubit in sites[number]
    ]:
        raise UsageError(
            "gates must couple the qubits as an open chain; on sites with more than two "
            f"neighbours: {named(crowded, names)}"
        )
    ends = [number for number in graph if graph.degree[number] < 2]
    if not ends:
        raise UsageError(
            "gates must couple the qubits as an open chain; in a ring: "
            f"{named(range(piece.qubits), names)}"
        )
    return tuple(sites[number] for number in nx.dfs_preorder_nodes(graph, ends[0]))


def _joined_at_the_end(piece: Piece) -> list[tuple[int, ...]]:
    """Makes one site of two qubits that share their last gate, and of every other qubit."""
    last: dict[int, int] = {}
    for number, (_, targets) in enumerate(piece.steps):
        if len(targets) > 1:
            last.update(dict.fromkeys(targets, number))
    sites = []
    for qubit in range(piece.qubits):
        partners = piece.steps[last[qubit]][1] if qubit in last else (qubit,)
        shared = len(partners) == 2 and last[partners[0]] == last[partners[1]]
        site = tuple(sorted(partners)) if shared else (qubit,)
        if site[0] == qubit:
            sites.append(site)
    return sites


def _homes(sites: Iterable[tuple[int, ...]]) -> dict[int, int]:
    return {qubit: number for number, site in enumerate(sites) for qubit in site}


def named(qubits: Iterable[int], names: Sequence[cirq.Qid]) -> str:
    """Lists the names of some qubits of a piece.

    Args:
        qubits: Numbers of qubits.
        names: The names of all qubits.

    Example:
        >>> named([2, 0], cirq.LineQubit.range(3))
        'q(2), q(0)'
    """
    return ", ".join(str(names[qubit]) for qubit in qubits)


def chain_of(piece: Piece, sites: Sites, values: Mapping[str, float]) -> Chain:
    """Writes a piece as states of its sites and gates on neighbours.

    Args:
        piece: A piece without channels.
        sites: Its sites in the order of the chain.
        values: The value of each of its symbols.

    Raises:
        UsageError: If a step is no unitary gate.

    Example:
        >>> piece = Piece(2, ((cirq.X, (0,)), (cirq.CNOT, (0, 1))), ())
        >>> chain = chain_of(piece, ((0,), (1,)), {})
        >>> [abs(state).tolist() for state in chain.states], len(chain.gates)
        ([[0.0, 1.0], [1.0, 0.0]], 1)
    """
    return chain_from(unitaries_of(piece, values), sites)


def unitaries_of(piece: Piece, values: Mapping[str, float]) -> list[Unitary]:
    """Returns the matrices of a piece's gates, with the qubits that they act on.

    Args:
        piece: A piece without channels.
        values: The value of each of its symbols.

    Raises:
        UsageError: If a step is no unitary gate.

    Example:
        >>> piece = Piece(2, ((cirq.CNOT, (0, 1)),), ())
        >>> [(matrix.shape, targets) for matrix, targets in unitaries_of(piece, {})]
        [((4, 4), (0, 1))]
    """
    found = []
    for gate, targets in piece.steps:
        matrix = cirq.unitary(cirq.resolve_parameters(gate, values), None)
        if matrix is None:
            raise UsageError(f"a chain takes unitary gates only, not {gate}")
        found.append((matrix, targets))
    return found


def chain_from(unitaries: Sequence[Unitary], sites: Sites) -> Chain:
    """Writes gates as states of sites and gates on neighbours.

    Args:
        unitaries: The matrices of the gates, with the qubits that they act on.
        sites: The sites in the order of the chain.

    Example:
        >>> hadamard = cirq.unitary(cirq.H)
        >>> (state,) = chain_from([(hadamard, (0,))], ((0,),)).states
        >>> state.real.round(3).tolist()
        [0.707, 0.707]
    """
    home = _homes(sites)
    states = [_basis(len(site))[..., 0] for site in sites]
    places: list[int] = []
    matrices: list[Complexes] = []
    # The number of the latest gate on each site and a neighbour.
    latest: dict[int, int] = {}
    for unitary, targets in _in_layers(unitaries):
        left, *right = sorted({home[qubit] for qubit in targets})
        if right and (left not in latest or latest[left] != latest.get(right[0])):
            latest[left] = latest[right[0]] = len(places)
            places.append(left)
            matrices.append(_basis(len(sites[left] + sites[right[0]])))
        if left not in latest:
            states[left] = _applied(unitary, targets, states[left], sites[left])
        else:
            number = latest[left]
            qubits = sites[places[number]] + sites[places[number] + 1]
            matrices[number] = _applied(unitary, targets, matrices[number], qubits)
    gates = (
        _decomposed(place, matrix, 2 ** len(sites[place]))
        for place, matrix in zip(places, matrices, strict=True)
    )
    return Chain(tuple(state.ravel() for state in states), tuple(gates))


def _in_layers(steps: Sequence[Unitary]) -> list[Unitary]:
    """Orders steps by layers of gates on several qubits.

    Two evolutions that a circuit lists one after the other, on qubits of their own, come side by
    side.
    """
    depth: dict[int, int] = defaultdict(int)
    layers = []
    for _, targets in steps:
        layers.append(max(depth[qubit] for qubit in targets) + (len(targets) > 1))
        depth.update(dict.fromkeys(targets, layers[-1]))
    return [steps[i] for i in sorted(range(len(steps)), key=layers.__getitem__)]


def _basis(qubits: int) -> Complexes:
    """Returns the basis states of some qubits, (2, …, 2, 2^qubits), the state last."""
    return np.eye(2**qubits, dtype=np.complex128).reshape(*(2,) * qubits, -1)


def _applied(
    unitary: npt.NDArray[np.complexfloating],
    targets: Sequence[int],
    tensor: Complexes,
    qubits: Sequence[int],
) -> Complexes:
    """Applies a gate on some of the qubits to whose states the first indices of a tensor belong."""
    axes = [qubits.index(target) for target in targets]
    return cirq.targeted_left_multiply(unitary.reshape((2,) * 2 * len(axes)), tensor, axes)


def _decomposed(site: int, matrix: Complexes, size: int) -> SiteGate:
    """Finds the operator-Schmidt terms of a gate whose left site has that dimension."""
    other = matrix.shape[-1] // size
    square = matrix.reshape(size, other, size, other).transpose(0, 2, 1, 3)
    left, values, right = np.linalg.svd(square.reshape(size**2, other**2))
    rank = int((values > ZERO_SINGULAR_VALUE * values[0]).sum())
    roots = np.sqrt(values[:rank, None, None])
    return SiteGate(
        site,
        roots * left.T[:rank].reshape(-1, size, size),
        roots * right[:rank].reshape(-1, other, other),
    )
