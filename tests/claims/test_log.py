import json
import os
import signal
import subprocess
import sys

import pytest

from quantum_advantage.claims.checking import Found, Setting
from quantum_advantage.claims.claim import Claim
from quantum_advantage.claims.log import append_log, identity_of, read_log
from quantum_advantage.claims.table import CLAIMS
from quantum_advantage.claims.verify import verify
from quantum_advantage.core import shipped
from quantum_advantage.core.files import check_of
from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.workers import process_pool

FOUND = Found("0.7 (0.6 to 0.8), λ = |1⟩", True)


def test_findings_are_read_back(tmp_path):
    log = tmp_path / "claims.log"
    assert read_log(log, "a") == {}
    append_log(log, "a", "first", FOUND)
    append_log(log, "a", "second", Found("-", False))
    assert read_log(log, "a") == {"first": FOUND, "second": Found("-", False)}


def test_a_log_of_something_else_is_begun_anew(tmp_path):
    log = tmp_path / "claims.log"
    append_log(log, "a", "first", FOUND)
    assert read_log(log, "b") == {}
    append_log(log, "b", "second", FOUND)
    assert read_log(log, "b") == {"second": FOUND}
    assert read_log(log, "a") == {}


def test_a_torn_line_is_cut_off(tmp_path):
    log = tmp_path / "claims.log"
    for name in ("first", "second"):
        append_log(log, "a", name, FOUND)
    whole = log.read_bytes()
    for cut in range(1, 30):
        log.write_bytes(whole[:-cut])
        assert read_log(log, "a") == {"first": FOUND}
        append_log(log, "a", "third", FOUND)
        assert read_log(log, "a") == {"first": FOUND, "third": FOUND}


@pytest.mark.parametrize(
    "line",
    ["", "poem", "[]", "[" * 50_000, '["a", {"value": "x", "met": true}]', '{"a": 1}', "null",
     '["first", {"value": "0.7 (0.6 to 0.8)", "met": true}, "0123456789abcdef"]',
     '["first", "second", "third"]'],
)  # fmt: skip
def test_a_line_of_another_form_is_named(tmp_path, line):
    log = tmp_path / "claims.log"
    append_log(log, "a", "first", FOUND)
    log.write_text(log.read_text() + line + "\n")
    with pytest.raises(UsageError, match=r"line 3 of .*claims.log is no finding") as caught:
        read_log(log, "a")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("old", "new"), [("0.7", "0.9"), ("true", "false"), ("first", "second")])
def test_an_edited_finding_is_named(tmp_path, old, new):
    log = tmp_path / "claims.log"
    append_log(log, "a", "first", FOUND)
    log.write_text(log.read_text().replace(old, new))
    with pytest.raises(UsageError, match=r"line 2 of .*claims.log is no finding"):
        read_log(log, "a")


def test_values_of_other_types_are_named_though_the_check_is_right(tmp_path):
    log = tmp_path / "claims.log"
    for found in ({"value": 1, "met": True}, {"value": "x", "met": 1}, {"value": "x"}, [], None):
        check = check_of({"claim": "first", "found": found})
        log.write_text(f"a\n{json.dumps(['first', found, check])}\n")
        with pytest.raises(UsageError, match=r"line 2 of .*claims.log is no finding"):
            read_log(log, "a")


def test_identity_depends_on_code_data_and_size(tmp_path, monkeypatch):
    data, code = tmp_path / "data", tmp_path / "code"
    data.mkdir()
    code.mkdir()
    monkeypatch.setattr(shipped, "PACKAGE", code)
    seen = {identity_of(Setting(data, quick)) for quick in (True, False)}
    for path in (data / "counts.csv", code / "pauli.py"):
        for text in ("1", "2"):
            path.write_text(text)
            seen.add(identity_of(Setting(data, True)))
    assert len(seen) == 6
    assert identity_of(Setting(data, True)) in seen


def test_an_interrupted_verification_goes_on(tmp_path):
    setting, log = Setting(tmp_path, True), tmp_path / "claims.log"
    calls = []

    def claim(name, stop=False):
        def check(setting):
            calls.append(name)
            if stop and calls.count(name) == 1:
                raise KeyboardInterrupt
            return Found(name, True)

        return Claim("1", name, "test", "criterion", check)

    claims = [claim("a"), claim("b", stop=True), claim("c")]
    with pytest.raises(KeyboardInterrupt):
        verify(setting, claims, log=log)
    resumed = verify(setting, claims, log=log)
    assert calls == ["a", "b", "b", "c"]
    assert [(v.value, v.outcome) for v in resumed] == [
        ("a", "pass"),
        ("b", "pass"),
        ("c", "pass"),
    ]
    # One that ended leaves nothing for the next.
    assert not log.exists()
    assert verify(setting, claims, log=log) == resumed
    assert calls == ["a", "b", "b", "c", "a", "b", "c"]


def test_workers_find_the_same_and_go_on_from_the_same_log(tmp_path):
    log = tmp_path / "claims.log"
    # A quarter of a second, no data, and a hundredth of a second.
    claims = [c for c in CLAIMS if "one Bell shot" in c.claim or c.number == "13"] + [CLAIMS[-1]]
    setting, told = Setting(tmp_path, True), []
    alone = verify(setting, claims)
    append_log(log, identity_of(setting), claims[0].claim, Found("known", True))
    executor = process_pool(2)
    try:
        together = verify(setting, claims, told.append, log, executor)
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
    assert told == together
    assert together[0].value == "known"
    assert [(v.claim, v.value, v.outcome) for v in together[1:]] == [
        (v.claim, v.value, v.outcome) for v in alone[1:]
    ]
    assert {v.outcome for v in alone} == {"pass", "no data"}
    assert not log.exists()


def test_no_two_rows_claim_the_same():
    assert len({c.claim for c in CLAIMS}) == len(CLAIMS)


SCRIPT = """
import sys, time
from quantum_advantage.core.endings import prepare_process
prepare_process()  # as the command does before anything is loaded
from quantum_advantage.claims import verify
from quantum_advantage.claims.checking import Found
from quantum_advantage.claims.claim import Claim
from quantum_advantage.cli import parser

def slow(setting):
    if sys.argv[1] == "killed":
        print("waiting", flush=True)
        time.sleep(60)
    return Found("2", True)

rows = (
    Claim("1", "first", "t", "c", lambda s: Found(sys.argv[1], True)),
    Claim("2", "second", "t", "c", slow),
)
verify.verify.__defaults__ = (rows, *verify.verify.__defaults__[1:])
sys.exit(parser.main(["verify", "--quick", "--workers", "1", "--out", sys.argv[2]]))
"""


@pytest.mark.parametrize(
    "how", [signal.SIGKILL, pytest.param(signal.SIGINT, marks=pytest.mark.slow)]
)
def test_a_killed_command_goes_on_where_it_was(tmp_path, how):
    (tmp_path / "data").mkdir()

    def start(word):
        return subprocess.Popen(
            [sys.executable, "-c", SCRIPT, word, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )

    with start("killed") as first:
        for line in first.stdout:
            if line == "waiting\n":
                break
        os.kill(first.pid, how)
    assert not (tmp_path / "claims.md").exists()
    with start("resumed") as second:
        text = second.stdout.read()
    assert second.returncode == 0
    # What was found before the kill was not looked for again.
    assert "first: killed" in text
    assert "second: 2" in text
    assert "| killed | pass |" in (tmp_path / "claims.md").read_text()
    assert [p.name for p in tmp_path.iterdir() if p.suffix == ".log"] == []
