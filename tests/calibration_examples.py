"""Calibrations as processors give them today, and files of them."""

import functools

import cirq
import cirq_google
from google.protobuf.json_format import MessageToJson

# Today's name of each metric that has one.
TODAY = {
    "single_qubit_p00_error": "zero_error",
    "single_qubit_p11_error": "one_error",
    "single_qubit_rb_pauli_error_per_gate": "sq_rb_pauli_error",
    "two_qubit_parallel_cz_gate_xeb_pauli_error_per_cycle": "cz_inferred_gate_error_pauli",
}


@functools.cache
def shipped(processor):
    return cirq_google.engine.load_median_device_calibration(processor)


def renamed(processor="willow_pink", names=None):
    """A shipped calibration under other names, without the metrics that have none."""
    names = TODAY if names is None else names
    old = shipped(processor)
    return cirq_google.Calibration(
        metrics={names[name]: dict(old[name]) for name in old if name in names}
    )


def small(**changes):
    """Today's calibration of a row of three qubits, as a dictionary of metrics."""
    a, b, c = cirq.GridQubit.rect(1, 3)
    metrics = {
        "zero_error": {(a,): [0.01], (b,): [0.02], (c,): [0.03]},
        "one_error": {(a,): [0.04], (b,): [0.05], (c,): [0.06]},
        "sq_rb_pauli_error": {(a,): [0.001], (b,): [0.002], (c,): [0.003]},
        "cz_inferred_gate_error_pauli": {(a, b): [0.004], (b, c): [0.005]},
    }
    return metrics | changes


def as_message(calibration, milliseconds=0):
    """The JSON of the message that the service sends."""
    message = calibration.to_proto()
    message.timestamp_ms = milliseconds
    return MessageToJson(message)


def write_today(path, processor="willow_pink"):
    """Writes a file of today's calibration; returns its path."""
    path.write_text(cirq.to_json(renamed(processor)))
    return path
