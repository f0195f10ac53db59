"""Commands that succeed, and commands that end with one line."""

import pytest

from quantum_advantage.cli import main


@pytest.fixture
def printed(capsys):
    """Runs a command that succeeds and returns what it prints."""

    def run(*arguments):
        assert main(arguments) == 0
        out, err = capsys.readouterr()
        assert err == ""
        return out

    return run


@pytest.fixture
def refused(capsys):
    """Runs a command that fails and returns its one line."""

    def run(*arguments):
        try:
            status = main(arguments)
        except SystemExit as ended:
            status = ended.code
        out, err = capsys.readouterr()
        assert status == 2
        assert out == ""
        assert err.startswith("quantum-advantage")
        assert err.count("\n") == 1
        return err

    return run
