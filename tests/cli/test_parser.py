import re
import subprocess
import sys

import pytest

from quantum_advantage.cli import main

COMMAND = [sys.executable, "-m", "quantum_advantage.cli"]
NAMES = (
    "demo",
    "show",
    "bound",
    "compare",
    "devices",
    "layout",
    "preflight",
    "report",
    "certify",
    "seal",
    "audit",
    "verify",
    "replay",
    "plan",
)


@pytest.mark.parametrize(
    "arguments", [["nope"], ["bound", "--target", "1"], ["bound", "--alpha", "1"], ["show", "x"]]
)
def test_program_ends_with_status_2_and_one_line(arguments):
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stdout == ""
    assert re.match(r"quantum-advantage( bound)?: error: ", done.stderr)
    assert done.stderr.count("\n") == 1


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
