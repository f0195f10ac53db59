"""The ``quantum-advantage`` command, a module for each subcommand's work."""

from quantum_advantage.cli.parser import main

__all__ = ["main"]
