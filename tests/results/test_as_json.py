"""Results as JSON: every kind comes back equal, and nothing else is read."""

import json
from dataclasses import replace

import cirq
import numpy as np
import pytest
from plot_examples import CURVE, point

from quantum_advantage.certify import methods
from quantum_advantage.certify.certificate import certify
from quantum_advantage.certify.played import Played
from quantum_advantage.core.bits import pack_bits
from quantum_advantage.core.files import CHECK, seal_json
from quantum_advantage.core.usage import UsageError
from quantum_advantage.experiment.declaration import (
    AccuracyData,
    Curve,
    ErrorData,
    Experiment,
    Fixed,
)
from quantum_advantage.experiment.runner import run
from quantum_advantage.measurements.measure import measure_shadow, measure_stabiliser_shadow
from quantum_advantage.measurements.measure_pairs import measure_bell, measure_principal
from quantum_advantage.measurements.records import BellRecord, PrincipalRecord
from quantum_advantage.plan.plan import plan
from quantum_advantage.results.as_json import from_json, to_json
from quantum_advantage.study.rows import EstimateRow
from quantum_advantage.study.spec import CurveSpec

QUBITS = cirq.GridQubit(0, 3), cirq.NamedQubit("a")
STATE = cirq.Circuit(cirq.H(QUBITS[0]), cirq.CNOT(*QUBITS))
KEY = CurveSpec("observables:alpha=0.9,game=two", "bell", 10, "qsim", 10, 0)
CERTIFICATE = certify(Played("trial", KEY, 2, 2, (8,) * 20, 10, "0" * 64, (2,)), methods.Fixed())


def simulator():
    return cirq.Simulator(seed=1)


def test_points_and_certificates_come_back_equal():
    for result in (point(), point(copies=None, high=None), CERTIFICATE, [point(), CERTIFICATE], []):
        assert from_json(to_json(result)) == result


def test_plans_come_back_equal():
    on_chip = plan("observables", "qvm:weber", 4, games=20)
    assert on_chip.cost is not None
    assert from_json(to_json(on_chip)) == on_chip


def test_curves_come_back_with_all_their_counts():
    back = from_json(to_json(CURVE))
    assert back.key == CURVE.key
    for name in ("copies", "correct", "trials"):
        assert getattr(back, name).tolist() == getattr(CURVE, name).tolist()
    data = from_json(to_json(AccuracyData([point()], [CURVE])))
    assert data.points == [point()]
    assert data.curves[0].resampled.tolist() == CURVE.resampled.tolist()


def test_estimates_come_back_equal_also_those_without_an_error():
    curves = [Curve("bell", 1, Fixed(20))]
    sweep = Experiment("errors", "", "whole_purity:mixing=0.1", curves, trials=20, batch_size=1)
    found = run(sweep, report=lambda line: None)
    rows = [replace(found.rows[0], error=np.inf), *found.rows]
    back = from_json(to_json(ErrorData(found.points, rows)))
    assert (back.points, back.rows) == (found.points, rows)
    assert type(back.rows[0]) is EstimateRow


def test_records_of_all_kinds_come_back_whole():
    observable = -cirq.X(QUBITS[0]) * cirq.X(QUBITS[1])
    records = [
        measure_bell(STATE, simulator(), 30),
        measure_shadow(STATE, simulator(), 30, seed=2, times=3),
        measure_principal(STATE, simulator(), 30, observable),
        measure_stabiliser_shadow(STATE, simulator(), 30, seed=2),
    ]
    bell, shadow, principal, stabiliser = from_json(to_json(records))
    assert bell.memory.tolist() == records[0].memory.tolist()
    assert (bell.held, principal.held, shadow.qubits) == (tuple(sorted(QUBITS)),) * 3
    assert shadow.outcomes.tolist() == records[1].outcomes.tolist()
    assert (shadow.times, shadow.provenance) == (3, records[1].provenance)
    assert (principal.swaps.tolist(), principal.values.tolist()) == (
        records[2].swaps.tolist(), records[2].values.tolist()
    )  # fmt: skip
    assert principal.observable == observable
    assert np.array(stabiliser.bases.rows).tolist() == np.array(records[3].bases.rows).tolist()


def test_records_of_no_shots_and_without_qubits_come_back():
    empty = BellRecord(70, np.zeros((0, 2), dtype=np.uint64), np.zeros((0, 2), dtype=np.uint64))
    assert from_json(to_json(empty)).system.shape == (0, 2)
    plain = PrincipalRecord(np.array([1, -1], dtype=np.int8), np.array([-1, 0], dtype=np.int8))
    back = from_json(to_json(plain))
    assert (back.held, back.observable, back.values.tolist()) == (None, None, [-1, 0])


@pytest.mark.parametrize("result", [None, 3, "text", {"a": 1}, [point(), 3], np.zeros(3)], ids=repr)
def test_what_is_no_result_is_not_written(result):
    with pytest.raises(UsageError, match=r"^result must be one of Point, EstimatePoint, Acc"):
        to_json(result)


def test_an_edited_text_is_refused():
    text = to_json(point())
    with pytest.raises(UsageError, match="does not match its check"):
        from_json(text.replace('"trials": 100', '"trials": 200'))
    values = json.loads(text)
    del values[CHECK]
    with pytest.raises(UsageError, match="does not match its check"):
        from_json(json.dumps(values))


def changed(result, change):
    """A result's text, sealed again after a change of what it says."""
    values = json.loads(to_json(result))
    del values[CHECK]
    change(values)
    return seal_json(values)


BELL = BellRecord(2, pack_bits([[0, 1]]), pack_bits([[0, 0]]))


@pytest.mark.parametrize(
    ("result", "change", "told"),
    [
        (point(), lambda v: v.update(format="poem"), "its format must be"),
        (point(), lambda v: v.update(version=2), "its version must be 1"),
        (point(), lambda v: v.update(version=True), "its version must be 1"),
        (point(), lambda v: v.update(version=1.0), "its version must be 1"),
        (point(), lambda v: v.update(kind="poem"), "kind must be one of Point"),
        (point(), lambda v: v.update(kind=["Point"]), "kind must be one of Point"),
        (point(), lambda v: v.update(more=1), "must have a kind and a value"),
        (point(), lambda v: v.pop("value"), "must have a kind and a value"),
        (point(), lambda v: v["value"].pop("bound"), "must be a Point of experiment"),
        (point(), lambda v: v["value"].update(experiment="../x"), "experiment must be a word"),
        (point(), lambda v: v["value"].update(target=2.0), "target must be a number from 0 to 1"),
        (point(), lambda v: v["value"]["spec"].update(qubits=0), "qubits must be a whole number"),
        (CERTIFICATE, lambda v: v["value"].update(right=3), "right_by_batch must add up to"),
        (CERTIFICATE, lambda v: v["value"].update(mode="never"), "mode must be one of"),
        (CURVE, lambda v: v["value"]["copies"].reverse(), "copies must be whole numbers that grow"),
        (CURVE, lambda v: v["value"]["correct"].pop(), "must have shape"),
        (CURVE, lambda v: v["value"]["correct"][0].__setitem__(0, 101), "between 0 and trials"),
        (CURVE, lambda v: v["value"]["key"].update(seed=-1), "seed must be a whole number"),
        ([point()], lambda v: v.update(value=3), "the value of a list must be one"),
        ([point()], lambda v: v["value"].append(3), "must have a kind and a value"),
        (BELL, lambda v: v["value"]["header"].update(more=1), "what belongs to its kind"),
        (BELL, lambda v: v["value"]["header"].pop("shots"), "'shots' is missing"),
        (BELL, lambda v: v["value"]["arrays"].pop("system"), "'system' is missing"),
        (BELL, lambda v: v["value"]["arrays"]["system"].update(words=[4]), "no bit beyond"),
        (BELL, lambda v: v["value"]["arrays"]["system"].update(words=[-1]), "words of 64 bits"),
        (BELL, lambda v: v["value"]["arrays"]["system"].update(words=[1, 1]), "as many words"),
    ],
)  # fmt: skip
def test_values_that_cannot_be_are_refused_in_one_line(result, change, told):
    with pytest.raises(UsageError, match=told) as caught:
        from_json(changed(result, change))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "3", "[]", "{}", None, b"{}", '{"a": NaN}', "[" * 10**5])
def test_what_is_no_json_of_a_result_is_refused(text):
    with pytest.raises(UsageError, match=r"^text "):
        from_json(text)
