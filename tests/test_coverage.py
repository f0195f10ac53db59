"""The table of coverages, made by ``benchmarks/coverage.py``."""

import importlib.util
import sys
from pathlib import Path

import cirq
import numpy as np
import pytest
from scipy import stats

from quantum_advantage import measure_shadow
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.inference.shadows.expectations import setting_signs

PATH = Path(__file__).parents[1] / "benchmarks" / "coverage.py"


@pytest.fixture(scope="module")
def table():
    spec = importlib.util.spec_from_file_location("coverage_table", PATH)
    module = sys.modules["coverage_table"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    del sys.modules["coverage_table"]


SAMPLED = ("Purities from random bases", "Strings from random bases, several shots in each")


def rows_of(table):
    """The lines of the page by section and first cell, each a list of cells."""
    found, section = {}, ""
    for line in table.PAGE.read_text().splitlines():
        if line.startswith("## "):
            section = line[3:]
        elif line.startswith("| "):
            name, *cells = (cell.strip() for cell in line.strip("|").split("|"))
            found[section, name] = [cell.strip("*") for cell in cells]
    return found


def test_a_sample_of_the_cells_is_what_the_page_says(table):
    rows = rows_of(table)
    for shots in (10, 30, 100):
        column = table.SHOTS.index(shots)
        for value in (0.3, 0.948, 1.0):
            assert str(table.signs(shots, value)) == rows["Means of signs", f"{value:g}"][column]
        for weight in (1, 8):
            section = f"Strings of weight {weight}, a fresh random basis for every shot"
            assert str(table.string(shots, 0.6, weight)) == rows[section, "0.6"][column]
        section = "A sum with a term that is hardly ever hit"
        assert str(table.never_hit_sum(shots)) == rows[section, "1.5"][column]


def test_every_exact_cell_of_the_page_is_covered_and_not_too_wide(table):
    checked = 0
    for (section, _), cells in rows_of(table).items():
        if section.startswith(SAMPLED) or cells[0].startswith("T ="):
            continue
        for cell in cells[1:]:
            coverage, ratio = map(float, cell.split(" / "))
            assert coverage >= table.LEAST
            assert ratio <= table.MOST
            checked += 1
    assert checked == 5 * (7 + 4 * 7 + 1)


def test_purities_by_strings_from_thirty_fresh_bases_are_covered_and_not_too_wide(table):
    rows = rows_of(table)
    for case in table.STRING_CASES:
        if case[2] == 1:
            cells = rows["Purities from random bases, string by string", table.string_case(*case)]
            for column, shots in enumerate(table.SHOTS[:5]):
                coverage, ratio = map(float, cells[column].split(" / "))
                # Two standard deviations of the fewest records.
                assert shots < 30 or coverage >= table.LEAST - 2 * 0.25 / 200**0.5
                assert shots < 30 or ratio <= table.MOST


def test_strings_from_repeated_bases_are_covered_and_too_wide_only_near_zero(table):
    rows = rows_of(table)
    # Two standard deviations of 20,000 records.
    least = table.LEAST - 2 * (0.05 * 0.95 / table.REPEATED_RECORDS) ** 0.5
    for weight, value, times in table.REPEATED_CASES:
        name = f"weight {weight}, {times} shots in each basis, {value:g}"
        for cell in rows[SAMPLED[1], name]:
            coverage, ratio = map(float, cell.split(" / "))
            assert coverage >= least
            assert value == 0 or ratio <= table.MOST


def test_a_sample_of_the_repeated_bases_is_what_the_page_says(table):
    cells = rows_of(table)[SAMPLED[1], "weight 2, 10 shots in each basis, 0.6"]
    cell = table.repeated_string(100, 0.6, 2, 10)
    # The seeds are fixed; rounding may move a record at the edge of its interval.
    assert [cell.coverage, cell.ratio] == pytest.approx(
        [float(x) for x in cells[table.SHOTS.index(100)].split(" / ")], abs=0.01
    )


def test_the_kinds_of_repeated_settings_are_those_of_measured_ones(table):
    """The law that the page draws from, against a sampler: chi-square over minus signs in a hit."""
    qubits, settings, times, value = cirq.LineQubit.range(2), 3000, 3, 0.6
    tilted = cirq.Circuit(cirq.ry(np.arccos(value))(qubits[0]), cirq.I(qubits[1]))
    record = measure_shadow(tilted, cirq.Simulator(seed=1), settings * times, seed=2, times=times)
    string = PauliStrings.from_text("ZI")
    hits, signs = setting_signs(record, string.x[0], string.z[0])
    minus = np.rint((1 - signs[hits]) / 2 * times).astype(int)
    found = [*np.bincount(minus, minlength=times + 1), settings - hits.sum()]
    chances = stats.binom.pmf(np.arange(times + 1), times, (1 - value) / 2) / 3
    assert stats.chisquare(found, settings * np.array([*chances, 2 / 3])).pvalue > 1e-3


def test_a_sample_of_the_purities_by_strings_is_what_the_page_says(table):
    case = (1, 0.3, 1)
    cells = rows_of(table)["Purities from random bases, string by string", table.string_case(*case)]
    cell = table.purity_by_strings(100, *case)
    # The seeds are fixed; rounding may move a record at the edge of its interval.
    assert [cell.coverage, cell.ratio] == pytest.approx(
        [float(x) for x in cells[table.SHOTS.index(100)].split(" / ")], abs=0.01
    )


@pytest.mark.slow
def test_all_exact_cells_are_what_the_page_says(table):
    page = table.PAGE.read_text()
    assert "\n".join(table.exact_tables()) in page


@pytest.mark.slow
def test_purities_are_covered_as_the_page_says(table):
    rows = rows_of(table)
    for state, qubits, times in table.PURITY_CASES:
        kind = "pure product" if state == "pure" else "I/d"
        often = f"{times} shots in each basis" if times > 1 else "fresh bases"
        cells = rows["Purities from random bases", f"{kind}, k = {qubits}, {often}"]
        for column, shots in enumerate(table.SHOTS[1:4], start=1):
            cell = table.purity(shots, qubits, state, times)
            # The seeds are fixed; rounding may move a record at the edge of its interval.
            assert [cell.coverage, cell.ratio] == pytest.approx(
                [float(x) for x in cells[column].split(" / ")], abs=0.01
            )
