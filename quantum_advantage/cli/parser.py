"""The ``quantum-advantage`` command. At import it needs the standard library alone."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from quantum_advantage.cli import (
    audit,
    bound,
    certify,
    characterise,
    compare,
    completion,
    demo,
    devices,
    layout,
    listing,
    plan,
    preflight,
    replay,
    report,
    run,
    seal,
    show,
    verify,
)
from quantum_advantage.core.arguments import OneLineParser
from quantum_advantage.core.endings import prepare_process, run_to_its_end

ABOUT = "How many copies does a learner need, with and without a quantum memory?"
EXAMPLES = """\
examples:
  quantum-advantage demo
  quantum-advantage run predicting_observables --quick
  quantum-advantage plan observables --backend qvm:weber --qubits 20

quantum-advantage COMMAND --help explains a command."""
STOPPED = "stopped"
# In the order in which the help lists them.
COMMANDS = (
    demo,
    listing,
    run,
    show,
    bound,
    compare,
    devices,
    layout,
    preflight,
    characterise,
    report,
    certify,
    seal,
    audit,
    verify,
    replay,
    plan,
    completion,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit status."""
    prepare_process()
    parser = command_parser()
    args = parser.parse_args(arguments)
    if args.command is None:
        parser.print_help()
        return 0
    stopped = getattr(args, "stopped", STOPPED)
    return run_to_its_end(f"{parser.prog} {args.command}", lambda: args.run(args) or 0, stopped)


def command_parser() -> OneLineParser:
    """Returns the parser with all subcommands."""
    parser = OneLineParser(
        prog="quantum-advantage",
        description=ABOUT,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    told = "show program's version number and exit"
    parser.add_argument(
        "--version", action=_ShowVersion, nargs=0, default=argparse.SUPPRESS, help=told
    )
    _add_commands(parser)
    return parser


def subparsers_of() -> dict[str, OneLineParser]:
    """Returns the parsers of all subcommands, by name.

    Example:
        >>> list(subparsers_of())[:3]
        ['demo', 'list', 'run']
    """
    return dict(_add_commands(OneLineParser()).choices)


def _add_commands(parser: OneLineParser) -> argparse._SubParsersAction[OneLineParser]:
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for command in COMMANDS:
        command.add_parser(commands)
    return commands


class _ShowVersion(argparse.Action):
    """Writes the version, which is looked up no earlier."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        sys.stdout.write(f"{parser.prog} {_version()}\n")
        parser.exit()


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("quantum-advantage")
    except PackageNotFoundError:
        return "not installed"
