"""Benchmarks whose parts print tables, all of them or those that are named."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping

Parts = Mapping[str, Callable[[], Iterator[str]]]


def print_tables(description: str, parts: Parts) -> None:
    """Prints the parts that the command line names, by default all.

    Args:
        description: What the help says.
        parts: The lines of every part, by its name.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("parts", nargs="*", choices=[*parts, []], help="default: all")
    for part in parser.parse_args().parts or parts:
        for line in parts[part]():
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
        sys.stdout.write("\n")
