"""A whole sealed run in three processes, and runs in which something goes wrong."""

import io
import json
import os
import stat
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import pytest
from sealed_runs import SECRET, chain_of, play, terms, values_of

import quantum_advantage
from quantum_advantage.core.usage import UsageError
from quantum_advantage.sealed.auditor import KINDS, NAMES, audit, canonical, read_folder, report
from quantum_advantage.sealed.messages import SEED, compose
from quantum_advantage.sealed.seal import Role, referee, seal


def test_three_processes_play_a_run_that_passes(tmp_path):
    told = []
    chain = seal(
        terms(games=60), tmp_path / "run", tmp_path / "private", seed=SECRET,
        witness=lambda kind, digest: told.append((kind, digest)),
    )  # fmt: skip
    files = read_folder(tmp_path / "run")
    assert told == [*zip(KINDS, [m.digest for m in chain_of(files)], strict=True)]
    assert chain == chain_of(files)
    finding = audit(files, [digest for _, digest in told])
    assert not finding.fault
    assert finding.witnessed == KINDS
    for role in ("nature", "learner"):
        home = tmp_path / "private" / role
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        # Both have kept what they saw.
        assert {n: (home / n).read_bytes() for n in NAMES[:7]} == {n: files[n] for n in NAMES[:7]}
    assert (tmp_path / "private" / "nature" / SEED).read_text() == SECRET.hex()
    assert not (tmp_path / "private" / "learner" / SEED).exists()
    # With the same seed the copies and the outcomes are the same in one process.
    again = values_of(play(tmp_path / "again", terms(games=60)))
    assert [m.values["outcomes"] for m in chain[2:3]] == [again[2]["outcomes"]]


# Whatever a role imports is loaded and used once by root, who can read all of it; then the process
# becomes another user's.
ROLE = """
import os, sys, tempfile
from pathlib import Path
from sealed_runs import play, terms
from quantum_advantage.sealed import learner, nature
from quantum_advantage.sealed.messages import run_role
from quantum_advantage.sealed.seal import Role, referee

user, role, home = int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
with tempfile.TemporaryDirectory() as folder:
    play(Path(folder), terms(games=4))
forbidden = sys.argv[4].split(":")
os.setgroups([])
os.setresgid(user, user, user)
os.setresuid(user, user, user)

def try_to_look():
    for place in forbidden:
        for what in (lambda: os.listdir(place), lambda: open(place + "/seed.txt"),
                     lambda: open(place + "/1-terms.json"), lambda: open(place + "/new", "w")):
            try:
                what()
            except PermissionError:
                continue
            sys.exit(place + " can be read or written by the " + role)

try_to_look()
if role == "nature":
    status = run_role(role, lambda: nature.authors(str(home), sys.argv[5]))
elif role == "learner":
    status = run_role(role, lambda: (home, learner.AUTHORS))
else:
    ends = [open(int(n), mode) for n, mode in zip(sys.argv[5:], ("wb", "rb", "wb", "rb"))]
    roles = {"nature": Role(ends[0], ends[1]), "learner": Role(ends[2], ends[3])}
    referee(roles, home, lambda kind, digest: None)
    status = 0
try_to_look()
sys.exit(status)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can play the three roles as three users")
def test_three_users_play_a_run_and_cannot_read_each_others_folders():
    users = {"nature": 21_001, "learner": 21_002, "referee": 21_003}
    with tempfile.TemporaryDirectory(prefix="sealed") as name:
        Path(name).chmod(0o755)
        homes = {role: Path(name) / role for role in users}
        for role, home in homes.items():
            home.mkdir(mode=0o700)
            os.chown(home, users[role], users[role])
        roots = [str(Path(__file__).parents[1]), str(Path(quantum_advantage.__file__).parents[1])]

        def started(role, *arguments, **more):
            others = ":".join(str(homes[other]) for other in users if other != role)
            given = [str(users[role]), role, str(homes[role]), others, *arguments]
            environment = {**os.environ, "PYTHONPATH": ":".join(roots)}
            return subprocess.Popen([sys.executable, "-c", ROLE, *given], env=environment, **more)

        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        nature = started("nature", json.dumps(asdict(terms(games=40))), **pipes)
        learner = started("learner", **pipes)
        ends = [end.fileno() for p in (nature, learner) for end in (p.stdin, p.stdout)]
        judge = started("referee", *map(str, ends), pass_fds=ends)
        for process in (nature, learner):
            process.stdin.close()
            process.stdout.close()
        assert [p.wait(300) for p in (judge, nature, learner)] == [0, 0, 0]
        finding = audit(read_folder(homes["referee"]))
        assert not finding.fault
        assert len(finding.chain) == len(KINDS)
        for role, home in homes.items():
            assert {path.stat().st_uid for path in home.iterdir()} == {users[role]}


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "run").mkdir()
    with pytest.raises(UsageError, match="takes a new folder"):
        seal(terms(), tmp_path / "run", tmp_path / "private")
    assert not (tmp_path / "private").exists()
    (tmp_path / "private").mkdir()
    with pytest.raises(UsageError, match="takes a new folder"):
        seal(terms(), tmp_path / "other", tmp_path / "private")
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"task": "observables:game=one"}, "game=two"),
        ({"task": "processes"}, "observables"),
        ({"task": "purity"}, "observables"),
        ({"task": "observables:alpha=1e-20"}, "task must look like"),
        ({"protocol": "memory:qubits=2"}, "bell or local_pauli"),
        ({"copies": 3}, "shots must be whole"),
        ({"games": 10**6}, "games must look like"),
        ({"backend": "nowhere"}, "unknown backend"),
        ({"confidence": "0.3"}, "confidence"),
    ],
)
def test_mistakes_end_before_any_folder_is_made(tmp_path, changed, reason):
    with pytest.raises(UsageError, match=reason):
        seal(terms(**changed), tmp_path / "run", tmp_path / "private")
    assert list(tmp_path.iterdir()) == []


def test_place_that_runs_no_circuits_leaves_the_names_free(tmp_path):
    with pytest.raises(UsageError, match="backend 'law' runs no circuits"):
        seal(terms(backend="law"), tmp_path / "run", tmp_path / "private")
    assert list(tmp_path.iterdir()) == []


class Said:
    """A role that says what it was told to say, whatever comes."""

    def __init__(self, *messages):
        self.role = Role(io.BytesIO(), io.BytesIO(b"".join(messages)))


def roles_of(files, **instead):
    """Roles that say the messages of a run, some of them others, until one of them stops."""
    said = {**dict(zip(KINDS, files.values(), strict=True)), **instead}
    nature = [said[kind] for kind in ("terms", "record", "questions", "opening")]
    learner = [said[kind] for kind in ("request", "receipt", "answers")]
    return {"nature": Said(*nature).role, "learner": Said(*learner).role}


def test_referee_publishes_what_both_say(sealed, tmp_path):
    referee(roles_of(sealed), tmp_path, lambda kind, digest: None)
    found = read_folder(tmp_path)
    assert {n: found[n] for n in NAMES[:7]} == {n: sealed[n] for n in NAMES[:7]}
    assert not audit(found).fault


@pytest.mark.parametrize("kind", KINDS[1:7])
def test_role_that_stops_leaves_an_aborted_run(sealed, tmp_path, kind):
    with pytest.raises(UsageError, match=f"stopped at the {kind}; the run is aborted"):
        referee(roles_of(sealed, **{kind: b""}) | _cut(sealed, kind), tmp_path, lambda k, d: None)
    finding = audit(read_folder(tmp_path))
    assert not finding.fault
    assert not finding.certified
    assert "0 of 100 games right" in report(finding)


def _cut(files, kind):
    """The role that stops: it says nothing more from that kind on."""
    learner = ("request", "receipt", "answers")
    own = learner if kind in learner else ("terms", "record", "questions", "opening")
    said = dict(zip(KINDS, files.values(), strict=True))
    messages = [said[k] for k in own[: own.index(kind)]]
    return {"learner" if own is learner else "nature": Said(*messages).role}


def test_cheating_role_ends_the_run_where_it_cheats(sealed, tmp_path):
    chain = chain_of(sealed)
    asked = values_of(sealed)[4]["questions"]
    cheats = {
        "receipt": {"outcomes": "0" * 64},
        "answers": {"answers": "".join("10"[int(a)] for a in values_of(sealed)[5]["answers"])},
        "opening": {"seed": "0" * 64},
        "record": {"circuit": "0" * 64, "outcomes": values_of(sealed)[2]["outcomes"]},
        "questions": {"questions": asked[:-1]},
    }
    for kind, values in cheats.items():
        number = KINDS.index(kind)
        cheat = compose(chain[:number], values)
        folder = tmp_path / kind
        folder.mkdir()
        with pytest.raises(UsageError, match=NAMES[number]):
            referee(roles_of(sealed, **{kind: cheat}), folder, lambda kind, digest: None)
        assert list(read_folder(folder)) == list(NAMES[:number])
        assert not audit(read_folder(folder)).certified


def test_too_long_message_is_refused(sealed, tmp_path, monkeypatch):
    monkeypatch.setattr("quantum_advantage.sealed.messages.MOST_BYTES", 300)
    with pytest.raises(UsageError, match=r"1-terms\.json is larger than 300 bytes"):
        referee(roles_of(sealed), tmp_path, lambda kind, digest: None)


def test_canonical_ends_a_line_and_has_no_other():
    assert canonical({"a": "\n"}).count(b"\n") == 1
