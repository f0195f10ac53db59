"""The ``quantum-advantage`` command. At import it needs the standard library alone."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from quantum_advantage.cli import (
    audit,
    bound,
    certify,
    compare,
    demo,
    devices,
    layout,
    plan,
    preflight,
    replay,
    report,
    seal,
    show,
    verify,
)
from quantum_advantage.core.arguments import OneLineParser
from quantum_advantage.core.endings import prepare_process, run_to_its_end

ABOUT = "How many copies does a learner need, with and without a quantum memory?"
STOPPED = "stopped; what was finished is kept"
# In the order in which the help lists them.
COMMANDS = (
    demo,
    show,
    bound,
    compare,
    devices,
    layout,
    preflight,
    report,
    certify,
    seal,
    audit,
    verify,
    replay,
    plan,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit status."""
    prepare_process()
    parser = command_parser()
    args = parser.parse_args(arguments)
    if args.command is None:
        parser.print_help()
        return 0
    return run_to_its_end(parser.prog, lambda: args.run(args) or 0, STOPPED)


def command_parser() -> OneLineParser:
    """Returns the parser with all subcommands."""
    parser = OneLineParser(prog="quantum-advantage", description=ABOUT)
    parser.add_argument("--version", action="version", version=f"%(prog)s {_version()}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for command in COMMANDS:
        command.add_parser(commands)
    return parser


def _version() -> str:
    try:
        return version("quantum-advantage")
    except PackageNotFoundError:
        return "not installed"
