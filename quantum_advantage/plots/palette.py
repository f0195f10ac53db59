"""Colours by what they mean. Those of protocols are in :mod:`quantum_advantage.plots.styles`."""

from __future__ import annotations

# The two sides of every comparison.
WARM, COOL = "#d1432b", "#12355b"
# What is proven.
BOUND = COOL
# Text, arrows, and the outlines of sketches.
INK = "#333333"
# Exact values behind measured ones, and formulas that have no protocol.
EXACT = "#222222"
# Formulas for the mean of an ensemble, or for a largest value.
REFERENCE = "#888888"
# A line through what is proportional to something, behind the points.
PROPORTIONAL = "#b9b2a7"
# Lines at an accuracy or a ratio, the words beside them, and fainter ones.
LEVEL, LEVEL_TEXT, FAINT_LEVEL = "#999999", "#777777", "#dddddd"
# Entries of a legend that stand for all colours, and protocols without a style.
NEUTRAL = "#555555"
# Models that were trained, what they were trained on, and its words.
TRAINED, TRAINED_TEXT = "#f2a900", "#8a6100"
# Names of processors.
PROCESSOR = "#7a2418"
# A map of a chip.
COUPLER, SPARE_QUBIT = "#d5d9de", "#c3c9d0"
# The same protocol at growing size, or under growing noise.
WARM_BY_SIZE = ("#f0a868", WARM, "#6d1a12")
WARM_BY_NOISE = ("#f2b134", "#e08a1e", WARM, "#8f1d14")
# Bell measurements with background light, paler than those without.
WARM_WITH_BACKGROUND = "#e07a66"
# Evolutions by depth: 3, 5 and 9 layers, twice the number of qubits, the circuits of the paper.
DEPTH_3, DEPTH_5, DEPTH_9, DEPTH_2N, DEPTH_PUBLIC = (
    "#4f86c6",
    COOL,
    "#6a51a3",
    "#6f7d8c",
    "#1d8a99",
)
# Two kinds of noise.
READOUT, GATES = WARM, "#e08a1e"
# Two virtual processors beside the simulator.
WEBER, WILLOW = "#b8860b", "#5c0a08"
# Single copies at all weights: the middle of the colour map of the weights.
ALL_WEIGHTS = "#3b528b"
# Readings of shadow kernels, and their controls.
SHADOW_READINGS = {
    "kernel_1": WARM_BY_SIZE[0],
    "kernel_10": WARM_BY_SIZE[1],
    "kernel_100": WARM_BY_SIZE[2],
    "own_value": COOL,
    "one_qubit_10": DEPTH_PUBLIC,
    "one_qubit_100": DEPTH_3,
    "linear": DEPTH_2N,
    "labelled_purity": "#222222",
}
