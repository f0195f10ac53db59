"""Experiments and committed data, in a checkout and as the installed package holds them."""

import zipfile
from pathlib import Path

import pytest

from quantum_advantage.core.shipped import (
    PACKAGE,
    committed_data,
    experiment_scripts,
    package_modules,
    script_of,
)
from quantum_advantage.core.usage import UsageError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def installed(tmp_path):
    """A folder as the wheel holds it, beside other packages."""
    shipped = tmp_path / "site-packages" / "quantum_advantage" / "shipped"
    (shipped / "experiments").mkdir(parents=True)
    (shipped / "experiments" / "mine.py").write_text("")
    with zipfile.ZipFile(shipped / "data.zip", "w") as archive:
        archive.writestr("mine.csv", "a,b\n1,2\n")
    return shipped


def test_a_checkout_has_scripts_and_data_beside_the_package():
    assert set(experiment_scripts().values()) == set((ROOT / "experiments").glob("*.py"))
    with committed_data() as folder:
        assert folder == ROOT / "figures" / "data"
    assert (ROOT / "figures" / "data").is_dir()


def test_an_installed_package_has_them_inside_and_leaves_no_copy(installed):
    elsewhere = installed.parents[1]
    assert experiment_scripts(installed, elsewhere) == {
        "mine": installed / "experiments" / "mine.py"
    }
    with committed_data(installed, elsewhere) as folder:
        assert (folder / "mine.csv").read_text() == "a,b\n1,2\n"
        assert installed not in folder.parents
    assert not folder.exists()


def test_experiments_of_other_packages_are_not_taken_for_ours(tmp_path):
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "theirs.py").write_text("")
    (tmp_path / "figures" / "data").mkdir(parents=True)
    with pytest.raises(UsageError, match="holds no experiments"):
        experiment_scripts(tmp_path / "shipped", tmp_path)
    with (
        pytest.raises(UsageError, match="no committed data"),
        committed_data(tmp_path / "shipped", tmp_path),
    ):
        pass


def test_a_name_is_a_name_and_no_path():
    for name in ("../setup", "signs.py", "", str(ROOT / "experiments" / "signs.py")):
        with pytest.raises(UsageError, match="unknown experiment"):
            script_of(name)


def test_all_modules_of_a_checkout_are_the_package():
    assert package_modules() == sorted(PACKAGE.rglob("*.py"))
