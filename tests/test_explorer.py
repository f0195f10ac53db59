"""The explorer of the documentation, in a browser, against the package's own numbers."""

import html
import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
from browser import browser_works, keyboard_page, shown_by_browser

from quantum_advantage.backends.simulators.noise import bell_damping
from quantum_advantage.bounds.any_measurement import LINES
from quantum_advantage.bounds.hidden_pauli import copies_required
from quantum_advantage.tasks.observables.exact_adaptive import best_known_cost
from quantum_advantage.tasks.observables.forecast import bell_copies

FRAGMENT = Path(__file__).parent.parent / "docs" / "explorer.html"
NAMES = ("n", "readout", "gate", "alpha", "target")
START = (20, 0.02, 0.01, 0.9, 0.7)
SETTINGS = [
    START,
    (1, 0, 0, 0.9, 0.7),
    (2, 0.001, 0, 0.5, 0.55),
    (7, 0, 0.013, 0.91, 0.83),
    (13, 0.037, 0.004, 0.37, 0.62),
    (20, 0.2, 0.1, 0.99, 0.95),
    (29, 0.011, 0.007, 0.1, 0.66),
    (38, 0.063, 0.021, 0.72, 0.91),
    (41, 0.005, 0.003, 0.95, 0.95),
    (50, 0.2, 0.1, 0.1, 0.95),
    (50, 0.008, 0.002, 0.89, 0.75),
]
NARROW = 360  # CSS pixels
# Sets the sliders to each setting in turn, as a person would, and keeps what the page then shows.
DRIVER = """
<script>
(async () => {
  const told = { errors: [], shown: [] }, names = %s;
  addEventListener("error", (event) => told.errors.push(event.message));
  for (const kind of ["error", "warn"]) console[kind] = (text) => told.errors.push(String(text));
  const pause = () => new Promise((done) => setTimeout(done, 400));
  for (const setting of %s) {
    names.forEach((name, i) => {
      document.getElementById(name).value = setting[i];
      document.getElementById(name).dispatchEvent(new Event("input", { bubbles: true }));
    });
    const curves = ["bell", "clean", "best", "bound"];
    told.shown.push({
      copies: curves.map((name) => document.getElementById(name).value),
      row: document.querySelectorAll("#all tr")[setting[0] - 1].textContent,
      bell: document.getElementById("bell").textContent,
    });
  }
  await pause();
  told.said = document.getElementById("said").textContent;
  told.title = document.getElementById("chart-words").textContent;
  const slider = document.getElementById("n");
  slider.focus();
  told.focused = document.activeElement === slider && getComputedStyle(slider).display !== "none";
  told.labels = [...document.querySelectorAll("input")].map((input) => input.labels.length);
  told.values = names.map((name) => document.getElementById(name).getAttribute("aria-valuetext"));
  document.querySelector("button[type=reset]").click();
  await pause();
  told.reset = names.map((name) => Number(document.getElementById(name).value));
  const frame = document.createElement("iframe");
  frame.width = %d;
  frame.srcdoc = %s;
  document.body.append(frame);
  await new Promise((done) => { frame.onload = done; });
  const { documentElement: inside } = frame.contentDocument;
  told.narrow = [inside.clientWidth, inside.scrollWidth];
  const all = document.createElement("pre");
  all.id = "told";
  all.textContent = JSON.stringify(told);
  document.body.append(all);
})();
</script>
"""


def whole_page():
    return (
        '<!DOCTYPE html><html lang="en"><meta charset="utf-8">'
        f"<title>Explorer</title><body>{FRAGMENT.read_text()}"
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder for a browser; without one the tests that ask for it are skipped."""
    found = tmp_path_factory.mktemp("browser")
    if not browser_works(found):
        pytest.skip("there is no Chromium to open the page")
    return found


@pytest.fixture(scope="module")
def told(folder):
    """What the page said in a browser."""
    page = whole_page()
    inner = json.dumps(page).replace("</", r"<\/")
    driver = DRIVER % (json.dumps(NAMES), json.dumps(SETTINGS), NARROW, inner)
    shown = shown_by_browser(page + driver, folder)
    (found,) = re.findall(r'<pre id="told">(.*?)</pre>', shown, re.DOTALL)
    return json.loads(html.unescape(found))


def expected(n, readout, gate, alpha, target):
    """Copies of Bell measurements with and without noise, the best known protocol and the bound."""
    noisy = np.tile(bell_damping(gate, readout), (n, 1))
    return [
        bell_copies(target, noisy, alpha),
        bell_copies(target, np.ones((n, 4)), alpha),
        best_known_cost(target, alpha, "two") * (2**n + 1),
        copies_required(target, qubits=n, alpha=alpha),
    ]


def test_explorer_makes_no_request():
    text = FRAGMENT.read_text()
    for word in ("http:", "https:", "src=", "url(", "fetch(", "import ", "XMLHttpRequest"):
        assert word not in text


def test_explorer_has_the_certificates_of_the_package():
    lines = [[float(line.offset), float(line.cost), float(line.alpha)] for line in LINES]
    assert f"LINES = {json.dumps(lines)};" in FRAGMENT.read_text()


@pytest.mark.parametrize("i", range(len(SETTINGS)))
def test_explorer_shows_the_copies_of_the_package(told, i):
    shown = [float(value) for value in told["shown"][i]["copies"]]
    assert shown == pytest.approx(expected(*SETTINGS[i]), rel=0.01)


def test_explorer_has_a_setting_that_noise_makes_hopeless(told):
    hopeless = [math.isinf(float(shown["copies"][0])) for shown in told["shown"]]
    assert any(hopeless)
    assert not all(hopeless)


def test_explorer_writes_the_same_into_both_tables(told):
    for shown, (n, *_) in zip(told["shown"], SETTINGS, strict=True):
        assert shown["row"].startswith(f"{n}{shown['bell']}")


def test_explorer_logs_no_errors(told):
    assert told["errors"] == []


def test_explorer_can_be_used_with_keyboard_and_screen_reader(told):
    assert told["focused"]
    assert told["labels"] == [1] * len(NAMES)
    assert told["values"] == ["50", "0.8 %", "0.2 %", "0.89", "75 %"]
    assert told["said"].startswith("At n = 50 your chip needs")
    assert told["title"] == told["said"]
    assert told["reset"] == list(START)


def test_explorer_fits_on_a_phone(told):
    inner, needed = told["narrow"]
    assert inner >= NARROW - 30
    assert needed <= inner


# All that a reader may watch: the slider's own words, the sentence, and what is drawn.
STATE = """(async () => {
  const slider = document.activeElement, words = (id) => document.getElementById(id).textContent;
  // The sentence waits until the slider stops; the description of the chart does not.
  for (let k = 0; k < 100 && words("said") !== words("chart-words"); k++) {
    await new Promise((done) => setTimeout(done, 10));
  }
  return [slider.value, slider.getAttribute("aria-valuetext"), words("said"),
    document.getElementById("drawn").innerHTML];
})()"""


def test_every_control_is_reached_by_tab_and_changed_by_keys(folder):
    with keyboard_page(whole_page(), folder) as page:
        for name, start in zip(NAMES, START, strict=True):
            page.press("Tab")
            assert page.read("document.activeElement.id") == name
            assert page.read("document.activeElement.matches(':focus-visible')")
            before = page.read(STATE)
            page.press("ArrowRight")
            after = page.read(STATE)
            assert float(before[0]) == start
            assert float(after[0]) > start
            # One step of one slider is said, and seen.
            assert all(new != old for new, old in zip(after, before, strict=True))
            page.press("ArrowLeft")
            assert page.read("document.activeElement.value") == before[0]
        page.press("End")
        assert page.read("document.activeElement.value === document.activeElement.max")
        page.press("Tab")
        assert page.read("document.activeElement.type") == "reset"
        page.press("Enter")
        values = "[...document.querySelectorAll('input')].map((input) => Number(input.value))"
        assert page.read(values) == list(START)
        page.press("Tab")
        assert page.read("document.activeElement.tagName") == "SUMMARY"
        page.press("Enter")
        assert page.read("document.querySelector('details').open")
