"""How copies are measured: Pauli bases and stabiliser bases (one copy), Bell basis (two copies)."""
