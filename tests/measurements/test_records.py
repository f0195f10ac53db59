import cirq
import numpy as np

from quantum_advantage.core.pauli import pack_bits
from quantum_advantage.measurements.measure import measure_shadow, measure_stabiliser_shadow
from quantum_advantage.measurements.records import BellRecord, PrincipalRecord

STATE = cirq.Circuit(cirq.H(cirq.q("a<b")))


def test_notebooks_show_records_as_tables():
    bits = pack_bits(np.array([[0, 1], [1, 1]]))
    bell = BellRecord(2, bits, bits, tuple(cirq.LineQubit.range(2)))._repr_html_()
    assert "<th>copies</th><td>4</td>" in bell
    assert "q(0)<br>q(1)" in bell
    signs = np.array([1, -1], dtype=np.int8)
    principal = PrincipalRecord(signs, signs, None, cirq.PauliString(cirq.X(cirq.q(0))))
    assert "<th>observable</th><td>X(q(0))</td>" in principal._repr_html_()
    for measure in (measure_shadow, measure_stabiliser_shadow):
        table = measure(STATE, cirq.Simulator(seed=1), 10, seed=2)._repr_html_()
        assert "<th>shots</th><td>10</td>" in table
        assert "<th>seed</th><td>2</td>" in table
        assert "a&lt;b" in table
        assert "a<b" not in table
