import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from quantum_advantage.backends.devices.placement import pair_places
from quantum_advantage.backends.devices.virtual import open_virtual
from quantum_advantage.backends.names import read_backend, write_pairs
from quantum_advantage.bounds.hidden_pauli import largest_conventional_accuracy
from quantum_advantage.certify.certificate import fewest_games, power
from quantum_advantage.certify.registration import read_registration
from quantum_advantage.claims.plans import play_plan
from quantum_advantage.cli import main
from quantum_advantage.core.statistics import binomial_interval, lower_limit
from quantum_advantage.core.usage import UsageError
from quantum_advantage.plan.expected import expect, expected_damping
from quantum_advantage.plan.plan import plan, sweep
from quantum_advantage.preflight.files import preflight_table, read_preflight
from quantum_advantage.preflight.pairs import measure_pairs
from quantum_advantage.tasks.observables.forecast import averaged_accuracy
from quantum_advantage.tasks.purity import Purity
from quantum_advantage.tasks.registry import load_deciding
from quantum_advantage.tasks.shared.calibration import exact_damping

OBSERVABLES = "observables:alpha=0.9,game=two"
ROOT = Path(__file__).parent.parent.parent
RECORD = str(ROOT / "figures" / "preflight" / "device_noise_weber.csv")
NOISY = "qsim:depolarize=0.01,readout=0.02"


@pytest.mark.parametrize(
    ("task", "backend", "qubits", "games"),
    [
        (OBSERVABLES, NOISY, 8, 1000),
        (OBSERVABLES, "stim:readout=0.08", 8, 400),
        (OBSERVABLES, "qsim", 20, 200),
        (OBSERVABLES, "qvm:weber", 8, 1000),
        ("observables:alpha=0.9,game=one", "qsim", 6, 1000),
        ("purity", "qsim", 5, 400),
        ("principal_component", "qsim", 5, 400),
        ("time_reversal", "qsim", 4, 400),
    ],
)
def test_planned_is_met_by_circuits(task, backend, qubits, games):
    p = plan(task, backend, qubits, games=games, confidence=0.99, whole=False)
    assert not p.played
    found = play_plan(p, 1)
    assert (found.copies, found.games) == (p.copies, p.games)
    assert found.largest_conventional == p.largest_conventional
    low, high = binomial_interval(found.right, found.games, 1 - 1e-4)
    assert low <= p.accuracy <= high
    # The factor grows with the accuracy and follows from it alone; without a certificate it is 0.
    factor = found.factor if found.certified else 0.0
    for accuracy, planned in ((p.accuracy_low, p.factor_low), (p.accuracy_high, p.factor_high)):
        if found.accuracy <= accuracy:
            assert factor <= planned
        if found.accuracy >= accuracy:
            assert factor >= planned
    assert found.certified == (p.power > 0.5)


@pytest.mark.parametrize(
    ("task", "protocol", "backend"),
    [
        pytest.param(
            "purity", "bell", "qsim:depolarize=0.005,readout=0.01", marks=pytest.mark.slow
        ),
        ("principal_component", "bell", "qsim:depolarize=0.005"),
        pytest.param("time_reversal", "bell_on_chain", "qvm:weber", marks=pytest.mark.slow),
    ],
)
def test_noise_that_no_law_knows_is_played_beforehand_and_met(task, protocol, backend):
    told = []
    p = plan(task, backend, 3, games=400, protocol=protocol, whole=False, report=told.append)
    assert p.played
    assert len(told) == 1
    found = play_plan(p, 1)
    assert found.copies == p.copies
    # The games played beforehand leave as much open as those of the run.
    width = (p.accuracy_high - p.accuracy_low) / 2 / 1.96
    single = (p.accuracy * (1 - p.accuracy) / 400) ** 0.5
    assert width == pytest.approx(2**0.5 * single, rel=0.2)
    assert abs(found.accuracy - p.accuracy) < 4 * width
    assert found.certified == (p.power > 0.5)


@pytest.mark.slow
def test_95_percent_of_the_runs_lie_within_the_plan_of_a_preflight(tmp_path):
    backend, n, games = open_virtual("qvm:weber"), 6, 400
    # More pairs are flown than are used.
    places = pair_places(backend.place(10))
    exact = exact_damping(backend.make(0), 10)[:n]
    rng, inside, widths = np.random.default_rng(8), [], []
    for seed in range(60):
        path = tmp_path / f"{seed}.csv"
        flown = measure_pairs(backend.make(seed), 10, 1200)
        path.write_text(preflight_table("qvm:weber", places, flown))
        p = plan(OBSERVABLES, read_preflight(path), n, games=games, whole=False)
        right = rng.binomial(games, averaged_accuracy(p.shots, exact, 0.9))
        inside.append(p.accuracy_low <= right / games <= p.accuracy_high)
        widths.append(p.accuracy_high - p.accuracy_low)
        assert str(p.backend) == f"qvm:weber,pairs={write_pairs(places[:n])}"
    assert sum(inside) >= 57 - 4 * (60 * 0.95 * 0.05) ** 0.5
    # A preflight of so many shots hardly widens what the games themselves leave open.
    plain = plan(OBSERVABLES, "qvm:weber", n, games=games, whole=False)
    assert np.mean(widths) < 1.5 * (plain.accuracy_high - plain.accuracy_low)


def test_the_best_conventional_protocol_known_is_told_for_every_task():
    p = plan("purity", "qsim", 6, games=100)
    assert p.conventional is not None
    assert p.bound < p.conventional < 10 * p.bound
    assert plan("time_reversal", "qsim", 5, games=100).conventional is not None
    assert plan("purity", "qsim", 6, games=100, whole=False).conventional is None


def test_95_percent_of_the_runs_lie_within_the_plan():
    p = plan(OBSERVABLES, "law:readout=0.05", 10, games=400)
    found = [play_plan(p, seed) for seed in range(100)]
    inside = [p.accuracy_low <= c.accuracy <= p.accuracy_high for c in found]
    assert sum(inside) >= 95 - 4 * (100 * 0.95 * 0.05) ** 0.5
    assert inside == [p.factor_low <= c.factor <= p.factor_high for c in found]
    middle = np.median([c.factor for c in found])
    assert middle == pytest.approx(p.factor, rel=0.1)


def test_accuracy_is_exact_without_noise_and_drawn_alike():
    shots = (1, 2, 3, 5, 10)
    exact = expect(OBSERVABLES, "bell", 12, shots, None).accuracy
    assert exact == pytest.approx([0.7025, 0.8038, 0.8631, 0.9277, 0.9825], abs=1e-4)
    drawn = expect(OBSERVABLES, "bell_calibrated", 12, shots, None).accuracy
    assert drawn == pytest.approx(exact, abs=4 * 0.5 / 20_000**0.5)


def test_power_and_fewest_games_are_those_of_the_binomial():
    largest = largest_conventional_accuracy(2, qubits=10)
    # 123 of 200 is the least that is certified.
    exact = stats.binom.sf(122, 200, 0.7025)
    assert power(200, 0.7025, largest, 1e-3) == pytest.approx(exact)
    fewest = fewest_games(0.7025, largest, 1e-3)
    assert fewest is not None
    assert 100 < fewest < 200
    assert power(fewest, 0.7025, largest, 1e-3) >= 0.95
    assert power(fewest - 20, 0.7025, largest, 1e-3) < 0.95
    assert fewest_games(0.5, largest, 1e-3) is None


def test_no_other_number_of_shots_would_prove_more():
    p = plan(OBSERVABLES, NOISY, 12, games=400)
    damping = expected_damping(read_backend(NOISY), 12)
    learners = load_deciding(OBSERVABLES).bound_of("bell", 12)
    shots = np.arange(1, 25)
    factors = [
        learners.copies_for(lower_limit(int(a * 400), 400, 0.01)) / (2 * t)
        for t, a in zip(
            shots, expect(OBSERVABLES, "bell", 12, shots, damping).accuracy, strict=True
        )
    ]
    assert p.factor == pytest.approx(max(factors), rel=0.02)


def test_given_copies_are_planned(tmp_path):
    p = plan(OBSERVABLES, "qsim", 10, games=200, copies=2, confidence=0.999, whole=False)
    assert (p.shots, p.copies, p.games) == (1, 2, 200)
    assert p.accuracy == pytest.approx(0.7025, abs=1e-4)
    assert p.power > 0.98
    assert re.fullmatch(
        r"n = 10: factor \S+ at 70\.[23] %, from 200 games of 2 copies at 99.9 %", str(p)
    )
    assert plan("purity", "qsim:depolarize=0.01", 3, games=100, copies=6, whole=False).copies == 6
    with pytest.raises(ValueError, match="copies must be whole shots of 2 copies, not 3"):
        plan(OBSERVABLES, "qsim", 10, copies=3)


def test_noise_costs_copies_and_too_much_of_it_all_of_the_advantage():
    clean, noisy = (plan(OBSERVABLES, b, 10, games=400) for b in ("qsim", NOISY))
    assert noisy.factor < clean.factor
    assert noisy.accuracy / noisy.copies < clean.accuracy / clean.copies
    dead = plan(OBSERVABLES, "qsim:depolarize=0.9375", 6, games=400)
    assert (dead.factor, dead.least_games) == (0, None)
    assert dead.power < 0.05


def test_the_sweep_goes_as_far_as_the_processor():
    weber = sweep(OBSERVABLES, "qvm:weber", games=1000)
    assert weber[-1].qubits == 24  # as many pairs as there are
    assert max(p.factor for p in weber) > 1e4
    assert all(p.cost is None for p in weber)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"task": "observabels"}, "unknown task 'observabels'"),
        ({"task": "purities"}, "task 'purities' estimates"),
        ({"backend": "qsmi"}, "unknown backend 'qsmi'"),
        ({"protocol": "bel"}, "unknown protocol 'bel'"),
        ({"confidence": 2}, "confidence must lie strictly between 0.5 and 1, not 2"),
        ({"games": 5}, "games must be at least 20, not 5"),
    ],
)
def test_a_sweep_refuses_what_no_size_mends(changed, reason):
    arguments = {"task": "observables", "backend": "qsim", **changed}
    with pytest.raises(UsageError, match=re.escape(reason)):
        sweep(arguments.pop("task"), arguments.pop("backend"), **arguments)


def test_a_preflight_of_one_pair_is_planned(tmp_path, capsys):
    path = tmp_path / "one.csv"
    path.write_text("".join(Path(RECORD).read_text().splitlines(keepends=True)[:2]))
    assert main(["plan", "observables", "--preflight", str(path), "--out", str(tmp_path)]) == 0
    assert "not certified at any n tried (1)" in capsys.readouterr().out


def test_counts_may_be_whole_floats_and_nothing_else():
    assert plan(OBSERVABLES, "qsim", 4.0, games=1e3) == plan(OBSERVABLES, "qsim", 4, games=1000)
    with pytest.raises(UsageError, match=r"whole number, not 1000\.5"):
        plan(OBSERVABLES, "qsim", 4, games=1000.5)
    with pytest.raises(UsageError, match=r"whole number, not 4\.5"):
        plan(OBSERVABLES, "qsim", 4.5)


def test_a_processor_is_priced():
    p = plan(OBSERVABLES, "engine:mine/chip", 4, games=200)
    assert str(p.backend) == "engine:chip"
    assert p.cost is not None
    assert p.cost.jobs >= 20
    assert p.cost.repetitions == p.games * p.shots
    assert plan(OBSERVABLES, NOISY, 4).cost is None


def test_a_preflight_on_disk_is_planned_on_its_first_pairs(tmp_path, capsys):
    out = "--out", str(tmp_path)
    assert main(["plan", "observables", "--preflight", RECORD, *out]) == 0
    text = capsys.readouterr().out
    assert re.search(r"^ +24 +\d+ +0\.\d{4}", text, re.MULTILINE)
    assert "observables:alpha=0.9,game=two, bell on qvm:weber: 1000 games" in text
    assert "without memory, one copy for each shot" in text
    (named,) = re.findall(r"on (qvm:weber,pairs=\S+)", text)
    assert len(read_backend(named).pairs) == 24
    assert main(["plan", "observables", "--preflight", RECORD, "--qubits", "4", *out]) == 0
    (few,) = re.findall(r"on (qvm:weber,pairs=\S+)", capsys.readouterr().out)
    assert set(read_backend(few).pairs) < set(read_backend(named).pairs)


@pytest.mark.slow
def test_the_printed_commands_play_and_certify_the_plan(tmp_path, capsys):
    arguments = "observables", "--backend", "qsim:readout=0.03", "--qubits", "6", "--games", "400"
    assert main(["plan", *arguments, "--out", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    (drawn,) = re.findall(r"drawn in (\S+)", text)
    assert Path(drawn).exists()
    assert (
        "to register it, before there is data: this command with --register FILE --seed S" in text
    )
    registration = str(tmp_path / "registration.json")
    more = "--seed", "5", "--register", registration, "--out", str(tmp_path)
    assert main(["plan", *arguments, *more]) == 0
    play, certify = (
        line.split()
        for line in capsys.readouterr().out.splitlines()
        if line.startswith("    ") and ("--seed 5" in line or "--registration" in line)
    )
    out = str(tmp_path / "out")
    script = [sys.executable, str(ROOT / play[1]), *play[2:], "--out", out, "--workers", "1"]
    subprocess.run(script, check=True, capture_output=True)
    certify[2] = str(tmp_path / certify[2])
    assert main(certify[1:]) == 0
    found = capsys.readouterr().out
    p = plan(OBSERVABLES, "qsim:readout=0.03", 6, games=400, whole=False)
    assert re.search(rf"copies in each game +{p.copies}\n", found)
    assert "of 400 games" in found
    assert f"Registered: {read_registration(Path(registration)).registered:%Y-%m-%d}" in found


def test_command_prints_a_table_and_draws(tmp_path, capsys):
    out = "--out", str(tmp_path)
    assert main(["plan", "observables", "--backend", "qvm:weber", "--qubits", "4,8", *out]) == 0
    text = capsys.readouterr().out
    rows = re.findall(r"^ +(4|8) +\d+ +0\.\d{4} +\(0\.\d{4} to 0\.\d{4}\)", text, re.MULTILINE)
    assert rows == ["4", "8"]
    assert "without memory" in text
    assert "n = 8 on the processor: " in text
    # The accuracy stands beside the factor.
    assert re.search(r"largest expected factor of n = 2 to 24: \S+ at \d\d\.\d% right, at n", text)
    assert "factor there" in text
    assert (tmp_path / "plans" / "observables_bell_qvm_weber.png").exists()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["nothing"], "unknown task"),
        (["observables", "--backend", "nope"], "unknown backend"),
        (["observables", "--games", "5"], "games must be at least 20"),
        (["observables", "--protocol", "local_pauli"], "no quantum memory"),
        (["observables", "--protocol", "known_question"], "told beforehand"),
        (["observables", "--backend", "qvm:weber", "--qubits", "30"], "24 disjoint pairs"),
        (["purity", "--backend", "qvm:weber"], "does not run on qvm"),
        (["purity", "--backend", "law:readout=0.1"], "no noise of circuits"),
        (["observables", "--backend", "law", "--qubits", "60"], "at most 50 for the law"),
        (["time_reversal:depth=3"], "not Haar-random"),
        (["observables", "--preflight", "absent.csv"], "absent.csv"),
        (["observables", "--preflight", "README.md"], "no record of a preflight"),
        (["observables", "--preflight", RECORD, "--qubits", "25"], "24 pairs of the record"),
        (["purity", "--preflight", RECORD], "does not run on qvm"),
        (["observables:game=one", "--preflight", RECORD], "in the game two of observables"),
    ],
)
def test_wrong_input_is_one_line(arguments, reason, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert main(["plan", *arguments, "--out", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert reason in err
    assert not list(tmp_path.iterdir())


def test_a_protocol_without_an_exact_distribution_is_planned_from_games():
    told = []
    p = plan("time_reversal", "qsim", 3, games=100, protocol="bell_tolerant", report=told.append)
    assert p.played
    assert told == ["n = 3: playing games on circuits, since no law knows bell_tolerant"]
    assert p.accuracy > 0.7


def test_without_a_known_best_conventional_protocol_none_is_told(monkeypatch):
    monkeypatch.setattr(Purity, "BEST_CONVENTIONAL", None)
    assert plan("purity", "qsim", 4, games=100).conventional is None


def test_a_plan_has_a_short_text_and_a_table():
    found = plan(OBSERVABLES, NOISY, 4, whole=False)
    assert repr(found).startswith(f"Plan(bell, n = 4, {NOISY}: 1000 games of {found.copies} copies")
    assert "<th>factor</th>" in found._repr_html_()
