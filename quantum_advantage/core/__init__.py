"""What everything stands on: Pauli strings, statistics, names, values, files."""
