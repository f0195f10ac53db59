import json

import cirq
import cirq_google
import numpy as np
import pytest
from calibration_examples import as_message, renamed, shipped, small, write_today

from quantum_advantage.backends.calibration_files import FOLDERS
from quantum_advantage.backends.devices.chips import (
    SHIPPED,
    chip_of,
    read_calibration,
    shipped_chip,
)
from quantum_advantage.backends.devices.placement import most_pairs
from quantum_advantage.backends.devices.virtual import open_virtual
from quantum_advantage.backends.opening import open_backend
from quantum_advantage.circuits.run import run
from quantum_advantage.tasks.shared.calibration import (
    exact_damping,
    fixed_damping_request,
    read_damping,
)

A, B, C = cirq.GridQubit.rect(1, 3)


def small_chip(**changes):
    return chip_of("small", cirq_google.Calibration(metrics=small(**changes)))


@pytest.fixture
def today(tmp_path, monkeypatch):
    """The name of a file of Willow's calibration under today's names."""
    monkeypatch.setenv(FOLDERS, "")
    return f"qvm:{write_today(tmp_path / 'today.json')}"


@pytest.mark.parametrize("processor", SHIPPED)
def test_a_file_of_a_shipped_calibration_is_that_chip(processor):
    saved = chip_of(processor, read_calibration("x", cirq.to_json(shipped(processor)).encode()))
    known = shipped_chip(processor)
    for name in ("gate_errors", "one_qubit_errors", "readout_errors", "t1", "metrics"):
        assert getattr(saved.device, name) == getattr(known.device, name)
    assert sorted(saved.device.couplers.edges) == sorted(known.device.couplers.edges)
    assert saved.device.accepted == known.device.accepted
    # Of the older chips it does not hold the phases, which cirq-google keeps in other files.
    if processor == "willow_pink":
        assert saved.properties == known.properties


def test_todays_names_hold_49_pairs_and_damp_them_as_the_old_ones(today):
    new, old = open_virtual(today), open_virtual("qvm:willow_pink")
    assert most_pairs(new.device.couplers) == 49
    assert tuple(new.place(49)) == tuple(old.place(49))
    np.testing.assert_allclose(new.damping(49), old.damping(49), rtol=1e-12)
    # The noise differs where the old calibration knows more: decay, and angles of the gates.
    found, exact = (exact_damping(backend.make(1), 49) for backend in (new, old))
    np.testing.assert_allclose(found, exact, rtol=0.01)
    np.testing.assert_allclose(found, new.damping(49), rtol=0.01)


def test_outcomes_on_a_saved_chip_are_damped_as_foreseen(today):
    backend = open_backend(today)
    request = fixed_damping_request(3, 12_000)
    (record,) = run([request], backend.make(5))
    found = read_damping(record, 3).factors()[:, 1:]
    exact = exact_damping(backend.make(1), 3)[:, 1:]
    # Each letter is prepared in a third of the shots.
    assert (abs(found - exact) < 4.5 * np.sqrt((1 - exact**2) / 4000)).all()


def test_the_qubits_and_couplers_are_those_that_are_known():
    device = small_chip().device
    assert sorted(device.couplers.nodes) == [A, B, C]
    assert sorted(device.couplers.edges) == [(A, B), (B, C)]
    device.device.validate_circuit(cirq.Circuit(cirq.CZ(A, B), cirq.measure(A, B)))
    with pytest.raises(ValueError, match="not valid"):
        device.device.validate_circuit(cirq.Circuit(cirq.CZ(A, C)))
    without = small_chip(sq_rb_pauli_error={(A,): [0.001], (B,): [0.002]}).device
    assert sorted(without.couplers.nodes) == [A, B]
    with pytest.raises(ValueError, match="not on device"):
        without.device.validate_circuit(cirq.Circuit(cirq.X(C)))


def test_gates_and_durations_are_those_of_the_family():
    cz = small_chip()
    assert cz.device.accepted == ("cz",)
    assert cz.properties.gate_times_ns[cirq.CZPowGate] == 42
    syc = {"two_qubit_parallel_sycamore_gate_xeb_pauli_error_per_cycle": {(A, B): [0.01]}}
    both = small_chip(**syc)
    assert both.device.accepted == ("cz", "syc", "sqrt_iswap")
    assert both.device.gate_errors == {(A, B): {"cz": 0.004, "syc": 0.01}, (B, C): {"cz": 0.005}}
    assert both.properties.gate_times_ns[cirq_google.SycamoreGate] == 12
    assert both.properties.gate_times_ns[cirq.CZPowGate] == 32
    assert both.device.gate((A, B)) == "cz"


def test_the_message_of_the_service_is_read_with_its_time():
    text = as_message(renamed(), milliseconds=1_790_000_000_000)
    found = read_calibration("x", text.encode())
    assert chip_of("x", found).device.calibrated.isoformat() == "2026-09-21T14:13:20+00:00"
    written = read_calibration("x", cirq.to_json(renamed()).encode())
    assert dict(written) == dict(found)
    assert chip_of("x", written).device.calibrated is None
    # Field names as protocol buffers write them in text.
    snake = text.replace("doubleVal", "double_val").replace("timestampMs", "timestamp_ms")
    assert dict(read_calibration("x", snake.encode())) == dict(found)


def test_what_was_not_measured_is_left_out():
    text = json.loads(as_message(cirq_google.Calibration(metrics=small())))
    for metric in text["metrics"]:
        if metric["name"] == "one_error" and metric["targets"] == ["0_2"]:
            metric["values"] = [{"doubleVal": "NaN"}]
    found = read_calibration("x", json.dumps(text).encode())
    assert sorted(chip_of("x", found).device.couplers.nodes) == [A, B]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"zero_error": {(A,): [2.0], (B,): [0.1]}},
            "zero_error of q(0, 0) is 2 and must be a num",
        ),
        ({"one_error": {(A,): [-1], (B,): [-1]}}, "is -1 and must be .*, and 1 more values like"),
        ({"cz_inferred_gate_error_pauli": {}}, "a two-qubit gate .as cz_inferred_gate_error_pau"),
        ({"sq_rb_pauli_error": {}}, "one-qubit gates .as sq_rb_pauli_error.; it has zero_error"),
    ],
)
def test_a_calibration_that_cannot_be_used_is_refused_in_one_line(changes, message):
    with pytest.raises(ValueError, match=message.replace("(0, 0)", ".0, 0.")) as error:
        small_chip(**changes)
    assert "small" in str(error.value)
    assert "\n" not in str(error.value)


def test_more_qubits_than_are_ever_used_are_refused():
    row = cirq.GridQubit.rect(2, 501)
    each = {(q,): [0.01] for q in row}
    metrics = dict.fromkeys(("zero_error", "one_error", "sq_rb_pauli_error"), each)
    pairs = {(row[i], row[i + 1]): [0.01] for i in range(1001) if i != 500}
    calibration = cirq_google.Calibration(metrics=metrics | {"cz_inferred_gate_error_pauli": pairs})
    with pytest.raises(ValueError, match="at most 1000 qubits, not 1002"):
        chip_of("huge", calibration)


def metric(**changes):
    return {"name": "t1", "targets": ["0_0"], "values": [{"doubleVal": 1.0}]} | changes


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "Expecting value"),
        (b"\xff\xfe", "decode"),
        (b"[]", 'no list under "metrics"'),
        (b"null", 'no list under "metrics"'),
        (b'{"metrics": {}}', 'no list under "metrics"'),
        (b'{"metrics": {"metrics": 3}}', 'no list under "metrics"'),
        (b'{"metrics": [NaN]}', "NaN is no number"),
        (b'{"metrics": [], "metrics": []}', "a key comes twice"),
        (b"[" * 100_000, "nested too deeply"),
        ([3], "metric 1: it has no name"),
        ([metric(name="")], "metric 1: it has no name"),
        ([metric(name="a\nb")], "metric 1: it has no name"),
        ([metric(name="a" * 201)], "metric 1: it has no name"),
        ([metric(targets="0_0")], "must be lists"),
        ([metric(values=None)], "must be lists"),
        ([metric(targets=[3])], "targets must be texts such as '3_2', not 3"),
        ([metric(targets=["a\n"])], "targets must be texts"),
        ([metric(values=[1.0])], 'values must read {"doubleVal": 0.01}'),
        ([metric(values=[{"doubleVal": 1, "x": 2}])], "values must read"),
        ([metric(values=[{"doubleVal": [1]}])], "values must read"),
        ([metric(values=[{"__class__": "os"}])], "values must read"),
        ([metric(values=[{"int64Val": 10**400}])], "a value is too large"),
        ([metric(), metric(values=[{"doubleVal": 2}])], "metric 2: t1 of q(0, 0) comes twice"),
        ('{"metrics": [], "timestampMs": "soon"}', "timestampMs must be milliseconds"),
        ('{"metrics": [], "timestampMs": -1}', "timestampMs must be milliseconds"),
        ('{"metrics": [], "timestampMs": 999999999999999}', "timestampMs must be milliseconds"),
        ('{"metrics": [], "timestampMs": true}', "timestampMs must be milliseconds"),
    ],
)
def test_what_is_no_calibration_is_refused_in_one_line(content, message):
    if isinstance(content, list):
        content = json.dumps({"metrics": content})
    octets = content if isinstance(content, bytes) else content.encode()
    with pytest.raises(ValueError, match=r"^x\.json is no calibration, as cirq.to_json") as error:
        read_calibration("x.json", octets)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_the_same_value_may_come_twice():
    twice = json.dumps({"metrics": [metric(), metric(), metric(name="NaN")]})
    assert list(read_calibration("x", twice.encode())) == ["t1", "NaN"]
    unmeasured = metric(values=[{"doubleVal": "NaN"}])
    read_calibration("x", json.dumps({"metrics": [unmeasured, unmeasured]}).encode())
