"""Checks a sealed run from its published files alone: ``python auditor.py FOLDER [DIGEST ...]``.

The game. Nature hides a Pauli string P, drawn uniformly from all strings on n qubits but the
identity, with a fair sign s = ±1 in copies of (I + s α P)/2ⁿ. A learner measures some copies. Only
then two strings are revealed in random order, P and another one, and the learner says which is P.

The files. A run is a chain of eight messages, each of which holds the SHA-256 of the one before.
Each is one line of JSON in one spelling: sorted keys, no blanks, texts and whole numbers only.

    1-terms      nature   what is played, and the SHA-256 of a secret seed of 256 bits
    2-request    learner  how the copies are to be measured
    3-record     nature   the outcomes
    4-receipt    learner  the SHA-256 of the outcomes that it got
    5-questions  nature   two strings for each game
    6-answers    learner  0 for the first string, 1 for the second
    7-opening    nature   the seed, from which every string, sign and order follows
    8-result     referee  right answers, p-value, and how many copies without memory are excluded

How all copies are measured is said before the first outcome, so that the games are independent. A
run that ends before its result was aborted, and all its games count as wrong. This one file imports
the standard library only, so that a stranger can read all that is to be trusted.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import re
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

FORMAT = "quantum_advantage sealed 1"
HEX = '"[0-9a-f]{64}"'
# For each kind of message, in the order of the chain, its keys and what their JSON must look like.
FIELDS: dict[str, dict[str, str]] = {
    "terms": {
        "task": r'"observables:alpha=0\.(?!0+,)[0-9]{1,15},game=two"',
        "protocol": '"(bell|local_pauli)"',
        "qubits": "[1-9][0-9]{0,2}",
        "games": "[1-9][0-9]{0,4}",
        "copies": "[1-9][0-9]{0,5}",
        "confidence": r'"0\.[5-9][0-9]{0,14}"',
        "backend": r'"[ !#-[\]-~]{1,4000}"',
        "commitment": HEX,
    },
    "request": {"circuit": HEX, "settings": ""},
    "record": {"circuit": HEX, "outcomes": ""},
    "receipt": {"outcomes": HEX},
    "questions": {"questions": ""},
    "answers": {"answers": '"[01]+"'},
    "opening": {"seed": HEX},
    "result": {"right": "[0-9]+", "p_value": "", "excluded_copies": "", "factor": ""},
}
DATE = r'"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"'
KINDS = tuple(FIELDS)
NAMES = tuple(f"{number}-{kind}.json" for number, kind in enumerate(KINDS, 1))
WITNESSED = ("terms", "receipt", "answers")  # by somebody else, before the next message
PROTOCOLS = {"bell": (2, "0123"), "local_pauli": (1, "01")}  # copies in a shot, and its letters
MOST_BYTES, MOST_LETTERS, _BITS = 64 * 2**20, 3 * 10**7, 192
_LINES = ("0.9", "0.106586", "0.53217"), ("0.9", "0.482001", "0.18387")  # for α up to: o, c
CANNOT_SEE = (
    "whether nature and the learner worked together: who holds the seed knows every answer",
    "what the copies really were, how many were really handed out, and what measured them",
    "whether other sealed runs were begun and never published: ask who witnessed the terms",
    "when and in what order the messages were written, beyond what published digests show",
)


class AuditError(ValueError):
    """Something published does not hold; its text says what."""


class Message(NamedTuple):
    """A message that was checked: its values, and the SHA-256 of its file."""

    values: dict[str, Any]
    digest: str


class Finding(NamedTuple):
    """The messages that passed, what does not hold, whose digests were given, and the verdict."""

    chain: tuple[Message, ...]
    fault: str
    witnessed: tuple[str, ...] = ()
    certified: bool = False


def _refuse(text: str) -> NoReturn:
    raise AuditError(text)


def canonical(values: Any) -> bytes:
    """Returns the one spelling of values: a line of JSON."""
    return json.dumps(values, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def sha256(octets: bytes) -> str:
    """Returns the SHA-256 in hexadecimal digits."""
    return hashlib.sha256(octets).hexdigest()


def parse(octets: bytes) -> dict[str, Any]:
    """Reads a message, or raises AuditError; a number that is not whole cannot be spelled."""
    try:
        values = json.loads(octets.decode("ascii"), parse_float=str, parse_constant=str)
        if isinstance(values, dict) and canonical(values) == octets:
            return values
    except (ValueError, RecursionError):
        pass
    _refuse("it is no JSON object of texts and whole numbers in the one spelling")


def _check_table(table: Any, key: str, shape: tuple[int, int, int], letters: str) -> None:
    """Refuses all but a list for each game of so many texts of so many known letters."""
    games, texts, length = shape
    text = f'"[{letters}]{{{length}}}"'
    row = re.compile(rf"\[{text}(, {text}){{{texts - 1}}}\]")
    fits = isinstance(table, list) and len(table) == games
    if not (fits and all(row.fullmatch(json.dumps(found)) for found in table)):
        _refuse(f"{key} must be {games} games like {row.pattern}")


def alpha_of(terms: dict[str, Any]) -> Fraction:
    """Returns the signal α of the terms."""
    return Fraction(re.split("[=,]", terms["task"])[1])


def shape_of(terms: dict[str, Any]) -> tuple[int, int, int]:
    """Returns games, shots of a game and qubits; every copy that was spent counts."""
    return terms["games"], terms["copies"] // PROTOCOLS[terms["protocol"]][0], terms["qubits"]


def check(chain: Sequence[Message], octets: bytes) -> Message:
    """Returns the next message of a chain that was checked so, or raises AuditError."""
    values, kind = parse(octets), KINDS[len(chain)]
    fields = {"format": f'"{FORMAT}"', "kind": f'"{kind}"', "previous": HEX, "date": DATE}
    if set(values) != set(fields := fields | FIELDS[kind]):
        _refuse(f"its keys must be {', '.join(sorted(fields))}")
    for key, pattern in fields.items():
        if pattern and not re.fullmatch(pattern, json.dumps(values[key]), re.ASCII):
            _refuse(f"{key} must look like {pattern}")
    if values["previous"] != (chain[-1].digest if chain else "0" * 64):
        _refuse("it does not hold the digest of the message before it")
    last = chain[-1].values["date"] if chain else values["date"]
    # A result has the date of the opening: no later message would hold one of its own.
    if values["date"] < last or (kind == "result" and values["date"] > last):
        _refuse(f"it is dated {values['date']}, and the message before it {last}")
    _check_content(kind, values, chain)
    return Message(values, sha256(octets))


def _check_content(kind: str, values: dict[str, Any], chain: Sequence[Message]) -> None:
    past = {name: message.values for name, message in zip(KINDS, chain, strict=False)}
    terms = past.get("terms", values)
    shape = games, _, qubits = shape_of(terms)
    if kind == "terms":
        if terms["copies"] % PROTOCOLS[terms["protocol"]][0] or math.prod(shape) > MOST_LETTERS:
            _refuse(f"shots must be whole, games x shots x qubits to {MOST_LETTERS}")
    elif kind == "request":
        used = (0, 1, 1) if terms["protocol"] == "bell" else shape
        _check_table(values["settings"], "settings", used, "XYZ")
    elif kind == "record":
        _check_table(values["outcomes"], "outcomes", shape, PROTOCOLS[terms["protocol"]][1])
        if values["circuit"] != past["request"]["circuit"]:
            _refuse("another circuit was run than was requested")
    elif kind == "receipt":
        if values["outcomes"] != sha256(canonical(past["record"]["outcomes"])):
            _refuse("the learner got other outcomes than nature recorded")
    elif kind == "questions":
        _check_table(values["questions"], "questions", (games, 2, qubits), "IXYZ")
    elif kind == "answers":
        bases = past["request"]["settings"] or [[]] * games
        rows = zip(bases, past["record"]["outcomes"], past["questions"]["questions"], strict=True)
        if values["answers"] != "".join(str(answer(alpha_of(terms), *row)) for row in rows):
            _refuse("the answers do not follow from the record")
    elif kind == "opening":
        seed = bytes.fromhex(values["seed"])
        if commitment(seed) != terms["commitment"]:
            _refuse("it is not the seed that nature committed itself to")
        for game, asked in enumerate(past["questions"]["questions"]):
            hidden, other, _, order = draw(seed, game, qubits)
            if asked != ([other, hidden] if order else [hidden, other]):
                _refuse(f"the question of game {game} does not follow from the seed")
    elif (found := {key: values[key] for key in FIELDS["result"]}) != result_of(chain):
        _refuse(f"the result is {result_of(chain)}, not {found}")


def commitment(seed: bytes) -> str:
    """Returns what nature publishes before anything else."""
    return sha256(b"quantum_advantage sealed seed 1" + seed)


def draw(seed: bytes, game: int, qubits: int) -> tuple[str, str, int, int]:
    """Returns the hidden string, the other one, the bit of the sign (1 for -1), and the order.

    Block number c of a game is SHA-256(tag, seed, game, c), both numbers as 8 octets, high first.
    A string takes as many whole blocks as it needs and two bits a letter, lowest first: 0 to 3 for
    I, X, Y, Z. The identity is drawn again, and so is another string that equals the hidden one.
    Bits 0 and 1 of the next block are the sign and the order: 1 if the hidden string comes second.
    """
    counter = itertools.count()

    def block() -> bytes:
        place = game.to_bytes(8, "big") + next(counter).to_bytes(8, "big")
        return hashlib.sha256(b"quantum_advantage sealed draw 1" + seed + place).digest()

    def string(excluded: str) -> str:
        while True:
            octets = b"".join(block() for _ in range(-(-qubits // 128)))
            letters = "".join("IXYZ"[octets[i // 4] >> 2 * (i % 4) & 3] for i in range(qubits))
            if letters not in ("I" * qubits, excluded):
                return letters

    hidden = string("")
    other = string(hidden)
    last = block()[0]
    return hidden, other, last & 1, last >> 1 & 1


def _signs(string: str, bases: list[str], outcomes: list[str]) -> tuple[int, int]:
    """Counts the shots that are a sign of the string, and those that are +1."""
    if not bases:
        # Where P⊗P is -1 on the Bell state 2a + b, for each letter of P.
        minus = [{"I": "", "X": "23", "Y": "03", "Z": "13"}[letter] for letter in string]
        odd = [sum(o in m for o, m in zip(shot, minus, strict=True)) % 2 for shot in outcomes]
        return len(odd), odd.count(0)
    support = [i for i, letter in enumerate(string) if letter != "I"]
    seen = zip(bases, outcomes, strict=True)
    hits = [shot for basis, shot in seen if all(basis[i] == string[i] for i in support)]
    return len(hits), sum(sum(shot[i] == "1" for i in support) % 2 == 0 for shot in hits)


def answer(alpha: Fraction, bases: list[str], outcomes: list[str], question: list[str]) -> int:
    """Returns which string of a question the record favours by its exact likelihood; 0 in a tie.

    Every Bell outcome is a sign of each string, of mean α² for the hidden one and 0 for the other:
    more +1 is more likely. A single copy is a sign of a string where its basis agrees with all of
    its letters, of mean s α for the hidden one: K signs, a of them +1, have the likelihood ratio
    [(1+α)^a (1-α)^(K-a) + (1-α)^a (1+α)^(K-a)]/2.
    """
    counts, p, m = [_signs(string, bases, outcomes) for string in question], 1 + alpha, 1 - alpha
    if not bases:
        return int(counts[1][1] > counts[0][1])
    scores = [p**a * m ** (k - a) + m**a * p ** (k - a) for k, a in counts]
    return int(scores[1] > scores[0])


def largest_accuracy(copies: int, qubits: int, alpha: Fraction) -> Fraction:
    """Returns an upper bound of the accuracy without a quantum memory, for T copies in a game.

    1/2 + min(h(2x), N/(N-1) min(Φ(x), o + c x))/2, x = T/(2ⁿ + 1), N = 4ⁿ - 1: for proofs see
    bounds/hidden_pauli.py and, of _LINES, any_measurement.py. h interpolates 1 - r^S at whole S,
    r² = 1 - α². Φ(x), the largest (1 - r) Σ r^k (1 - F²) with Σ (1 - F) = x, is at most 1 - r times
    2μx + Σ (r^k - μ)² r^-k over k < K if μ >= r^K. Powers are rounded so that the bound grows.
    """
    one, hits = 1 << _BITS, Fraction(2 * copies, 2**qubits + 1)
    root = square = math.isqrt(math.floor((1 - alpha**2) * one * one))
    power, times = one, math.floor(hits)
    while times:
        power = power * square >> _BITS if times & 1 else power
        square, times = square * square >> _BITS, times >> 1
    gain = (one - power + hits % 1 * (power - (power * root >> _BITS))) / one
    high, low, a, b, k, mu = one, one, 0, 0, 0, -1
    while mu < high and low and k < 30_000:
        a, b, k = a + high, b - (-one * one // low), k + 1
        high, low = -(-high * (root + 1) >> _BITS), low * root >> _BITS
        mu = (2 * k * hits.denominator - hits.numerator) * one * one // (2 * hits.denominator * b)
    bounds = [Fraction(o) + Fraction(c) * hits / 2 for a, o, c in _LINES if alpha <= Fraction(a)]
    if mu >= high:
        phi = a - mu * (2 * k - hits) + Fraction(mu * mu * b, one * one)
        bounds += [(one - root) * phi / one**2]
    return (1 + min([gain, *(bound * (4**qubits - 1) / (4**qubits - 2) for bound in bounds)])) / 2


def tail(right: int, games: int, chance: Fraction) -> Fraction:
    """Returns an upper bound of Pr[Bin(games, chance) >= right], tight to some 10 digits.

    It is C(N, k) p^k q^(N-k) times 1 + (N-k)/(k+1) p/q + ..., with k right of N games. p is rounded
    up to a multiple of 2⁻⁴⁸, and every term to one of 2⁻¹⁹².
    """
    up = min(math.ceil(chance * 2**48), 2**48)
    down = 2**48 - up
    if right <= 0 or not down:
        return Fraction(1)
    term = total = 1 << _BITS
    for k in range(right, games):
        term = -(-term * (games - k) * up // ((k + 1) * down))
        total += term
    whole = math.comb(games, right) * up**right * down ** (games - right) * total
    spare = max(0, whole.bit_length() - 64)
    return min(Fraction(1), Fraction(-(-whole >> spare)) / 2 ** (48 * games + _BITS - spare))


def rounded_up(value: Fraction) -> str:
    """Returns a number of (0, 1] with three digits, rounded up: 0.0123 is 1.23e-2."""
    power = 0
    while (digits := math.ceil(value * 10 ** (power + 2))) < 100:
        power += 1
    digits, power = (digits, power) if digits < 1000 else (100, power - 1)
    return f"{digits // 100}.{digits % 100:02}e-{power}"


def result_of(chain: Sequence[Message]) -> dict[str, Any]:
    """Returns what a chain proves; one without an opening has no right answer.

    The p-value is the chance that a learner without a quantum memory is right so often. With up to
    ``excluded_copies`` in a game it is at most one minus the confidence; ``factor`` times as many.
    """
    past = {name: message.values for name, message in zip(KINDS, chain, strict=False)}
    terms, right = past["terms"], 0
    games, copies, qubits = (terms[key] for key in ("games", "copies", "qubits"))
    if "opening" in past:
        seed, answers = bytes.fromhex(past["opening"]["seed"]), past["answers"]["answers"]
        right = sum(int(a) == draw(seed, game, qubits)[3] for game, a in enumerate(answers))

    def chance(spent: int) -> Fraction:
        return tail(right, games, largest_accuracy(spent, qubits, alpha_of(terms)))

    low, high, level = 0, 1, 1 - Fraction(terms["confidence"])
    while chance(high) <= level:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if chance(middle) <= level else (low, middle)
    factor = f"{low // copies}.{low * 100 // copies % 100:02}"
    values = right, rounded_up(chance(copies)), str(low), factor
    return dict(zip(FIELDS["result"], values, strict=True))


def audit(files: dict[str, bytes], published: Sequence[str] = ()) -> Finding:
    """Checks all that can be checked from the files of a run, and from digests seen elsewhere."""
    chain: list[Message] = []
    name = min(set(files) - set(NAMES), default="")
    try:
        if name:
            _refuse("it is no message of a run")
        for name in NAMES[: max((NAMES.index(name) + 1 for name in files), default=1)]:
            if name not in files:
                _refuse("it is missing")
            chain.append(check(chain, files[name]))
        if unknown := set(published) - {message.digest for message in chain}:
            name = min(unknown)
            _refuse("no message has this published digest")
    except AuditError as error:
        return Finding(tuple(chain), f"{name[:80]}: {error}")
    witnessed = tuple(k for k, m in zip(KINDS, chain, strict=False) if m.digest in published)
    excluded = int(chain[-1].values.get("excluded_copies", 0))
    return Finding(tuple(chain), "", witnessed, excluded >= chain[0].values["copies"])


def read_folder(folder: Path) -> dict[str, bytes]:
    """Returns the files of a folder that end in ``.json``, or raises AuditError."""
    paths = sorted(path for path in folder.iterdir() if path.suffix == ".json")[: len(NAMES) + 1]
    if any(not path.is_file() or path.stat().st_size > MOST_BYTES for path in paths):
        _refuse(f"{folder} must hold files of at most {MOST_BYTES} bytes")
    return {path.name: path.read_bytes() for path in paths}


def report(finding: Finding) -> str:
    """Returns what an audit found, in plain words; what it cannot see comes first."""
    lines = ["What no audit of these files can see:", *(f"  - {line}" for line in CANNOT_SEE), ""]
    if finding.fault:
        return "\n".join([*lines, f"FAULT: {finding.fault}", "The run proves nothing.", ""])
    for kind, (values, digest) in zip(KINDS, finding.chain, strict=False):
        seen = "published" if kind in finding.witnessed else "not published"
        needed = ", needed before the next message" if kind in WITNESSED else ""
        lines.append(f"{digest}  {kind} of {values['date']} ({seen}{needed})")
    ordered = set(WITNESSED) <= set(finding.witnessed)
    aborted = len(finding.chain) < len(KINDS)
    terms, result = finding.chain[0].values, result_of(finding.chain[: 1 if aborted else None])
    last = f"ABORTED after the {KINDS[len(finding.chain) - 1]}, so that all games are wrong; "
    return "\n".join(lines) + f"""
order and dates: {"as whoever published these digests says" if ordered else "CLAIMED, not proven"}
{terms["task"]}, {terms["protocol"]}, {terms["qubits"]} qubits, {terms["backend"]}
{last if aborted else "all checks pass; "}{result["right"]} of {terms["games"]} games right
chance of that from {terms["copies"]} copies without a quantum memory: at most {result["p_value"]}
{"CERTIFIED" if finding.certified else "NOT certified"} at {terms["confidence"]}; up to \
{result["excluded_copies"]} copies a game without a quantum memory are excluded, \
{result["factor"]} times as many
"""  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Audits ``FOLDER [DIGEST ...]``; returns 0 if it is certified, otherwise 1."""
    try:
        finding = audit(read_folder(Path(arguments[0])), arguments[1:])
    except (AuditError, OSError) as error:
        finding = Finding((), str(error))
    sys.stdout.write(report(finding))
    return 0 if finding.certified else 1


if __name__ == "__main__":
    sys.exit(main([a for a in sys.argv[1:] if a != "--published"] or ["."]))
