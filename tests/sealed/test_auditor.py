"""The auditor against the package, whose rules it states a second time, and against exact sums."""

import ast
import hashlib
import itertools
import math
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from sealed_runs import chain_of, digests, terms

from quantum_advantage.bounds.hidden_pauli import largest_conventional_accuracy
from quantum_advantage.certify.certificate import excluded_copies
from quantum_advantage.core.statistics import binomial_tail, lower_limit
from quantum_advantage.sealed import auditor
from quantum_advantage.sealed.auditor import (
    NAMES,
    AuditError,
    answer,
    audit,
    canonical,
    check,
    commitment,
    draw,
    largest_accuracy,
    parse,
    read_folder,
    report,
    result_of,
    rounded_up,
    sha256,
    tail,
)
from quantum_advantage.systems.hidden_pauli import HiddenPauli
from quantum_advantage.tasks.registry import load_deciding

SOURCE = Path(auditor.__file__)


def test_auditor_imports_the_standard_library_alone_and_is_short():
    text = SOURCE.read_text()
    assert len(text.splitlines()) <= 400
    for node in ast.walk(ast.parse(text)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            assert name.partition(".")[0] in sys.stdlib_module_names


def test_auditor_runs_as_one_file_elsewhere(sealed, tmp_path):
    copy = tmp_path / "auditor.py"
    copy.write_text(SOURCE.read_text())
    (tmp_path / "run").mkdir()
    for name, octets in sealed.items():
        (tmp_path / "run" / name).write_bytes(octets)
    given = [str(tmp_path / "run"), "--published", *digests(sealed)]
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(copy), *given],
        capture_output=True, text=True, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == report(audit(sealed, digests(sealed)))


def test_what_cannot_be_seen_is_said_first(sealed):
    lines = report(audit(sealed)).splitlines()
    assert lines[0] == "What no audit of these files can see:"
    assert all(word in " ".join(lines[1:5]) for word in ("together", "copies", "published"))
    assert lines[5] == ""


def test_order_is_claimed_without_the_three_digests_and_witnessed_with_them(sealed):
    all_of_them = digests(sealed)
    needed = [all_of_them[i] for i in (0, 3, 5)]
    assert "order and dates: CLAIMED" in report(audit(sealed))
    for left_out in range(3):
        given = [digest for i, digest in enumerate(needed) if i != left_out]
        assert "order and dates: CLAIMED" in report(audit(sealed, given))
    assert "order and dates: as whoever published" in report(audit(sealed, needed))


def test_run_that_ends_early_counts_all_games_as_wrong(sealed):
    for known in range(1, 8):
        files = {name: sealed[name] for name in NAMES[:known]}
        finding = audit(files)
        assert not finding.fault
        assert not finding.certified
        assert f"ABORTED after the {auditor.KINDS[known - 1]}" in report(finding)
        assert "0 of 100 games right" in report(finding)
        assert "at most 1.00e-0" in report(finding)


def test_empty_folder_and_other_files(tmp_path, sealed):
    assert audit(read_folder(tmp_path)).fault == "1-terms.json: it is missing"
    (tmp_path / "signature.asc").write_text("anything")
    for name, octets in sealed.items():
        (tmp_path / name).write_bytes(octets)
    assert audit(read_folder(tmp_path)).certified
    (tmp_path / "9-more.json").write_text("{}\n")
    assert "9-more.json" in audit(read_folder(tmp_path)).fault


def test_folder_with_something_else_than_files_is_refused(tmp_path):
    (tmp_path / "1-terms.json").mkdir()
    with pytest.raises(AuditError, match="must hold files"):
        read_folder(tmp_path)


def test_huge_file_is_refused_unread(tmp_path):
    with (tmp_path / "1-terms.json").open("wb") as stream:
        stream.truncate(auditor.MOST_BYTES + 1)
    with pytest.raises(AuditError, match="at most"):
        read_folder(tmp_path)


@pytest.mark.parametrize(
    "octets",
    [
        b"", b"\n", b"[]\n", b"1\n", b'{"a":1}', b'{"a": 1}\n', b'{"a":1.0}\n', b'{"a":NaN}\n',
        b'{"a":1e3}\n', b'{"a":1,"a":1}\n', b'{"b":1,"a":1}\n', b'{"a":-0}\n', b'{"a":01}\n',
        b'{"a":Infinity}\n', b"\xff\xfe\n", b'{"a":"\xc3\xa9"}\n', b"[" * 100_000,
        b'{"a":' + b"9" * 5000 + b"}\n", b'\xef\xbb\xbf{"a":1}\n',
    ],
    ids=lambda octets: str(octets[:12]),
)  # fmt: skip
def test_message_has_one_spelling(octets):
    with pytest.raises(AuditError):
        parse(octets)


def terms_message(**changed):
    given = vars(terms()) | {"commitment": "0" * 64, "format": auditor.FORMAT, "kind": "terms"}
    given |= {"previous": "0" * 64, "date": "2026-01-01T00:00:00Z"}
    return canonical(given | changed)


def test_terms_as_they_should_be_pass():
    assert check([], terms_message()).values["games"] == 100


@pytest.mark.parametrize(
    "changed",
    [
        {"task": "observables:alpha=0.0,game=two"}, {"task": "observables:alpha=1.0,game=two"},
        {"task": "observables:alpha=0.9,game=one"}, {"protocol": "memory"}, {"qubits": 0},
        {"qubits": True}, {"qubits": "10"}, {"qubits": 10**9}, {"games": 0}, {"games": -1},
        {"games": None}, {"copies": 3}, {"copies": 10**7}, {"confidence": "0.4"},
        {"confidence": "1.0"}, {"confidence": 0}, {"backend": ""}, {"backend": "a\nb"},
        {"backend": "a\\b"}, {"backend": 'a"b'}, {"backend": "a" * 4001}, {"commitment": "0" * 63},
        {"commitment": "G" * 64}, {"games": 99_999, "copies": 999_998}, {"previous": "1" * 64},
        {"date": "2026-01-01"}, {"date": "٢026-01-01T00:00:00Z"}, {"kind": "request"},
        {"format": "quantum_advantage sealed 2"}, {"more": 1},
    ],
    ids=str,
)  # fmt: skip
def test_terms_out_of_type_or_range_are_refused(changed):
    with pytest.raises(AuditError):
        check([], terms_message(**changed))


def test_draws_are_what_they_were():
    """Fixed once and for all: anybody can rebuild the questions of an old run."""
    assert commitment(bytes(32)) == KNOWN_COMMITMENT
    assert draw(bytes(32), 0, 5) == ("XIXYZ", "YIXIZ", 0, 0)
    assert sha256(canonical(draw(bytes(range(32)), 7, 130))) == KNOWN_DIGEST


KNOWN_COMMITMENT = "62c256065f0114d7d12d58b09e9edb86185a1c318930c78f92fb19354943e26c"
KNOWN_DIGEST = "0a7bf7b8296171e1922a43bb790389b54b369a306dfd0611493ab6de4c038629"


def test_draws_are_bits_of_the_blocks():
    """The first blocks of a game, hashed here anew."""
    seed, tag = bytes(range(32)), b"quantum_advantage sealed draw 1"
    blocks = [
        hashlib.sha256(tag + seed + bytes(7) + b"\x09" + bytes(7) + bytes([c])).digest()
        for c in range(3)
    ]
    found = draw(seed, 9, 128)
    for string, block in zip(found[:2], blocks[:2], strict=True):
        bits = [byte >> i & 1 for byte in block for i in range(8)]
        pairs = zip(bits[::2], bits[1::2], strict=True)
        assert string == "".join("IXYZ"[low + 2 * high] for low, high in pairs)
    assert found[2:] == (blocks[2][0] & 1, blocks[2][0] >> 1 & 1)


def test_draws_of_one_qubit_are_uniform(p_of_law):
    kinds = [
        (*pair, sign, order)
        for pair in itertools.permutations("XYZ", 2)
        for sign, order in itertools.product((0, 1), repeat=2)
    ]
    drawn = [draw(bytes([3] * 32), game, 1) for game in range(12_000)]
    counts = [drawn.count(kind) for kind in kinds]
    assert sum(counts) == 12_000
    assert p_of_law(counts, np.full(len(kinds), 1 / len(kinds))) > 1e-3


def test_letters_of_long_strings_are_uniform_and_strings_differ(p_of_law):
    drawn = [draw(bytes([5] * 32), game, 200) for game in range(200)]
    text = "".join(hidden + other for hidden, other, *_ in drawn)
    assert p_of_law([text.count(letter) for letter in "IXYZ"], np.full(4, 0.25)) > 1e-3
    assert len({hidden for hidden, *_ in drawn} | {other for _, other, *_ in drawn}) == 400


def test_bell_rule_is_that_of_the_state():
    """Means of the signs over the exact Bell outcomes of ρ ⊗ ρ are tr(Q ρ)², for every string."""
    hidden = np.array([[1, 2]], dtype=np.uint8)
    state = HiddenPauli(hidden, np.array([-1]), np.array([0.9]), np.random.default_rng(0))
    rho = state.density_matrix(0)
    # Qubits in the order system 0, system 1, memory 0, memory 1.
    both = np.kron(rho, rho).reshape([2] * 8)
    change = np.array([[1, 0, 0, 1], [0, 1, 1, 0], [1, 0, 0, -1], [0, 1, -1, 0]]) / np.sqrt(2)
    bell = change.reshape(2, 2, 2, 2)  # a, b, system, memory
    outcome = np.einsum("abik,cdjl,ijklIJKL,abIK,cdJL->abcd", bell, bell, both, bell, bell)
    for string in map("".join, itertools.product("IXYZ", repeat=2)):
        mean = 0.0
        for a, b, c, d in itertools.product((0, 1), repeat=4):
            shot = f"{2 * a + b}{2 * c + d}"
            hits, pluses = auditor._signs(string, [], [shot])
            assert hits == 1
            mean += (2 * pluses - 1) * outcome[a, b, c, d].real
        expected = {"II": 1.0, "XY": 0.81}.get(string, 0.0)
        assert mean == pytest.approx(expected, abs=1e-12)


def test_single_copy_rule_prefers_agreeing_signs_whatever_their_sign():
    alpha = Fraction(9, 10)
    bases, question = ["XX", "XX", "YY", "YY"], ["XX", "YY"]
    for outcomes in (["00", "11", "00", "01"], ["01", "10", "00", "01"]):
        assert answer(alpha, bases, outcomes, question) == 0
        assert answer(alpha, bases, outcomes, question[::-1]) == 1
    # One sign of each says nothing.
    assert answer(alpha, ["XX", "YY"], ["01", "00"], question) == 0
    assert answer(alpha, ["XX", "YY"], ["01", "00"], question[::-1]) == 0


def test_tie_goes_to_the_first_string_and_is_right_half_of_the_time():
    """The order is nature's coin: whatever the record is, the first string is hidden or not."""
    assert answer(Fraction(1, 2), [], ["0"], ["X", "Z"]) == 0
    assert answer(Fraction(1, 2), [], ["0"], ["Z", "X"]) == 0
    orders = [draw(bytes([9] * 32), game, 3)[3] for game in range(4000)]
    assert abs(sum(orders) - 2000) < 4 * math.sqrt(1000)


@pytest.mark.parametrize("alpha", ["0.1", "0.5", "0.9", "0.95", "0.999"])
@pytest.mark.parametrize("qubits", [1, 3, 10, 20])
def test_bound_is_never_below_the_theorem_and_hardly_above(alpha, qubits):
    for copies in (1, 2, 7, 100, 1000, 10**6):
        found = largest_accuracy(copies, qubits, Fraction(alpha))
        theorem = largest_conventional_accuracy(copies, qubits=qubits, alpha=float(alpha))
        assert float(found) == pytest.approx(theorem, abs=1e-12)
        assert found <= 1


@pytest.mark.parametrize("copies", [0, 3, 6, 9])
def test_bound_at_rational_roots_is_exact(copies):
    """One qubit and α = 0.6, where r = 0.8 exactly: 2T/3 hits, h = 1 - 0.8^(2T/3)."""
    exact = 1 - Fraction(4, 5) ** (2 * copies // 3) / 2
    assert exact <= largest_accuracy(copies, 1, Fraction(3, 5)) <= exact + Fraction(1, 2**150)


@pytest.mark.parametrize("chance", [Fraction(1, 2), Fraction(2, 3), Fraction(99, 100)])
def test_tail_is_never_below_the_exact_sum_and_hardly_above(chance):
    games = 30
    for right in range(games + 1):
        exact = sum(
            math.comb(games, k) * chance**k * (1 - chance) ** (games - k)
            for k in range(right, games + 1)
        )
        found = tail(right, games, chance)
        assert found >= exact
        assert found <= min(1, exact * (1 + Fraction(1, 10**10)))


@pytest.mark.parametrize(
    ("right", "games"), [(700, 1000), (5200, 10_000), (1, 10), (999, 1000), (3000, 10_000)]
)
def test_tail_is_that_of_the_certificates(right, games):
    found = tail(right, games, Fraction(1, 2) + Fraction(1, 1000))
    assert float(found) == pytest.approx(binomial_tail(right, games, 0.501), rel=1e-8)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(1), "1.00e-0"), (Fraction(1, 2), "5.00e-1"), (Fraction(123, 10**4), "1.23e-2"),
        (Fraction(12301, 10**6), "1.24e-2"), (Fraction(9999, 10**4), "1.00e-0"),
        (Fraction(99999, 10**7), "1.00e-2"), (Fraction(1, 10**40), "1.00e-40"),
        (Fraction(1, 2**200), "6.23e-61"),
    ],
)  # fmt: skip
def test_p_values_are_rounded_up(value, text):
    assert rounded_up(value) == text
    assert Fraction(text) >= value


def test_result_is_that_of_a_certificate(sealed):
    chain = chain_of(sealed)
    found = result_of(chain[:7])
    bound = load_deciding(terms().task).bound_of("bell", 10)
    right = found["right"]
    chance = bound.largest_accuracy(2)
    assert float(found["p_value"]) == pytest.approx(binomial_tail(right, 100, chance), rel=0.01)
    excluded = excluded_copies(bound, lower_limit(right, 100, 0.01))
    assert abs(int(found["excluded_copies"]) - excluded) <= 1
    assert float(found["factor"]) == int(found["excluded_copies"]) * 100 // 2 / 100
    assert found["right"] > 50


def test_single_copies_are_not_certified(sealed_single):
    finding = audit(sealed_single)
    assert not finding.fault
    assert not finding.certified
    assert "NOT certified" in report(finding)
