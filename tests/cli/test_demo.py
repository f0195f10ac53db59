from types import SimpleNamespace


def test_demo_prints_a_line_for_each_size_and_the_last_of_them_in_words(printed, monkeypatch):
    def instant(protocol, qubits, **options):
        copies = 2.0 if protocol == "bell" else 1.5 * 2**qubits
        return SimpleNamespace(
            copies=copies,
            in_whole_shots=round(copies),
            copies_low=copies - 0.1,
            copies_high=copies + 0.1,
            bound=None if protocol == "bell" else 0.355 * 2**qubits,
        )

    monkeypatch.setattr("quantum_advantage.study.search.copies_needed", instant)
    out = printed("demo")
    sizes = [line.split()[0] for line in out.splitlines() if line[:6].strip().isdigit()]
    assert sizes == ["2", "4", "6", "8"]
    assert "For 70 % at n = 8: 2 copies with a quantum memory, 384 copies without." in out
