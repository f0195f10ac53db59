import re
from pathlib import Path

import numpy as np
import pytest

from quantum_advantage.claims import runs
from quantum_advantage.claims.checking import Found, Setting
from quantum_advantage.claims.claim import Claim
from quantum_advantage.claims.table import CLAIMS
from quantum_advantage.claims.verify import (
    all_hold,
    claims_table,
    verify,
)
from quantum_advantage.inference.bell import spectrum
from quantum_advantage.measurements.bell import bell_parity
from quantum_advantage.study.batches import play_batch
from quantum_advantage.study.kinds import decisions
from quantum_advantage.study.spec import Spec
from quantum_advantage.tasks.observables import protocols

FIGURES = Path(__file__).parent.parent.parent / "figures"
QUICK = Setting(FIGURES / "data", True)


def numbered(number, *words):
    chosen = [c for c in CLAIMS if c.number == number and all(w in c.claim for w in words)]
    assert chosen
    return chosen


def test_all_claims_and_controls_are_rows():
    numbers = {c.number for c in CLAIMS}
    assert numbers == {*map(str, range(1, 21)), "plan", "channels", "control"}
    assert sum(c.control for c in CLAIMS) == 11
    assert all(claim.test and claim.criterion for claim in CLAIMS)


SECONDS = ("10", "11", "6", "18", "15", "17", "20", "channels")


@pytest.mark.parametrize(
    "claim",
    [c for c in CLAIMS if not c.control and c.number not in SECONDS],
    ids=lambda c: f"{c.number} {c.claim[:40]}",
)
def test_claim_holds(claim):
    (verdict,) = verify(QUICK, [claim])
    assert verdict.outcome == "pass", verdict.value
    assert re.search(r"\d", verdict.value)


@pytest.mark.parametrize("claim", [c for c in CLAIMS if c.control], ids=lambda c: c.claim[:30])
def test_control_fails_as_it_must(claim):
    (verdict,) = verify(QUICK, [claim])
    assert verdict.outcome == "pass", verdict.value
    low, high = map(float, re.findall(r"\((.*?) to (.*?)\)", verdict.value)[0])
    assert low < 0.5 + 0.04
    assert high > 0.5 - 0.04


def broken_parity(x, z, system, memory):
    """The table without the minus sign of Y."""
    letters = np.bitwise_count(x & z).sum(axis=-1, dtype=np.int64)
    return (bell_parity(x, z, system, memory) ^ (letters & 1)).astype(np.uint8)


def test_a_broken_sign_turns_rows_red(monkeypatch):
    monkeypatch.setattr(protocols, "bell_parity", broken_parity)
    monkeypatch.setattr(spectrum, "_parities", lambda bits, dtype: np.ones((2**bits,) * 2, dtype))
    rows = [
        *numbered("1", "one Bell shot", "n = 4"),
        *numbered("4"),
        *numbered("1", "same test passes"),
    ]
    verdicts = verify(QUICK, rows)
    assert [v.outcome for v in verdicts] == ["FAIL"] * 3
    assert not all_hold(verdicts)


def test_a_control_that_passes_is_red():
    claim = Claim("control", "nothing", "test", "must fail", lambda s: Found("1", True))
    (verdict,) = verify(QUICK, [claim])
    assert verdict.outcome == "FAIL"


def test_missing_data_is_said_and_not_taken_for_a_pass(tmp_path):
    verdicts = verify(Setting(tmp_path, True), numbered("13"))
    assert verdicts[0].outcome == "no data"
    assert "controls.csv is missing" in verdicts[0].value
    assert not all_hold(verdicts)


def test_data_with_too_few_points_is_said(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    spec = Spec(runs.OBSERVABLES, "bell_calibrated", 4, "law", 20, 10, 0)
    for name in ("predicting_observables", "controls", "device_noise", "memory_tradeoff"):
        counts = decisions(name, data / f"{name}.csv")
        counts.open()
        counts.append(play_batch(name, spec, 0))
        counts.close()
    rows = [c for c in CLAIMS if c.command.startswith("python")]
    verdicts = verify(Setting(data, True), rows)
    assert {v.outcome for v in verdicts} <= {"no data", "FAIL"}
    assert sum("no points" in v.value or "fewer than" in v.value for v in verdicts) >= 7


def test_table_has_seven_columns_and_counts_what_came_out():
    failing = Claim("21", "false", "test", "criterion", lambda setting: Found("0", False))
    table = claims_table(verify(QUICK, [failing, *numbered("16")]))
    assert "1 of 2 tests came out as they must." in table
    cells = [line.split(" | ") for line in table.splitlines() if line.startswith("| ")]
    assert {len(row) for row in cells} == {7}
    assert "`python experiments/memory_tradeoff.py --full --out figures`" in table


def test_expectation_values_agree_with_matrices():
    import cirq

    rng = np.random.default_rng(4)
    state = rng.standard_normal(8) + 1j * rng.standard_normal(8)
    state /= np.linalg.norm(state)
    for letters in ("XYZ", "IYY", "ZIX", "YII"):
        string = cirq.DensePauliString(letters)
        exact = np.vdot(state, cirq.unitary(string) @ state).real
        assert runs._expectation(string, state) == pytest.approx(exact)


def test_committed_table_has_every_row():
    text = (FIGURES / "claims.md").read_text()
    for claim in CLAIMS:
        assert claim.claim.replace("|", "\\|") in text
    assert "FAIL" not in text
    assert "no data" not in text


def test_a_learner_that_only_guesses_tells_nothing_of_the_bound(monkeypatch):
    def guesses(evidence, alpha, rng):
        return rng.integers(0, 2, evidence.hits.shape[::2])

    monkeypatch.setattr(runs, "decide", guesses)
    (verdict,) = verify(QUICK, numbered("17"))
    assert verdict.outcome == "FAIL"


def test_a_target_that_is_missed_is_a_failure_and_no_error(monkeypatch):
    rows = [*numbered("2", "constant copies"), *numbered("18")]
    few = runs.copies_needed

    def stingy(*given, **options):
        return few(*given, **{**options, "max_copies": 2, "trials": 40, "games": 2})

    monkeypatch.setattr(runs, "copies_needed", stingy)
    for verdict in verify(QUICK, rows):
        assert (verdict.outcome, "missed" in verdict.value) == ("FAIL", True)
