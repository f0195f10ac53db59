import os
from pathlib import Path

import numpy as np
import pytest

from quantum_advantage.core.bits import unpack_bits
from quantum_advantage.core.usage import UsageError
from quantum_advantage.formats.heisenberg_folder import heisenberg_sizes, read_heisenberg
from quantum_advantage.inference.generalising.frames import Grid
from quantum_advantage.inference.generalising.targets import pair_correlators
from quantum_advantage.measurements.pauli_basis import unpack_bases

PUBLIC = os.environ.get("HEISENBERG_DATA")


def write_system(folder, number=1, **other):
    """A system of one bond, with other texts in place of some files."""
    texts = {
        "couplings": "0.5\n",
        "samples": "0\t5\n3\t2\n4\t4\n",
        "XX": "1\t-0.5\n-0.5\t1\n",
        "YY": "1\t-0.5\n-0.5\t1\n",
        "ZZ": "1\t-0.8\n-0.8\t1\n",
    } | other
    for kind, text in texts.items():
        Path(folder, f"heisenberg_1x2_id{number}_{kind}.txt").write_text(text)


def test_a_system_is_read(tmp_path):
    write_system(tmp_path, 12)
    write_system(tmp_path, 3)
    assert heisenberg_sizes(tmp_path) == {(1, 2): (3, 12)}
    systems = read_heisenberg(tmp_path, 1, 2)
    assert systems.numbers == (3, 12)
    assert systems.couplings.tolist() == [[0.5], [0.5]]
    assert systems.correlators[0].round(9).tolist() == [[1, -0.6], [-0.6, 1]]
    record = systems.records[0]
    assert unpack_bases(record.bases, 2).tolist() == [[0, 2], [1, 1], [2, 2]]
    assert unpack_bits(record.outcomes, 2).tolist() == [[0, 1], [1, 0], [0, 0]]


@pytest.mark.parametrize(
    ("kind", "text", "line"),
    [
        ("couplings", "0.5\n0.5\n", "couplings.txt must hold 1 lines of 1 numbers"),
        ("couplings", "half\n", "must hold numbers, not 'half'"),
        ("couplings", "nan\n", "must hold numbers, not 'nan'"),
        ("XX", "1\t-0.5\n", "XX.txt must hold 2 lines of 2 numbers"),
        ("samples", "0\t5\n3\n", "samples.txt must hold lines of 2 codes"),
        ("samples", "", "samples.txt must hold lines of 2 codes"),
        ("samples", "0\t6\n", "samples.txt must hold codes from 0 to 5, not '6'"),
        ("samples", "0\t-1\n", "samples.txt must hold codes from 0 to 5, not '-1'"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_in_one_line(tmp_path, kind, text, line):
    write_system(tmp_path, **{kind: text})
    with pytest.raises(UsageError, match=line):
        read_heisenberg(tmp_path, 1, 2)


def test_folders_without_systems_are_refused_in_one_line(tmp_path):
    with pytest.raises(UsageError, match="it holds none"):
        heisenberg_sizes(tmp_path)
    with pytest.raises(UsageError, match="data must be a folder"):
        heisenberg_sizes(tmp_path / "nothing")
    write_system(tmp_path)
    with pytest.raises(UsageError, match="must hold systems of 4 x 5; it holds 1 x 2"):
        read_heisenberg(tmp_path, 4, 5)


@pytest.mark.skipif(not PUBLIC, reason="HEISENBERG_DATA names no folder of the public data")
@pytest.mark.parametrize("size", [(4, 5), (6, 5)])
def test_the_orders_of_sites_couplings_and_codes_are_those_of_the_public_data(size):
    if size not in heisenberg_sizes(PUBLIC):
        pytest.skip(f"{PUBLIC} holds no systems of {size}")
    systems = read_heisenberg(PUBLIC, *size)
    bonds = Grid(*size).bonds
    exact = systems.correlators[:, [a for a, _ in bonds], [b for _, b in bonds]]
    # Every coupling is correlated most with the correlator of its own bond.
    count = len(bonds)
    table = np.corrcoef(systems.couplings.T, exact.T)[:count, count:]
    assert (table.argmin(axis=1) == np.arange(count)).all()
    assert table.diagonal().max() < -0.5
    # Correlators from the outcomes agree with the exact ones, within their stated errors.
    found = pair_correlators(systems.records, bonds, by_hits=False)
    pulls = (found[..., 0] - exact) / found[..., 1]
    assert abs(pulls.mean()) < 4 / np.sqrt(len(exact))
    assert 0.9 < pulls.std() < 1.05
    slope = (found[..., 0] * exact).sum() / (exact**2).sum()
    assert slope == pytest.approx(1, abs=0.01)
