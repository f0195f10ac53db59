"""One style for each protocol throughout the project, and those of other packages."""

from __future__ import annotations

from collections.abc import Mapping

from quantum_advantage.core.style import Style
from quantum_advantage.core.usage import UsageError
from quantum_advantage.plots.palette import COOL, NEUTRAL, TRAINED, WARM

# Quantum-enhanced in warm colours, conventional in cool ones, controls in grey and brown.
STYLES: Mapping[str, Style] = {
    "bell": Style("Bell measurement, two copies", WARM, "o"),
    "bell_sign": Style("two copies, sign of the ratio", "#c2549d", "8"),
    "bell_calibrated": Style("Bell measurement, calibrated", "#8f1d14", "p"),
    "named_string": Style("string named, then looked at", "#c9184a", (4, 1, 20)),
    "mimicking_state": Style("mimicking state", "#ff4f2e", (3, 2, 0)),
    "random_reference": Style("random reference state", "#9aa5c4", (3, 2, 180)),
    "bell_pairs": Style("Bell pairs, one ancilla a qubit", "#ff8c42", (8, 0, 0)),
    "ancillas": Style("$k$ ancillas", "#ffc300", (4, 1, 10)),
    "concatenated": Style("two uses in a row, $k$ ancillas", "#d6249f", (6, 2, 0)),
    "memory": Style("memory of $k$ qubits", "#e08a1e", "D"),
    "adaptive_unbiased": Style("unbiased bases, adaptive", "#0b2545", (5, 1, 0)),
    "mutually_unbiased": Style("unbiased bases, random subset", COOL, "s"),
    "random_clifford": Style("random Clifford bases", "#1d8a99", "^"),
    "mutually_unbiased_cycled": Style("unbiased bases, cycled", "#4f86c6", "v"),
    "local_pauli": Style("random Pauli bases", "#6f7d8c", "P"),
    "collisions": Style("collisions, computational basis", "#00796b", "d"),
    "randomized_measurements": Style("random Pauli bases, repeated", "#7a9e3a", "H"),
    "local_pauli_hits": Style("random Pauli bases, by strings", "#1f3f77", (3, 1, 90)),
    "repeated_pauli_hits": Style("repeated Pauli bases, by strings", "#3a5f0b", (6, 1, 30)),
    "bell_tolerant": Style("Bell measurement, noise unknown", "#5c0a08", (6, 1, 0)),
    "bell_shots": Style("Bell measurement, kernel of shots", "#ff7f66", (4, 1, 45)),
    "bell_on_chain": Style("Bell measurement, chain of pairs", "#b8860b", (7, 0, 0)),
    "bell_shots_on_chain": Style("chain of pairs, kernel of shots", "#a35c00", (5, 1, 180)),
    "bell_on_grid": Style("Bell measurement, grid of pairs", "#f7c948", (4, 0, 0)),
    "bell_shots_on_grid": Style("grid of pairs, kernel of shots", "#a63d40", (9, 0, 0)),
    "complement_collisions": Style("complementary collisions, Y basis", "#2e8b57", (4, 1, 0)),
    "z_collisions": Style("collisions, Z basis", "#9acd32", (8, 1, 0)),
    "y_marginals": Style("means of single bits, Y basis", "#6495ed", (3, 0, 180)),
    "single_uses": Style("single uses, Y basis", "#4b3fd1", (5, 2, 0)),
    "entangled_sensors": Style("entangled sensors", "#b3261e", (5, 0, 180)),
    "joint_readout": Style("separate sensors, joint readout", "#f2a65a", (3, 1, 0)),
    "separate_sensors": Style("separate sensors, X readout", "#2f6690", (3, 1, 180)),
    "separate_sensors_xy": Style("separate sensors, X or Y", "#81a4cd", (9, 1, 0)),
    "known_star": Style("known star, one photon", "#555b6e", (5, 0, 90)),
    "squeezed_pairs": Style("squeezed pairs", "#e0356b", (6, 0, 0)),
    "heterodyne": Style("vacuum, heterodyne detection", "#5aa9a0", (3, 0, 30)),
    "product_two_copy": Style("two copies, no entanglement", "#6a51a3", "X"),
    "known_question": Style("question known beforehand", "#3f3f3f", "<"),
    "local_observables": Style("observables of weight 2", "#8c6d46", ">"),
    "different_hidden": Style("two different hidden strings", "#a0a0a0", "h"),
    "no_signal": Style("no signal", "#c4b5a0", "*"),
    "known_sign_pairs": Style("Bell pairs, sign known", "#b5b35c", (7, 2, 0)),
    "known_sign_unbiased": Style("unbiased bases, sign known", "#5c6b5a", (5, 2, 36)),
    "identity_channel": Style("channel that does nothing", "#dcd3e3", (10, 0, 0)),
    "bell_grouped": Style("Bell measurement, grouped settings", "#ff9f8c", (11, 1, 0)),
    "learned_symbols": Style("learned: product of symbols", TRAINED, (7, 1, 0)),
    "learned_recurrent": Style("learned: recurrent network", "#7d2e68", (4, 0, 20)),
    "learned_shuffled": Style("learned from shuffled labels", "#bdbdbd", (12, 1, 0)),
    "learned_product": Style("learned from unentangled copies", "#3a3f8f", (10, 1, 0)),
    "local_kernel": Style("local kernel, one for all pairs", "#a100c2", (5, 1, 36)),
    "nearby_lasso": Style("LASSO, couplings nearby", "#0f9d3c", (3, 0, 90)),
    "fourier_lasso": Style("LASSO, random Fourier features", "#7fc97f", (3, 0, 210)),
    "gaussian_kernel": Style("Gaussian kernel", "#0077ff", (5, 0, 36)),
    "tangent_kernel": Style("neural tangent kernel", "#66ccff", (6, 0, 30)),
    "dirichlet_kernel": Style("Dirichlet kernel", "#003bb3", (7, 0, 20)),
    "nearest_system": Style("nearest training system", "#c79a6b", (4, 2, 30)),
    "training_mean": Style("mean of training systems", "#5a4632", (4, 0, 45)),
    "random_bases": Style("new state, random bases", "#00b3a4", (9, 1, 20)),
    "random_bases_hits": Style("new state, random bases, hits", "#005f56", (8, 1, 20)),
    "three_bases": Style("new state, three bases", "#001f1c", (6, 1, 15)),
}
_ADDED: dict[str, Style] = {}


def add_style(name: str, style: Style) -> None:
    """Sets how a protocol of another package is drawn.

    Args:
        name: The protocol; its options do not matter.
        style: Its style.

    Raises:
        UsageError: If the protocol has another style already.

    Example:
        >>> add_style("my_protocol", Style("mine", "#336699", "o"))
        >>> style_of("my_protocol:times=3").label
        'mine'
    """
    name = name.partition(":")[0]
    if (STYLES.get(name) or _ADDED.get(name) or style) != style:
        raise UsageError(f"protocol {name!r} has a style already; give yours another name")
    _ADDED[name] = style


def style_of(protocol: str) -> Style:
    """Returns the style of a protocol, whatever its options; a neutral one if it has none.

    Example:
        >>> style_of("memory:qubits=3").colour
        '#e08a1e'
        >>> style_of("somebodys_own")
        Style(label='somebodys own', colour='#555555', marker='o')
    """
    name = protocol.partition(":")[0]
    return STYLES.get(name) or _ADDED.get(name) or Style(name.replace("_", " "), NEUTRAL, "o")
