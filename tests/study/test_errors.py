import numpy as np
import pytest

from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.errors import (
    covers,
    read_estimates,
    summarise_estimates,
    write_estimates,
)
from quantum_advantage.study.kinds import estimates as open_estimates
from quantum_advantage.study.rows import EstimateRow
from quantum_advantage.study.spec import Spec

SPEC = Spec("whole_purity", "bell", 2, "qsim", 40, 2, 7)


def row(batch, system, value, error=0.1, truth=0.5):
    numbers = (value, error, truth)
    return EstimateRow.of("trial", SPEC, batch, 40, 20, system, "purity:first=2", numbers)


def estimates_of(values, error=0.1):
    estimates = open_estimates("trial")
    for batch, pair in enumerate(values):
        estimates.append([row(batch, s, v, error) for s, v in enumerate(pair)])
    return estimates


def test_mean_error_and_cover_are_those_of_the_rows():
    ((spec, point),) = summarise_estimates(estimates_of([(0.5, 0.7), (0.4, 0.6)]))
    assert spec == SPEC
    assert (point.systems, point.copies, point.quantity) == (4, 40, "purity:first=2")
    assert point.value == pytest.approx(0.55)
    assert point.truth == 0.5
    assert point.rmse == pytest.approx(np.sqrt((0 + 0.04 + 0.01 + 0.01) / 4))
    assert point.covered == 0.75
    assert (point.low, point.high, point.rmse_low, point.rmse_high) == (None,) * 4


def test_quantity_without_any_finite_error_is_left_out():
    assert summarise_estimates(estimates_of([(0.5, 0.7)], error=np.inf)) == []


def test_interval_covers_to_196_standard_errors_and_to_rounding():
    assert covers(row(0, 0, 0.69))
    assert not covers(row(0, 0, 0.70))
    assert covers(row(0, 0, 0.5 + 1e-10, error=0.0))
    assert covers(row(0, 0, 9.0, error=np.inf))


def test_intervals_have_the_width_of_the_bootstrap():
    rng = np.random.default_rng(1)
    values = 0.5 + 0.1 * rng.standard_normal((200, 2))
    ((_, point),) = summarise_estimates(estimates_of(values))
    # 400 independent values: standard errors 0.1/20 of the mean, 0.1/√800 of the rms error.
    assert point.high - point.low == pytest.approx(2 * 1.96 * 0.1 / 20, rel=0.2)
    assert point.rmse_high - point.rmse_low == pytest.approx(2 * 1.96 * 0.1 / np.sqrt(800), rel=0.2)
    assert point.low < point.value < point.high
    assert point.rmse_low < point.rmse < point.rmse_high


def test_summary_survives_the_file(tmp_path):
    values = np.random.default_rng(2).random((20, 2))
    points = [p for _, p in summarise_estimates(estimates_of(values))]
    points += [p for _, p in summarise_estimates(estimates_of(values[:3]))]
    path = tmp_path / "trial_summary.csv"
    write_estimates(points, path)
    read = read_estimates(path)
    write_estimates(read, tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == path.read_bytes()
    assert read[1].low is None
    assert read[0].rmse == pytest.approx(points[0].rmse, rel=1e-5)


def test_file_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match=r"x.csv is not a summary of estimates"):
        read_estimates(path)


def test_cells_that_cannot_be_are_refused(tmp_path):
    points = [p for _, p in summarise_estimates(estimates_of([(0.5, 0.7)]))]
    path = tmp_path / "trial_summary.csv"
    write_estimates(points, path)
    content = path.read_text()
    (line,) = content.splitlines()[1:]
    cells = line.split(",")
    assert len(cells) == 17
    for place, value in (
        (0, "../x"), (1, "a/b"), (3, "0"), (3, "+2"), (5, "law"), (6, "a b"), (7, "0"), (8, "1e3"),
        (9, "nan"), (9, ""), (12, "inf"), (13, "-1"), (13, "0.10"), (16, "1.5"), (16, " 1"),
    ):  # fmt: skip
        changed = [value if i == place else cell for i, cell in enumerate(cells)]
        path.write_text(content.replace(line, ",".join(changed)))
        with pytest.raises(UsageError, match=r"line 2 of .*trial_summary.csv"):
            read_estimates(path)
    path.write_text(content[:-1])
    with pytest.raises(UsageError, match=r"trial_summary.csv was cut off in line 2"):
        read_estimates(path)


def test_points_have_a_short_text_and_a_table():
    ((_, point),) = summarise_estimates(estimates_of([(0.5, 0.7), (0.4, 0.6)]))
    assert repr(point) == (
        "EstimatePoint(bell, n = 2, qsim: purity:first=2 0.55, truth 0.5, rms error 0.122, "
        "40 copies)"
    )
    assert "<th>rmse</th><td>0.122474</td>" in point._repr_html_()
