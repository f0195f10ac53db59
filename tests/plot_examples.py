"""A point and a curve to draw."""

import numpy as np

from quantum_advantage.study.accuracy import AccuracyCurve, Point
from quantum_advantage.study.spec import CurveSpec, PointSpec

TASK = "observables:alpha=0.9,game=two"


def point(protocol="bell", qubits=2, source="circuit", target=0.7, copies=2.0, low=1.5, high=2.5):
    spec = PointSpec(TASK, protocol, qubits, "law" if source == "law" else "qsim")
    return Point("trial", spec, target, copies, low, high, 100, None)


CURVE = AccuracyCurve(
    CurveSpec(TASK, "local_pauli:times=1", 2, "qsim", 100, 0),
    np.array([1, 2, 5, 10]),
    np.array([[55, 60, 70, 80], [50, 62, 75, 85]] * 10),
    np.full((20, 4), 100),
)
