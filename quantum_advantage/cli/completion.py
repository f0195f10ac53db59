"""``quantum-advantage completion``: a script that makes a shell complete the command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import Any

SHELLS = "bash", "zsh"
# Names of files are completed where nothing else fits.
SCRIPT = """\
_quantum_advantage() {{
    local words
    case "${{COMP_WORDS[1]}}" in
{cases}
    esac
    if [ "$COMP_CWORD" -eq 1 ]; then words="{commands} --help --version"; fi
    COMPREPLY=($(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -o default -F _quantum_advantage quantum-advantage
"""
ZSH = "autoload -U +X bashcompinit && bashcompinit\n"


def add_parser(commands: Any) -> None:
    """Adds the command and its arguments."""
    completion = commands.add_parser(
        "completion", help="print a script that makes a shell complete this command"
    )
    completion.add_argument(
        "shell", choices=SHELLS, help='as in eval "$(quantum-advantage completion bash)"'
    )
    completion.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Prints the script."""
    from quantum_advantage.cli.parser import subparsers_of

    words = {name: list(_words(parser)) for name, parser in subparsers_of().items()}
    words["run"] += _words_of_experiments()
    cases = "\n".join(f'        {name}) words="{" ".join(w)}" ;;' for name, w in words.items())
    script = SCRIPT.format(cases=cases, commands=" ".join(words))
    sys.stdout.write(ZSH + script if args.shell == "zsh" else script)


def _words(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yields the long options of a command, and the choices of its arguments."""
    for action in parser._actions:
        yield from (option for option in action.option_strings if option.startswith("--"))
        if not action.option_strings:
            yield from action.choices or ()


def _words_of_experiments() -> list[str]:
    """Returns the names of the experiments, and the options that they share."""
    from quantum_advantage.cli.listing import declared_experiments
    from quantum_advantage.experiment.options import parser_of

    known = declared_experiments()
    options = set.intersection(*(set(_words(parser_of(e))) for e in known))
    return [*(e.name for e in known), *sorted(options - {"--help"})]
