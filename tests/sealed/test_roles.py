"""Nature and the learner, each alone."""

import io
import sys
from dataclasses import asdict

import numpy as np
import pytest
from sealed_runs import SECRET, chain_of, play, terms, values_of

from quantum_advantage.core.usage import UsageError
from quantum_advantage.sealed import learner, messages
from quantum_advantage.sealed.auditor import NAMES, Message, audit, canonical, draw
from quantum_advantage.sealed.messages import SEED, accept, compose, read_message, take_part
from quantum_advantage.sealed.nature import Nature


def test_secret_seed_is_drawn_anew_and_kept(tmp_path):
    seeds = set()
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        Nature(tmp_path / name, asdict(terms()))
        seeds.add((tmp_path / name / SEED).read_text())
    assert {len(seed) for seed in seeds} == {64}
    assert len(seeds) == 2


@pytest.mark.parametrize("text", ["", "ab", "g" * 64, "a" * 63, "a" * 65, "a" * 64 + "\n"])
def test_what_is_no_seed_is_refused_in_one_line(tmp_path, text):
    (tmp_path / SEED).write_text(text)
    with pytest.raises(UsageError, match="is no secret seed"):
        Nature(tmp_path, asdict(terms()))


def test_nature_runs_no_circuit_but_the_agreed_one(tmp_path, sealed):
    (tmp_path / SEED).write_text(SECRET.hex())
    nature = Nature(tmp_path, asdict(terms()))
    chain = chain_of(sealed)[:2]
    nature.write_terms([])
    assert nature.write_record(chain)["outcomes"] == values_of(sealed)[2]["outcomes"]
    other = Message({**chain[1].values, "circuit": "0" * 64}, chain[1].digest)
    with pytest.raises(UsageError, match="is not what was agreed"):
        nature.write_record([chain[0], other])


def test_record_does_not_depend_on_how_many_games_run_at_once(tmp_path, sealed, monkeypatch):
    """Shapes stay; the random numbers are taken in another order, so that outcomes differ."""
    monkeypatch.setattr("quantum_advantage.sealed.nature.SHOTS_PER_REQUEST", 7)
    (tmp_path / SEED).write_text(SECRET.hex())
    nature = Nature(tmp_path, asdict(terms()))
    nature.write_terms([])
    outcomes = nature.write_record(chain_of(sealed)[:2])["outcomes"]
    assert len(outcomes) == 100
    assert {len(shot) for row in outcomes for shot in row} == {10}


def test_real_processor_is_named_without_its_project(tmp_path, monkeypatch):
    class Opened:
        def place(self, pairs):
            assert pairs == 10

    opened = "quantum_advantage.preflight.processors.open_processor"
    monkeypatch.setattr(opened, lambda name, jobs: Opened())
    nature = Nature(tmp_path, asdict(terms(backend="engine:my-project/willow")))
    assert nature.write_terms([])["backend"] == "engine:willow"


def test_auto_stands_for_circuits_on_qsim(tmp_path):
    assert Nature(tmp_path, asdict(terms(backend="auto"))).write_terms([])["backend"] == "qsim"


def test_right_answers_are_as_often_as_one_bell_shot_gives(tmp_path):
    """1/2 + α²/4 = 0.7025 at one shot; a tie, half of all games, is decided by the order."""
    games = 2000
    found = values_of(play(tmp_path, terms(games=games)))
    expected = 0.5 + 0.9**2 / 4
    error = np.sqrt(expected * (1 - expected) / games)
    assert abs(found[7]["right"] / games - expected) < 4 * error


def test_copies_have_the_hidden_signs(tmp_path):
    """Single copies in the basis of the hidden string show s α, by the sign that the seed says."""
    found = values_of(play(tmp_path, terms(protocol="local_pauli", qubits=1, games=300, copies=8)))
    agreeing = []
    for game in range(300):
        hidden, _, sign, _ = draw(SECRET, game, 1)
        shots = zip(found[1]["settings"][game], found[2]["outcomes"][game], strict=True)
        agreeing += [int(outcome) == sign for basis, outcome in shots if basis == hidden]
    # Outcome 0 is +1, and so is the sign's bit 0.
    error = np.sqrt(0.95 * 0.05 / len(agreeing))
    assert abs(np.mean(agreeing) - 0.95) < 4 * error


def test_learner_of_single_copies_draws_its_bases_anew(sealed_single):
    chain = chain_of(sealed_single)[:1]
    first, second = (learner.write_request(chain)["settings"] for _ in range(2))
    assert first != second
    letters = "".join(text for row in first for text in row)
    assert len(letters) == 200 * 12 * 2
    for letter in "XYZ":
        assert abs(letters.count(letter) - len(letters) / 3) < 4 * np.sqrt(len(letters) * 2 / 9)


def test_message_is_dated_no_earlier_than_the_one_before(sealed):
    chain = chain_of(sealed)
    last = Message({**chain[0].values, "date": "2999-01-01T00:00:00Z"}, chain[0].digest)
    assert b'"date":"2999-01-01T00:00:00Z"' in compose([last], {})


def test_messages_are_kept_once(sealed, tmp_path):
    accept([], sealed[NAMES[0]], tmp_path)
    with pytest.raises(FileExistsError):
        accept([], sealed[NAMES[0]], tmp_path)
    assert (tmp_path / NAMES[0]).read_bytes() == sealed[NAMES[0]]


def test_stream_without_an_end_of_line_is_not_read_for_ever(monkeypatch):
    monkeypatch.setattr(messages, "MOST_BYTES", 100)
    assert len(read_message(io.BytesIO(b"a" * 10_000))) == 101


class Streams:
    """Standard streams with numbers of their own, as a process has them."""

    def __init__(self, monkeypatch, folder, said):
        (folder / "in").write_bytes(said)
        self._out = (folder / "out").open("wb+")
        self._err = (folder / "err").open("w+")
        stdin = io.TextIOWrapper((folder / "in").open("rb"))
        for name, stream in (("stdin", stdin), ("stdout", self._out), ("stderr", self._err)):
            monkeypatch.setattr(sys, name, stream)

    def written(self, folder):
        return (folder / "out").read_bytes()


def test_learner_answers_line_by_line(sealed, tmp_path, monkeypatch):
    (tmp_path / "home").mkdir()
    streams = Streams(monkeypatch, tmp_path, b"".join(sealed.values()))
    authors = {
        "request": lambda chain: _values(sealed, 1, "circuit", "settings"),
        "receipt": learner.write_receipt,
        "answers": learner.write_answers,
    }
    monkeypatch.setattr(messages, "compose", _same_dates(sealed))
    take_part(tmp_path / "home", authors)
    expected = [sealed[NAMES[number]] for number in (1, 3, 5)]
    assert streams.written(tmp_path) == b"".join(expected)
    assert {p.name: p.read_bytes() for p in (tmp_path / "home").iterdir()} == sealed


def _values(files, number, *keys):
    return {key: values_of(files)[number][key] for key in keys}


def _same_dates(files):
    def composed(chain, values):
        last = values_of(files)[len(chain)]
        return canonical({**last, **values})

    return composed


def test_role_notices_that_another_message_was_published_than_its_own(
    sealed, tmp_path, monkeypatch
):
    other = values_of(sealed)[1] | {"circuit": "0" * 64}
    Streams(monkeypatch, tmp_path, sealed[NAMES[0]] + canonical(other))
    (tmp_path / "home").mkdir()
    with pytest.raises(UsageError, match="published another message as the request"):
        take_part(tmp_path / "home", learner.AUTHORS)


def test_role_ends_quietly_when_nothing_comes_any_more(sealed, tmp_path, monkeypatch):
    Streams(monkeypatch, tmp_path, sealed[NAMES[0]])
    (tmp_path / "home").mkdir()
    take_part(tmp_path / "home", learner.AUTHORS)
    assert [path.name for path in (tmp_path / "home").iterdir()] == [NAMES[0]]
    assert not audit({NAMES[0]: sealed[NAMES[0]]}).certified
