"""What an auditor finds of changed files, with published digests and without."""

import numpy as np
import pytest
from sealed_runs import digests, play, refilled, terms, values_of
from sealed_tampering import (
    CHANGES,
    alone,
    changed,
    octets_changed,
    rewritten,
    with_digests,
)

from quantum_advantage.sealed.auditor import KINDS, NAMES, audit, canonical, sha256

# What no later message holds again. Whoever writes all digests anew gets through, unless one of the
# digests was published.
UNCHECKED = {"another backend", "circuit everywhere", "dates of last year"}
# A complete rewriting, by somebody who follows all the rules: a run that might have been.
CONSISTENT = UNCHECKED | {
    "bit of a record", "records of two games exchanged", "systems of all games drawn again",
    "smaller alpha", "lower confidence", "digest of the receipt", "answer flipped",
    "answers in another order", "answer dropped", "one more right answer", "smaller p-value",
    "more copies excluded", "larger factor",
}  # fmt: skip
# The file that a change leaves as it was, so that nothing was changed at all.
REPAIRED = {
    "digest of the receipt", "answer flipped", "answers in another order", "answer dropped",
    "one more right answer", "smaller p-value", "more copies excluded", "larger factor",
}  # fmt: skip


def found(files, published=()):
    return bool(audit(files, published).fault)


def test_untouched_run_passes(sealed):
    for published in ((), digests(sealed)):
        finding = audit(sealed, published)
        assert not finding.fault
        assert finding.certified
    assert audit(sealed, digests(sealed)).witnessed == KINDS


@pytest.mark.parametrize("name", CHANGES)
def test_change_of_a_file_is_found_without_published_digests(sealed, name):
    files = alone(sealed, name)
    assert files != sealed
    assert found(files)


@pytest.mark.parametrize("name", CHANGES)
def test_change_with_all_digests_written_anew_is_found_unless_nothing_else_holds_it(sealed, name):
    files = with_digests(sealed, name)
    assert files != sealed
    assert found(files) == (name not in UNCHECKED)


@pytest.mark.parametrize("name", CHANGES)
def test_change_with_all_digests_written_anew_is_found_by_the_last_published_one(sealed, name):
    assert found(with_digests(sealed, name), digests(sealed)[-1:])


@pytest.mark.parametrize("name", sorted(CONSISTENT))
def test_complete_rewriting_is_found_by_a_published_digest_alone(sealed, name):
    files = rewritten(sealed, name)
    assert not found(files)
    if name in REPAIRED:
        assert files == sealed
        return
    assert files != sealed
    assert found(files, digests(sealed)[-1:])
    first = next(i for i, file in enumerate(NAMES) if files[file] != sealed[file])
    for i, digest in enumerate(digests(sealed)):
        assert found(files, [digest]) == (i >= first)


@pytest.mark.parametrize("number", range(25))
def test_other_bytes_are_found(sealed, number):
    name, files = [*octets_changed(sealed).items()][number]
    if name == f"{NAMES[-1]} missing":
        finding = audit(files)
        assert not finding.fault
        assert not finding.certified
        assert found(files, digests(sealed))
    else:
        assert found(files)


def test_all_kinds_of_other_bytes_are_tried(sealed):
    assert len(octets_changed(sealed)) == 25
    assert all(files != sealed for files in octets_changed(sealed).values())


def test_every_single_letter_counts(sealed):
    """The lowest bit of a byte anywhere: found in every place of the result, and some others."""
    every = [(name, i) for name in NAMES[:-1] for i in range(0, len(sealed[name]), 23)]
    every += [(NAMES[-1], i) for i in range(len(sealed[NAMES[-1]]))]
    for name, i in every:
        octets = bytearray(sealed[name])
        octets[i] ^= 1
        assert found(sealed | {name: bytes(octets)}), (name, i)


ODD = (
    None, True, False, 0, -1, 1, 10**40, "", "0", "I" * 10, "0" * 64, "\n", "é", [], [[]], [["0"]],
    {}, {"a": 1}, [None] * 100, [[None, None]] * 100, [["I" * 10, "X" * 10]] * 100,
    [["0" * 10]] * 100,
)  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_odd_values_anywhere_are_found_and_raise_nothing(sealed, seed):
    rng = np.random.default_rng(seed)
    tried = 0
    for _ in range(150):
        messages = values_of(sealed)
        number = int(rng.integers(len(messages)))
        key = list(messages[number])[rng.integers(len(messages[number]))]
        value = ODD[rng.integers(len(ODD))]
        if rng.random() < 0.3 and isinstance(messages[number][key], list) and messages[number][key]:
            messages[number][key][rng.integers(len(messages[number][key]))] = value
        elif rng.random() < 0.1:
            messages[number] = value
        else:
            messages[number][key] = value
        files = {name: canonical(values) for name, values in zip(NAMES, messages, strict=True)}
        if files != sealed:
            tried += 1
            assert found(files)
    assert tried > 100


def test_messages_of_two_runs_do_not_mix(sealed, tmp_path):
    other = play(tmp_path, terms(), seed=bytes([1] * 32))
    for name in NAMES:
        assert found(sealed | {name: other[name]}), name
    for begun in range(1, 8):
        assert found({n: (sealed if i < begun else other)[n] for i, n in enumerate(NAMES)})


def test_run_of_which_only_the_good_games_are_told_is_found(sealed):
    """Games that were lost are dropped from all messages; the seed says which ones there were."""
    messages = values_of(sealed)
    keep = [i for i in range(100) if i % 3]
    messages[0]["games"] = len(keep)
    for number, key in ((2, "outcomes"), (4, "questions")):
        messages[number][key] = [messages[number][key][i] for i in keep]
    messages[5]["answers"] = "".join(messages[5]["answers"][i] for i in keep)
    assert "does not follow from the seed" in audit(refilled(messages)).fault


def test_digest_of_no_message_is_found(sealed):
    assert found(sealed, [sha256(b"another file")])
    assert found(sealed, [*digests(sealed), "no digest"])


def test_change_is_one_of_many():
    assert len(CHANGES) >= 30


def test_changes_change_something(sealed):
    for name in CHANGES:
        assert changed(sealed, name) != values_of(sealed), name
