import pytest
from foreign import install

from quantum_advantage.core.plugins import entry_points, foreign_names, load_foreign
from quantum_advantage.core.usage import UsageError

GROUP = "quantum_advantage.trials"


@pytest.fixture(autouse=True)
def _forget():
    entry_points.cache_clear()
    yield
    entry_points.cache_clear()


def test_what_a_package_brings_is_loaded_by_its_name(tmp_path, monkeypatch):
    entries = {GROUP: {"seven": "my_trials:SEVEN"}}
    install(tmp_path, monkeypatch, "mine", entries, my_trials="SEVEN = 7")
    assert foreign_names(GROUP) == ("seven",)
    assert load_foreign(GROUP, "seven") == 7


def test_nothing_is_brought_where_nobody_does():
    assert foreign_names(GROUP) == ()


def test_one_name_of_two_packages_is_refused_with_both_when_it_is_used(tmp_path, monkeypatch):
    for package in ("mine", "yours"):
        (tmp_path / package).mkdir()
        install(tmp_path / package, monkeypatch, package, {GROUP: {"seven": f"{package}:SEVEN"}})
    assert foreign_names(GROUP) == ("seven",)
    with pytest.raises(UsageError, match=r"^package mine cannot bring 'seven' .* yours brings$"):
        load_foreign(GROUP, "seven")


@pytest.mark.parametrize("value", ["nowhere:SEVEN", "my_trials:EIGHT", "broken:SEVEN"])
def test_what_cannot_be_loaded_is_one_line_with_its_package(tmp_path, monkeypatch, value):
    modules = {"my_trials": "SEVEN = 7", "broken": "import nonesuch"}
    install(tmp_path, monkeypatch, "mine", {GROUP: {"seven": value}}, **modules)
    with pytest.raises(UsageError, match=r"^package mine cannot bring 'seven' in .*$"):
        load_foreign(GROUP, "seven")


def test_a_bug_of_a_package_keeps_its_traceback(tmp_path, monkeypatch):
    install(tmp_path, monkeypatch, "mine", {GROUP: {"a": "faulty:A"}}, faulty="A = 1 / 0")
    with pytest.raises(ZeroDivisionError):
        load_foreign(GROUP, "a")


def test_a_name_that_is_taken_is_refused(tmp_path, monkeypatch):
    install(tmp_path, monkeypatch, "mine", {GROUP: {"law": "my_trials:SEVEN"}})
    with pytest.raises(UsageError, match=r"package mine cannot bring 'law' .* of the exact law"):
        load_foreign(GROUP, "law", "the exact law")
