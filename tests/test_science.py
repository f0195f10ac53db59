"""The typeset proofs: the numbers that their pages state are those of the package."""

import math
import re
from pathlib import Path

import pytest

from quantum_advantage.bounds.any_measurement import LINES
from quantum_advantage.bounds.companion import photons_to_find_companion
from quantum_advantage.bounds.displacement import samples_without_entanglement
from quantum_advantage.bounds.hidden_pauli import copies_required
from quantum_advantage.bounds.noisy_copies import copies_required_with_noise
from quantum_advantage.bounds.paired_hits import hits_for
from quantum_advantage.bounds.sensor_array import least_separate_error
from quantum_advantage.bounds.stabiliser_bases import copies_required_in_stabiliser_bases
from quantum_advantage.bounds.time_reversal import uses_to_find_reversal
from quantum_advantage.measurements.displacement import added_noise
from quantum_advantage.tasks.observables.exact_adaptive import best_known_cost

FOLDER = Path(__file__).parent.parent / "docs" / "science"
QUBITS = 20
UNIT = 2**QUBITS + 1
TARGETS = (0.7, 0.9)
ROWS = {
    "one copy at a time, any measurement": lambda p: copies_required(p, qubits=QUBITS) / UNIT,
    "the same, by a proof that covers every α": lambda p: hits_for(2 * p - 1, 0.9),
    "one copy at a time, stabiliser bases": lambda p: (
        copies_required_in_stabiliser_bases(p, qubits=QUBITS) / UNIT
    ),
    "knows one string beforehand: is it hidden at all?": lambda p: (
        copies_required(p, qubits=QUBITS, game="one") / UNIT
    ),
}


def stated(page, name):
    """The two numbers in the row of a table."""
    (row,) = re.findall(rf"^\| {re.escape(name)} \| (\S+) \| (\S+) \|", page, re.MULTILINE)
    return [float(cell) for cell in row]


@pytest.mark.parametrize("name", ROWS)
def test_bounds_of_the_table_are_those_of_the_package(name):
    page = (FOLDER / "index.md").read_text()
    assert stated(page, name) == pytest.approx([ROWS[name](p) for p in TARGETS], abs=6e-4)


def test_best_protocol_of_the_page_is_that_of_the_package():
    best = [f"{best_known_cost(p, 0.9, 'two'):.3f}" for p in TARGETS]
    assert (
        f"The best protocol known needs {best[0]} and {best[1]}."
        in (FOLDER / "index.md").read_text()
    )


def test_certificates_of_the_page_are_those_of_the_package():
    page = (FOLDER / "any_measurement.md").read_text()
    for line, target in zip(LINES, ("70 %", "90 %"), strict=True):
        assert stated(page, f"for {target}") == [float(line.cost), float(line.offset)]


def test_cost_of_noise_is_that_of_the_package():
    noisy, clean = (
        copies_required_with_noise(0.7, qubits=QUBITS, kept=kept) for kept in (0.98, 1.0)
    )
    assert f"costs a factor of {noisy / clean:.2f} at n = 20" in (FOLDER / "noise.md").read_text()


def test_uses_of_an_evolution_are_those_of_the_package():
    uses = uses_to_find_reversal(0.7, qubits=40) / 2**20
    assert f"70 % needs ${uses:.3f}\\cdot2^{{n/2}}$" in (FOLDER / "time_reversal.md").read_text()


def test_error_of_separate_sensors_is_that_of_the_package():
    page = (FOLDER / "sensor_array.md").read_text()
    few, none = (least_separate_error(shots, sensors=4) for shots in (1000, 0))
    assert f"error is at least {few:.3f}. The answer 0, without a shot, has\n{none:.3f}." in page


def test_photons_to_find_a_companion_are_those_of_the_package():
    photons = photons_to_find_companion(0.95, qubits=QUBITS, share=0.01, overlap=0.5)
    page = (FOLDER / "companion.md").read_text()
    assert f"n = {QUBITS} takes at least {math.floor(photons)} photons" in page


def test_samples_of_displaced_light_are_those_of_the_package():
    page = (FOLDER / "displacement.md").read_text()
    modes, kappa, error = 40, 0.5, 0.2
    bound = samples_without_entanglement(modes, kappa=kappa, error=error)
    assert f"the published bound is {bound:.2g} samples" in page
    pairs = 3 / error**2 * math.exp(2 * added_noise(10) * kappa * modes)
    assert f"Pairs of 10 dB need {math.ceil(pairs)} by the theorem" in page


def test_every_page_of_proofs_proves_something():
    pages = sorted(set(FOLDER.glob("*.md")) - {FOLDER / "index.md"})
    listed = (FOLDER / "index.md").read_text()
    assert len(pages) >= 6
    for page in pages:
        text = page.read_text()
        assert f"\n{page.stem}\n" in listed
        assert text.count("∎") >= text.count(":::{admonition}") > 0
