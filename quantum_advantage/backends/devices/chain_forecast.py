"""What a calibration foresees of a circuit on a chain of pairs that leaves 0 without errors.

Two numbers, from the errors of the chosen chain (:mod:`.chain_placement`): the chance that nothing
goes wrong in a shot, so that all bits are 0, and the mean of all bits, from the errors in the light
cone of each (:mod:`quantum_advantage.systems.light_cones`). The first falls exponentially with the
number of gates, the second depends on the depth alone. Losses of idle qubits are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import cirq
import numpy as np

from quantum_advantage.backends.devices.calibration import Device, sorted_pair
from quantum_advantage.backends.devices.chain_placement import (
    chain_for,
    chain_links,
    chain_use,
    clean_chance,
    line_slots,
)
from quantum_advantage.backends.devices.native import native_couplings
from quantum_advantage.systems.light_cones import mean_bit


@dataclass(frozen=True)
class ChainForecast:
    """What is foreseen.

    Attributes:
        clean: The probability that nothing goes wrong in a shot.
        mean_bit: The mean of all bits.
    """

    clean: float
    mean_bit: float


def chain_forecast(device: Device, circuit: cirq.AbstractCircuit) -> ChainForecast:
    """Foresees the outcomes of a circuit on the chain that is chosen for it.

    Args:
        device: The device, calibrated.
        circuit: The circuit, whose outcomes are all 0 without errors, on qubits 2i (systems) and
            2i + 1 (memories) of a line.

    Raises:
        UsageError: If the circuit is not on a line, or no chain of that length is found.

    Example:
        >>> from quantum_advantage.backends.devices.virtual import virtual_device
        >>> a, b = cirq.LineQubit.range(2)
        >>> circuit = cirq.Circuit(cirq.CZ(a, b), cirq.measure(a, b))
        >>> found = chain_forecast(virtual_device("willow_pink"), circuit)
        >>> 0.95 < found.clean < 1, 0 < found.mean_bit < 0.03
        (True, True)
    """
    slots = line_slots(circuit)
    chain = chain_for(device, circuit, slots)
    on = {q: chain[number][side] for q, (number, side) in slots.items()}
    couplers = [sorted_pair(pair) for pair in (*chain, *chain_links(chain))]
    # The gate that every coupler of the chain has; the lightest where there are several.
    gates = [g for g in device.accepted if all(g in device.gate_errors[c] for c in couplers)]
    clean = {g: clean_chance(device, g, chain_use(circuit, slots, g), chain) for g in gates}
    gate = max(clean, key=lambda g: clean[g])

    def error_of(op: cirq.Operation) -> float:
        total = 0.0
        for pair in native_couplings([op], gate) if len(op.qubits) == 2 else ():
            one, other = (on[q] for q in pair)
            total += device.gate_errors[sorted_pair((one, other))][gate]
            total += device.one_qubit_errors[one] + device.one_qubit_errors[other]
        return total

    readout = float(np.mean([device.readout_errors[on[q]] for q in slots]))
    return ChainForecast(clean[gate], mean_bit(circuit, error_of, readout))
