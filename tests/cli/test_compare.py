from dataclasses import replace
from pathlib import Path

import pytest

from quantum_advantage.study.accuracy import Point, write_summary
from quantum_advantage.study.errors import EstimatePoint, write_estimates
from quantum_advantage.study.spec import PointSpec

SPEC = PointSpec("observables:alpha=0.9,game=two", "bell", 4, "qsim")
POINT = Point("trial", SPEC, 0.7, 1.96, 1.9, 2.05, 10_000, None)


@pytest.fixture
def folders(tmp_path):
    """A folder with two new points and one with the first of them committed."""
    new, committed = tmp_path / "new", tmp_path / "committed"
    other = replace(POINT, copies=2.04, copies_low=1.97, copies_high=2.11)
    for folder, points in (
        (new, [POINT, replace(POINT, spec=replace(SPEC, qubits=6))]),
        (committed, [other]),
    ):
        (folder / "data").mkdir(parents=True)
        write_summary(points, folder / "data" / "trial_summary.csv")
    return str(new), str(committed)


def test_compare_prints_points_side_by_side(printed, folders):
    header, first, _, verdict = printed("compare", *folders).splitlines()
    assert header.split()[:4] == ["experiment", "protocol", "n", "target"]
    assert header.count("whole shots") == 2
    assert first.split()[:6] == ["trial", "bell", "4", "0.70", "1.96", "2"]
    # 2.04 copies take two Bell shots.
    assert first.split()[6:8] == ["2.04", "4"]
    assert first.endswith("1.9 to 2.05; 1.97 to 2.11")
    assert verdict == (
        "2 points: 0 equal, 1 with intervals that meet, 0 apart, 1 without a committed one"
    )


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({}, "1 equal, 0 with intervals that meet, 0 apart"),
        ({"copies": 1.97}, "0 equal, 1 with intervals that meet, 0 apart"),
        ({"copies": 2.2, "copies_low": 2.1, "copies_high": 2.3}, "meet, 1 apart"),
        ({"copies": None, "copies_high": None}, "1 with intervals that meet, 0 apart"),
    ],
)
def test_compare_ends_with_how_the_points_stand_to_each_other(printed, folders, change, verdict):
    here, there = (Path(f) / "data" / "trial_summary.csv" for f in folders)
    write_summary([replace(POINT, **change)], here)
    write_summary([POINT], there)
    assert verdict in printed("compare", *folders).splitlines()[-1]


def test_compare_leaves_a_dash_where_nothing_is_committed(printed, folders):
    second = printed("compare", *folders).splitlines()[2]
    assert second.split()[:6] == ["trial", "bell", "6", "0.70", "1.96", "2"]
    assert second.split()[6:8] == ["-", "-"]
    assert second.endswith("1.9 to 2.05")


def test_compare_leaves_a_dash_where_a_target_was_missed(printed, tmp_path):
    (tmp_path / "data").mkdir()
    missed = replace(POINT, copies=None, copies_low=20.0, copies_high=None)
    write_summary([missed], tmp_path / "data" / "trial_summary.csv")
    line = printed("compare", str(tmp_path), str(tmp_path)).splitlines()[1]
    assert line.split()[4:8] == ["-", "-", "-", "-"]
    assert line.endswith("20 to -; 20 to -")


def test_compare_sets_circuits_beside_the_law_but_no_processor_beside_another(printed, folders):
    here, there = (Path(f) / "data" / "trial_summary.csv" for f in folders)

    def at(backend, copies):
        return replace(POINT, spec=replace(POINT.spec, backend=backend), copies=copies)

    write_summary([at("qsim", 1.9), at("qvm:weber", 3.7), at("qvm:rainbow", 3.1)], here)
    write_summary([at("law", 2.0), at("qvm:willow_pink", 2.3), at("qvm:weber", 3.8)], there)
    lines = printed("compare", *folders).splitlines()[1:-1]
    found = {line.partition(", ")[2] or "qsim": line.split()[4:7:2] for line in lines}
    assert found == {
        "qsim": ["1.9", "2"],
        "qvm:weber": ["3.7", "3.8"],
        "qvm:rainbow": ["3.1", "-"],
    }


def test_compare_knows_no_shots_of_a_task_that_is_not_installed(printed, tmp_path):
    (tmp_path / "data").mkdir()
    foreign = replace(POINT, spec=replace(POINT.spec, task="ghz_sign", protocol="x_parity"))
    write_summary([foreign], tmp_path / "data" / "trial_summary.csv")
    line = printed("compare", str(tmp_path), str(tmp_path)).splitlines()[1]
    assert line.split()[4:8] == ["1.96", "-", "1.96", "-"]


def estimate_point(**changes):
    numbers = (40, 20, 0.81, 0.8, 0.83, 0.82, 0.034, 0.03, 0.037, 0.95)
    spec = PointSpec("whole_purity", "bell", 4, "qsim")
    return replace(EstimatePoint("trial", spec, "purity:first=4", *numbers), **changes)


def test_compare_prints_errors_of_estimates_after_sample_complexities(printed, folders):
    here, there = (Path(f) / "data" / "errors_summary.csv" for f in folders)
    write_estimates([estimate_point(), estimate_point(copies=80)], here)
    write_estimates([estimate_point(rmse=0.035, rmse_low=None)], there)
    *_, empty, header, first, second, _ = printed("compare", *folders).splitlines()
    assert empty == ""
    assert header.split()[:6] == ["task", "protocol", "n", "copies", "quantity", "rms"]
    assert first.split() == [
        *[
            "whole_purity",
            "bell",
            "4",
            "40",
            "purity:first=4",
            "0.034",
            "0.035",
            "0.03",
            "to",
            "0.037;",
            "-",
            "to",
            "0.037",
        ]
    ]
    assert second.split()[3:7] == ["80", "purity:first=4", "0.034", "-"]


def test_compare_tells_errors_under_noise_apart(printed, folders):
    here, there = (Path(f) / "data" / "errors_summary.csv" for f in folders)
    noisy = estimate_point(rmse=0.5)
    noisy = replace(noisy, spec=replace(noisy.spec, backend="qsim:readout=0.1"))
    write_estimates([estimate_point(), noisy], here)
    write_estimates([noisy, estimate_point()], there)
    *_, first, second, _ = printed("compare", *folders).splitlines()
    assert first.split()[5:7] == ["0.034", "0.034"]
    assert second.split()[5:7] == ["0.5", "0.5"]
    assert second.endswith(", qsim:readout=0.1")


def test_compare_without_summaries_says_what_to_do(refused, tmp_path):
    line = refused("compare", str(tmp_path), str(tmp_path))
    assert str(tmp_path / "data") in line
    assert "run an experiment first" in line


def test_compare_refuses_a_file_that_is_no_summary(refused, folders, tmp_path):
    path = tmp_path / "committed" / "data" / "trial_summary.csv"
    path.write_text("a,b\n")
    assert f"{path} is not a summary" in refused("compare", *folders)
