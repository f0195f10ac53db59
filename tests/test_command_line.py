"""Every command that the documentation shows is understood, and every command is shown."""

import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest

from quantum_advantage.cli.listing import declared_experiments
from quantum_advantage.cli.parser import command_parser, subparsers_of
from quantum_advantage.experiment.options import parser_of

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
COMMAND = re.compile(r"^(?:\.venv/bin/)?quantum-advantage (.+)$", re.MULTILINE)
EXPERIMENTS = {e.name: e for e in declared_experiments()}
# Each as the words after the program's name, without a comment behind it.
SHOWN = sorted(
    {
        line.partition("#")[0].strip()
        for page in PAGES
        for block in re.findall(r"^```\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
        for line in COMMAND.findall(block)
    }
)
ROWS = re.findall(
    r"^\| `([\w -]+)` \| .+ \| `quantum-advantage (.+)` \|$",
    (ROOT / "docs" / "command_line.md").read_text(),
    re.MULTILINE,
)


def understand(text):
    args = command_parser().parse_args(shlex.split(text))
    if args.command == "run":
        parser_of(EXPERIMENTS[args.experiment]).parse_args(args.options)


@pytest.mark.parametrize("text", SHOWN)
def test_command_of_a_page_is_understood(text):
    understand(text)


@pytest.mark.parametrize(("command", "text"), ROWS)
def test_example_of_the_table_is_understood(command, text):
    assert text.startswith(command)
    understand(text)


def test_a_wrong_command_would_be_noticed():
    for text in ("bound --qubts 4", "run signs --quik", "shw bell"):
        with pytest.raises(SystemExit), contextlib.redirect_stderr(io.StringIO()):
            understand(text)
    assert len(SHOWN) >= 10


def test_every_command_has_a_row():
    assert {command.partition(" ")[0] for command, _ in ROWS} == set(subparsers_of())
