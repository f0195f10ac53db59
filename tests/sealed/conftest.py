"""Sealed runs that are played once."""

import pytest
from sealed_runs import play, terms


@pytest.fixture(scope="session")
def sealed(tmp_path_factory):
    """The files of a Bell run of 100 games at n = 10."""
    return play(tmp_path_factory.mktemp("sealed"))


@pytest.fixture(scope="session")
def sealed_single(tmp_path_factory):
    """The files of a run of single copies in random bases, 200 games at n = 2."""
    chosen = terms(protocol="local_pauli", qubits=2, games=200, copies=12)
    return play(tmp_path_factory.mktemp("sealed_single"), chosen)
