import csv
import io
import itertools
from pathlib import Path

import numpy as np
import pytest
from preflight_examples import BAD, GOOD, found_with

from quantum_advantage.backends.devices.placement import pair_places
from quantum_advantage.backends.devices.virtual import open_virtual
from quantum_advantage.backends.names import read_pairs, write_pairs
from quantum_advantage.preflight.files import (
    HEADER,
    preflight_lines,
    preflight_table,
    read_preflight,
)
from quantum_advantage.preflight.processors import run_preflight

FIGURES = Path(__file__).parent.parent.parent / "figures"


def old(text):
    """The table as earlier versions wrote it, without the column of checks."""
    return "".join(f"{line.rpartition(',')[0]}\n" for line in text.splitlines())


def table_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_table_holds_every_number_in_its_column():
    found = found_with(BAD)
    places = read_pairs("3.4-3.3+1.4-2.4+4.9-4.8+1.6-2.6")
    text = preflight_table("qvm:weber", places, found)
    assert text.splitlines()[0] == ",".join(HEADER)
    rows = table_of(text)
    assert [row["backend"] for row in rows] == ["qvm:weber"] * 4
    assert "+".join(row["pair"] for row in rows) == write_pairs(places)
    assert [row["outlier"] for row in rows] == ["0", "0", "1", "0"]
    for i, row in enumerate(rows):
        for name, values in (("fidelity", found.fidelity[i]), ("chsh", found.chsh[i])):
            got = [float(row[name + end]) for end in ("", "_low", "_high")]
            assert got == pytest.approx(values, rel=1e-5)
        for k, name in enumerate(("f_x", "f_y", "f_z")):
            assert float(row[name]) == pytest.approx(2 * BAD[i][k] / 1000 - 1, abs=1e-6)
            ends = [float(row[f"{name}_low"]), float(row[f"{name}_high"])]
            assert ends == pytest.approx(found.damping.intervals()[i, k], abs=1e-5)
        for (s, side), (e, error) in itertools.product(
            enumerate(("system", "memory")), enumerate(("p10", "p01"))
        ):
            got = [float(row[f"{side}_{error}{end}"]) for end in ("", "_low", "_high")]
            assert got == pytest.approx(found.readout[i, s, e], abs=1e-9)
        factors = 2 * np.array(BAD[i]) / 1000 - 1
        assert float(row["cost"]) == pytest.approx(factors.prod() ** -0.5, rel=1e-5)


def test_a_dead_pair_has_an_infinite_cost_in_the_table():
    rows = table_of(preflight_table("x", read_pairs("3.4-3.3"), found_with([[500, 950, 950]])))
    assert rows[0]["cost"] == "inf"


def test_lines_for_people_say_the_same():
    found = found_with(BAD)
    places = read_pairs("3.4-3.3+1.4-2.4+4.9-4.8+1.6-2.6")
    header, *lines = preflight_lines(places, found)
    assert header.split()[:3] == ["pair", "Bell", "fidelity"]
    assert ["stands out" in line for line in lines] == [False, False, True, False]
    words = lines[2].split()
    assert words[0] == "4.9-4.8"
    assert words[1:5] == ["0.820", "(0.720-0.920)", "2.32", "(2.22-2.42)"]
    assert words[5:8] == ["0.520", "0.400", "0.540"]
    # p(1|0) of system and memory, then p(0|1) of both.
    assert words[8:14] == ["0.0250", "/", "0.0310", "0.0280", "/", "0.0340"]
    assert float(words[14]) == pytest.approx((0.52 * 0.4 * 0.54) ** -0.5, abs=1e-3)


def test_what_was_written_is_read(tmp_path):
    found = found_with(BAD)
    places = read_pairs("3.4-3.3+1.4-2.4+4.9-4.8+1.6-2.6")
    path = tmp_path / "weber.csv"
    path.write_text(preflight_table("qvm:weber", places, found))
    record = read_preflight(path)
    assert (record.backend, record.places, record.pairs) == ("qvm:weber", tuple(places), 4)
    assert record.factors == pytest.approx(found.damping.factors(), abs=1e-6)
    assert (record.errors[:, 0] == 0).all()
    f = record.factors[:, 1:]
    assert record.errors[:, 1:] == pytest.approx(np.sqrt((1 - f**2) / 1000), rel=0.05)


def test_the_first_pairs_are_taken_whatever_they_look_like(tmp_path):
    path = tmp_path / "weber.csv"
    places = read_pairs("3.4-3.3+1.4-2.4+4.9-4.8+1.6-2.6")
    path.write_text(preflight_table("qvm:weber", places, found_with(BAD)))
    record = read_preflight(path)
    three = record.first(3)
    assert three.places == tuple(places[:3])
    assert three.factors.tolist() == record.factors[:3].tolist()
    assert three.errors.tolist() == record.errors[:3].tolist()
    for wrong in (0, 5):
        with pytest.raises(ValueError, match="between 1 and the 4 pairs"):
            record.first(wrong)


def test_committed_records_are_read_and_agree_with_the_noise_that_was_simulated():
    record = read_preflight(FIGURES / "preflight" / "device_noise_weber.csv")
    assert record.backend == "qvm:weber"
    exact = open_virtual("qvm:weber").damping(record.pairs)
    assert record.places == tuple(pair_places(open_virtual("qvm:weber").place(record.pairs)))
    z = (record.factors - exact)[:, 1:] / record.errors[:, 1:]
    assert np.abs(z).max() < 4.5
    assert 0.7 < z.std() < 1.3


def test_a_dead_pair_is_read_too(tmp_path):
    path = tmp_path / "dead.csv"
    path.write_text(preflight_table("qsim", read_pairs("3.4-3.3"), found_with([[500, 950, 950]])))
    assert read_preflight(path).factors[0].tolist() == [1, 0, 0.9, 0.9]


def test_a_preflight_just_flown_is_read(tmp_path):
    run_preflight(open_virtual("qvm:rainbow"), 2, tmp_path / "now", 120)
    assert read_preflight(tmp_path / "now.csv").pairs == 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda text: "", "is no record of a preflight"),
        (lambda text: "a,b\n1,2\n", "is no record of a preflight"),
        (lambda text: text.splitlines()[0] + "\n", "holds no pair"),
        (lambda text: text.replace("3.4-3.3", "here"), "line 2 of .* does not read"),
        (lambda text: text.replace("0.92", "none"), "line 2 of .* does not read"),
        (lambda text: text[:-40], "was cut off in line 5"),
        (lambda text: text.replace("qvm:weber", "qvm:rainbow", 1), "does not match its check"),
        (lambda text: "".join(text.splitlines(keepends=True)[:-1]), "does not match its check"),
        (lambda text: "".join(text.splitlines(keepends=True)[:2]), "does not match its check"),
        (
            lambda text: "".join(text.splitlines(keepends=True)[i] for i in (0, 2, 1, 3, 4)),
            "line 2 of .* does not match its check",
        ),
        (lambda text: old(text).replace("qvm:weber", "qvm:rainbow", 1), "more than one backend"),
        (lambda text: old(text).replace("qvm:weber", "nowhere"), "unknown backend"),
        (lambda text: old(text).replace("qvm:weber", "qvm:../weber"), "no blanks, no slashes"),
        (lambda text: old(text).replace("1.4-2.4", "3.4-3.3"), "a qubit twice"),
        (lambda text: old(text).replace("1.4-2.4", "3.4-2.4"), "a qubit twice"),
        (
            lambda text: old(text).replace("1.4-2.4", "01.4-2.4"),
            r"pair must be written as 1\.4-2\.4",
        ),
        (lambda text: old(text).replace(",0.92,", ",5,"), "f_x must be a number from -1 to 1"),
        (lambda text: old(text).replace(",0.92,", ",nan,"), "f_x must be a number from -1 to 1"),
        (lambda text: old(text).replace(",0.92,", ",0.920,"), "must be a number of six digits"),
        (lambda text: old(text).replace(",0.92,", ", 0.92,"), "must be a number of six digits"),
        (lambda text: old(text).replace(",0.92,", ",0.925,"), "cost must be that of its factors"),
        (lambda text: old(text).replace(",0.7,0.9,", ",0.9,0.7,"), "fidelity must lie between"),
        (lambda text: old(text).replace(",0.7,", ",-0.7,"), "fidelity_low must be a number"),
        (lambda text: old(text).replace(",0\n", ",2\n", 1), "outlier must be one of 0, 1"),
        (lambda text: old(text).replace("\n", "\n\n", 1), "line 2 of .* must have the columns"),
        (lambda text: text.replace("\n", "\n" + "9" * 200_000 + "\n", 1), "must have the columns"),
        (lambda text: text.replace("qvm", "\0", 1), "line 2 of"),
    ],
)
def test_other_files_are_refused_in_a_line(tmp_path, change, reason):
    places = read_pairs("3.4-3.3+1.4-2.4+4.9-4.8+1.6-2.6")
    path = tmp_path / "changed.csv"
    path.write_text(change(preflight_table("qvm:weber", places, found_with(BAD))))
    with pytest.raises(ValueError, match=reason):
        read_preflight(path)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_places_that_are_not_those_of_the_pairs_are_refused(count):
    places = [((i, 0), (i, 1)) for i in range(count)]
    found = found_with(GOOD[:2])
    message = f"places must be those of the 2 pairs, not {count}"
    with pytest.raises(ValueError, match=message):
        preflight_table("qvm:rainbow", places, found)
    with pytest.raises(ValueError, match=message):
        list(preflight_lines(places, found))
