"""Simulators by name: a module is the simulator of its name, see ``backends.names.Simulator``."""
