import math
from dataclasses import replace

import pytest

from quantum_advantage.study.kinds import decisions
from quantum_advantage.study.kinds import estimates as open_estimates
from quantum_advantage.study.lines import format_row, header_of
from quantum_advantage.study.rows import EstimateRow
from quantum_advantage.study.spec import Spec

SPEC = Spec("purities:depth=2", "bell", 3, "qsim", 40, 2, 7)
HEADER = header_of(EstimateRow)


def batch_rows(batch, spec=SPEC, shift=0.0):
    return [
        EstimateRow.of(
            "trial", spec, batch, 40, 20, s, f"purity:first={k}", (shift + k / 3, 0.1, 1 / 7)
        )
        for s in range(spec.batch_size)
        for k in (1, 2, 3)
    ]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "trial.csv"


def test_row_tells_what_it_is_a_result_of():
    row = batch_rows(4)[0]
    assert row.spec == SPEC
    assert row.spec.id == SPEC.id
    assert (row.copies, row.shots, row.spec.batch_size, row.spec.source) == (40, 20, 2, "circuit")


def test_numbers_have_nine_significant_digits_and_survive_the_file(path):
    rows = batch_rows(0)
    assert rows[0].value == 0.333333333
    path.write_text(HEADER + "\n" + "".join(map(format_row, rows)))
    assert list(open_estimates("trial", path)) == rows


def test_infinite_error_survives_the_file(path):
    (first, *rest) = batch_rows(0)
    rows = [replace(first, error=math.inf), *rest]
    path.write_text(HEADER + "\n" + "".join(map(format_row, rows)))
    assert list(open_estimates("trial", path)) == rows


def test_whole_batches_are_found_in_any_order_of_rows():
    estimates = open_estimates("trial")
    estimates.append(batch_rows(1)[::-1])
    estimates.append(batch_rows(0))
    assert estimates.whole_batches() == {SPEC: {0: batch_rows(0), 1: batch_rows(1)}}


@pytest.mark.parametrize("kept", range(6))
def test_batch_that_lacks_a_row_does_not_count(kept):
    estimates = open_estimates("trial")
    estimates.append(batch_rows(0)[:kept])
    estimates.append(batch_rows(1))
    assert estimates.whole_batches() == {SPEC: {1: batch_rows(1)}}


def test_torn_last_row_is_cut_off_when_the_file_is_opened(path):
    content = HEADER + "\n" + "".join(map(format_row, batch_rows(0)))
    path.write_text(content + format_row(batch_rows(1)[0])[:-9])
    estimates = open_estimates("trial", path)
    assert estimates.torn == 8
    estimates.open()
    estimates.append(batch_rows(1))
    estimates.close()
    assert path.read_text() == content + "".join(map(format_row, batch_rows(1)))


def test_edited_value_is_refused_by_the_number_of_its_row(path):
    content = HEADER + "\n" + "".join(map(format_row, batch_rows(0)))
    path.write_text(content.replace("0.666666667", "0.666666668", 1))
    with pytest.raises(ValueError, match=r"row 3 of .*trial.csv does not match its check"):
        open_estimates("trial", path)


def test_row_that_contradicts_an_earlier_one_is_refused():
    estimates = open_estimates("trial")
    estimates.append(batch_rows(0))
    estimates.append(batch_rows(0))
    with pytest.raises(ValueError, match=r"purity:first=1 of system 0 of batch 0 of .*contradicts"):
        estimates.append(batch_rows(0, shift=0.5))


def test_counts_and_estimates_are_told_apart(path):
    path.write_text(HEADER + "\n")
    with pytest.raises(ValueError, match="is not a file of counts"):
        decisions("trial", path)
    assert list(open_estimates("trial", path)) == []
