"""The ``quantum-advantage`` command, a module a subcommand.

Each has ``add_parser``, which adds the subcommand to the program, and ``run``, which does its work.
"""

from quantum_advantage.cli.parser import main

__all__ = ["main"]
