import re
import subprocess
import sys

import pytest

from quantum_advantage.cli import main
from quantum_advantage.cli.listing import declared_experiments
from quantum_advantage.cli.parser import subparsers_of
from quantum_advantage.experiment.options import parser_of

COMMAND = [sys.executable, "-m", "quantum_advantage.cli"]
NAMES = (
    "demo",
    "list",
    "run",
    "show",
    "bound",
    "compare",
    "devices",
    "layout",
    "preflight",
    "characterise",
    "report",
    "certify",
    "seal",
    "audit",
    "verify",
    "replay",
    "plan",
    "completion",
)


@pytest.mark.parametrize(
    "arguments", [["nope"], ["bound", "--target", "1"], ["bound", "--alpha", "1"], ["show", "x"]]
)
def test_program_ends_with_status_2_and_one_line(arguments):
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stdout == ""
    assert re.match(r"quantum-advantage( bound| show)?: error: ", done.stderr)
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["demo"], "demo: stopped"),
        (["plan", "observables"], "plan: stopped"),
        (["verify"], "verify: stopped; what was found is kept, and the same command goes on from"),
        (
            ["preflight", "qvm:weber", "--pairs", "5"],
            "preflight: stopped; finished jobs of a real processor are",
        ),
        (
            ["characterise", "qvm:weber", "--layer", "cz", "--pairs", "5"],
            "characterise: stopped; finished jobs of a real processor",
        ),
    ],
)
def test_an_interrupted_command_says_what_it_keeps(arguments, line, monkeypatch, capsys):
    def interrupted(args):
        raise KeyboardInterrupt

    monkeypatch.setattr(f"quantum_advantage.cli.{arguments[0]}.run", interrupted)
    assert main(arguments) == 130
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith(f"quantum-advantage {line}")
    assert ("kept" in err) == (";" in line)


def test_unknown_command_is_named_with_the_known_ones(refused):
    line = refused("nope")
    for part in ("'nope'", *NAMES):
        assert part in line


@pytest.mark.parametrize("command", [[], *([name] for name in NAMES)])
def test_help_loads_the_standard_library_alone(command):
    code = (
        "import sys\n"
        "from quantum_advantage.cli import main\n"
        "try:\n"
        f"    main({[*command, '--help']})\n"
        "finally:\n"
        "    heavy = {'numpy', 'scipy', 'cirq', 'cirq_google', 'matplotlib'} & set(sys.modules)\n"
        "    print(sorted(heavy), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stdout.startswith("usage: quantum-advantage")
    assert done.stderr == "[]\n"


def test_command_alone_prints_its_help_and_version(capsys, printed):
    assert printed().startswith("usage: quantum-advantage")
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert re.fullmatch(r"quantum-advantage \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_near_match_of_a_command_is_offered(refused):
    line = refused("shw", "bell")
    assert "'shw'" in line
    assert "did you mean show?" in line


def test_near_match_of_an_option_is_offered_by_the_command_it_belongs_to(refused):
    line = refused("bound", "--qubts", "4")
    assert line.startswith("quantum-advantage bound: error: unrecognized arguments: --qubts 4")
    assert "did you mean --qubits?" in line


def test_command_alone_shows_three_examples_that_it_understands(printed):
    examples = re.findall(r"^  (quantum-advantage .+)$", printed(), re.MULTILINE)
    assert len(examples) == 3
    for line in examples:
        name, *arguments = line.split()[1:]
        subparsers_of()[name].parse_args(arguments)


PARSERS = subparsers_of() | {f"run {e.name}": parser_of(e) for e in declared_experiments()}


@pytest.mark.parametrize("name", PARSERS)
def test_every_option_says_what_it_means_and_its_default(name):
    for action in PARSERS[name]._actions:
        assert action.help, action
        takes_a_value = action.nargs != 0
        if takes_a_value and not action.required:
            assert "default" in action.help, action
        if takes_a_value and action.default is not None and "%(default)s" not in action.help:
            shown = action.default[0] if isinstance(action.default, tuple) else action.default
            assert str(shown) in action.help or action.dest in ("workers", "published", "options")
        if action.choices and not isinstance(action.choices, dict) and action.metavar:
            assert all(choice in action.help for choice in action.choices)
