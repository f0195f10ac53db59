from dataclasses import replace

import pytest

from quantum_advantage.claims.table import CLAIMS
from quantum_advantage.cli import main
from quantum_advantage.core.extras import MissingExtraError

VERIFY = "verify", "--quick", "--workers", "1"
NO_DATA = tuple(claim for claim in CLAIMS if claim.number == "13")


@pytest.fixture
def tested(monkeypatch):
    """Sets which claims the command tests; worker processes know those of the table alone."""

    def choose(claims):
        defaults = "quantum_advantage.claims.verify.verify.__defaults__"
        monkeypatch.setattr(defaults, (claims, print, None, None))

    return choose


def test_command_writes_the_table_and_ends_with_one_if_a_claim_fails(tmp_path, capsys, tested):
    (tmp_path / "data").mkdir()
    tested(CLAIMS[-1:])
    assert main([*VERIFY, "--out", str(tmp_path)]) == 0
    assert "in " in capsys.readouterr().out
    assert "same test passes" in (tmp_path / "claims.md").read_text()
    tested(NO_DATA)
    assert main([*VERIFY, "--out", str(tmp_path)]) == 1
    assert "no data" in capsys.readouterr().out


def test_command_leaves_the_checkout_alone_unless_asked(tmp_path, monkeypatch, tested):
    (tmp_path / "figures" / "data").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    tested(CLAIMS[-1:])
    assert main([*VERIFY]) == 0
    assert (tmp_path / "out" / "claims.md").is_file()
    assert not (tmp_path / "figures" / "claims.md").exists()
    assert main([*VERIFY, "--out", "figures"]) == 0
    assert (tmp_path / "figures" / "claims.md").is_file()


def test_without_a_folder_of_figures_the_committed_data_is_read(
    tmp_path, monkeypatch, capsys, tested
):
    monkeypatch.chdir(tmp_path)
    tested(NO_DATA)
    assert main([*VERIFY]) == 0
    assert "pass" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_claim_that_needs_an_optional_package_is_untested(tmp_path, monkeypatch, capsys, tested):
    (tmp_path / "data").mkdir()

    def needs_more(setting):
        raise MissingExtraError("this needs more: pip install it")

    tested((replace(CLAIMS[0], check=needs_more), CLAIMS[-1]))
    assert main([*VERIFY, "--out", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "untested" in out
    # The last line says why, and what to do about it.
    assert out.splitlines()[-1] == (
        "1 of 2 claims was not tested, for lack of an optional package: "
        "this needs more: pip install it"
    )
    table = (tmp_path / "claims.md").read_text()
    assert "1 of 2 tests" in table
    assert "1 were not tested" in table
    tested((replace(CLAIMS[0], check=needs_more),))
    assert main([*VERIFY, "--out", str(tmp_path)]) == 1


def test_workers_test_the_claims_of_the_table(tmp_path, capsys, tested):
    (tmp_path / "data").mkdir()
    tested((*NO_DATA, CLAIMS[-1]))
    assert main(["verify", "--quick", "--out", str(tmp_path), "--workers", "2"]) == 1
    first, second, last = capsys.readouterr().out.splitlines()
    assert first.startswith("no data   13        ")
    assert second.startswith(f"pass      1         {CLAIMS[-1].claim}")
    assert last == f"in {tmp_path / 'claims.md'}"


def test_a_folder_without_data_is_refused(tmp_path, capsys):
    assert main(["verify", "--out", str(tmp_path / "absent")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
