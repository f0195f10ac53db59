"""The gallery: a page for each figure, readable, with commands that the scripts understand."""

import importlib.util
import re
from pathlib import Path
from string import ascii_lowercase
from types import ModuleType

import pytest

from quantum_advantage.experiment.options import parser_of, read_options

ROOT = Path(__file__).parent.parent
GALLERY = ROOT / "docs" / "gallery"
INDEX = GALLERY / "README.md"
PAGES = sorted(set(GALLERY.glob("*.md")) - {INDEX})
NAMES = {path.stem for path in (ROOT / "figures").glob("*.png")}
SCRIPTS = {path.stem for path in (ROOT / "experiments").glob("*.py")} | {"concept"}
HEADINGS = [
    *("What it shows", "How to read it", "What it does not show"),
    *("Make it", "Data", "Sources"),
]
LEAST_ALT = 40  # characters
NUMBERS = ("One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
COUNTS = {number: count for count, number in enumerate(NUMBERS, start=1)}
MOST_WORDS = 35  # in a sentence
COMMAND = re.compile(r"^\.venv/bin/python (\S+)(.*)$", re.MULTILINE)

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
each_file = pytest.mark.parametrize("page", [INDEX, *PAGES], ids=lambda path: path.stem)


def sentences(text: str) -> list[str]:
    """Splits Markdown into sentences; a heading, a list item and an alt text end one."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"!\[([^\]]*)\]\([^)]*\)", r"\n\n\1\n\n", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).replace("**", "")
    blocks = re.split(r"\n\s*\n|\n(?=\s*[-#|])", text)
    return [s for block in blocks for s in re.split(r"(?<=[.!?])\s+(?=[^a-z])", block.strip())]


def module_of(script: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"shown_{script.stem}", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def figures_of(script: Path) -> set[str]:
    draw = module_of(script).draw
    return set(draw) if isinstance(draw, dict) else {script.stem}


def test_splitter_finds_long_sentences():
    long = " ".join(["word"] * 40)
    assert [len(s.split()) for s in sentences(f"# Short\n- One, 0.5 of it. Two.\n\n{long}.")] == [
        *(2, 5, 1, 40),
    ]
    assert max(len(s.split()) for s in sentences(f"![{long}](a.png)")) == 40


def test_every_figure_has_a_page_and_a_place_in_the_index():
    assert {page.stem for page in PAGES} == NAMES >= SCRIPTS
    linked = re.findall(r"^- \[[^\]]+\]\((\w+)\.md\)", INDEX.read_text(), re.MULTILINE)
    assert sorted(linked) == sorted(NAMES)


@each_page
def test_page_has_all_sections(page):
    assert re.findall(r"^## (.+)$", page.read_text(), re.MULTILINE) == HEADINGS
    assert page.read_text().startswith("# ")


@each_page
def test_page_shows_its_figure_with_words_for_those_who_cannot_see_it(page):
    ((alt, target),) = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", page.read_text())
    assert target == f"../../figures/{page.stem}.png"
    assert (page.parent / target).is_file()
    assert len(alt) >= LEAST_ALT
    panels = COUNTS.get(alt.split()[0], 1) if re.match(r"\w+ panels", alt) else 1
    if panels > 1:
        # "Panel a: ...", "Panels c and d: ...".
        named = re.findall(r"Panels? ([a-z](?:, [a-z])*(?: and [a-z])?)\b", alt)
        letters = set(re.findall(r"\b[a-z]\b", " ".join(named)))
        assert letters == set(ascii_lowercase[:panels])


@each_file
def test_every_relative_link_leads_somewhere(page):
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text())
    assert links
    assert [link for link in links if not (page.parent / link).exists()] == []


@each_file
def test_no_sentence_is_long(page):
    long = [s for s in sentences(page.read_text()) if len(s.split()) > MOST_WORDS]
    assert not long


@each_page
def test_commands_are_understood_by_their_scripts(page):
    commands = COMMAND.findall(page.read_text())
    assert commands
    for path, options in commands:
        script = ROOT / path
        assert script.is_file()
        if page.stem == "concept":
            assert not options
            continue
        assert page.stem in figures_of(script)
        experiment = module_of(script).EXPERIMENT
        read_options(experiment, parser_of(experiment).parse_args(options.split()))


@each_page
def test_stated_time_is_that_of_the_script(page):
    script = ROOT / "experiments" / f"{page.stem}.py"
    times = [str(module_of(script).EXPERIMENT.seconds)] if script.is_file() else []
    stated = re.findall(r"^About (\d+) seconds in the default size", page.read_text(), re.MULTILINE)
    assert stated == times
