"""Ways to tamper with the files of a sealed run of Bell measurements."""

from __future__ import annotations

import copy
import json

from sealed_runs import chained, refilled, values_of

from quantum_advantage.sealed.auditor import NAMES, canonical, commitment, draw

TERMS, REQUEST, RECORD, RECEIPT, QUESTIONS, ANSWERS, OPENING, RESULT = range(8)
OTHER_SEED = bytes([7] * 32)
FLIPPED = {"0": "1", "1": "0", "2": "3", "3": "2"}


def setting(number, key, value):
    """Sets one value of one message."""

    def change(messages):
        messages[number][key] = value

    return change


def record_bit(messages):
    outcomes = messages[RECORD]["outcomes"]
    outcomes[3][0] = FLIPPED[outcomes[3][0][0]] + outcomes[3][0][1:]


def records_exchanged(messages):
    rows = messages[RECORD]["outcomes"]
    rows[0], rows[1] = rows[1], rows[0]


def game_of_record_dropped(messages):
    del messages[RECORD]["outcomes"][5]


def shot_added(messages):
    messages[RECORD]["outcomes"][5].append(messages[RECORD]["outcomes"][5][0])


def outcome_of_another_alphabet(messages):
    messages[RECORD]["outcomes"][5][0] = "4" + messages[RECORD]["outcomes"][5][0][1:]


def answer_flipped(messages):
    answers = messages[ANSWERS]["answers"]
    messages[ANSWERS]["answers"] = FLIPPED[answers[0]] + answers[1:]


def answers_reversed(messages):
    messages[ANSWERS]["answers"] = messages[ANSWERS]["answers"][::-1]


def answer_dropped(messages):
    messages[ANSWERS]["answers"] = messages[ANSWERS]["answers"][1:]


def question_letter(messages):
    string = messages[QUESTIONS]["questions"][2][0]
    messages[QUESTIONS]["questions"][2][0] = ("X" if string[0] != "X" else "Y") + string[1:]


def question_turned_round(messages):
    messages[QUESTIONS]["questions"][4].reverse()


def questions_exchanged(messages):
    rows = messages[QUESTIONS]["questions"]
    rows[0], rows[1] = rows[1], rows[0]


def question_dropped(messages):
    del messages[QUESTIONS]["questions"][-1]


def system_drawn_again(messages):
    """One game is played with a system of another seed."""
    qubits = messages[TERMS]["qubits"]
    hidden, other, _, order = draw(OTHER_SEED, 0, qubits)
    messages[QUESTIONS]["questions"][0] = [other, hidden] if order else [hidden, other]


def all_systems_drawn_again(messages):
    """Another seed throughout; the outcomes stay as they were."""
    qubits = messages[TERMS]["qubits"]
    messages[TERMS]["commitment"] = commitment(OTHER_SEED)
    messages[OPENING]["seed"] = OTHER_SEED.hex()
    for game, pair in enumerate(messages[QUESTIONS]["questions"]):
        hidden, other, _, order = draw(OTHER_SEED, game, qubits)
        pair[:] = [other, hidden] if order else [hidden, other]


def seed_bit(messages):
    seed = messages[OPENING]["seed"]
    messages[OPENING]["seed"] = ("1" if seed[0] != "1" else "2") + seed[1:]


def game_dropped_everywhere(messages):
    messages[TERMS]["games"] -= 1
    messages[RECORD]["outcomes"].pop()
    messages[QUESTIONS]["questions"].pop()


def circuit_everywhere(messages):
    messages[REQUEST]["circuit"] = messages[RECORD]["circuit"] = "c" * 64


def one_more_right(messages):
    messages[RESULT]["right"] += 1


def more_excluded(messages):
    messages[RESULT]["excluded_copies"] = str(int(messages[RESULT]["excluded_copies"]) + 1)


def key_lost(messages):
    del messages[RECEIPT]["outcomes"]


def dates_of_last_year(messages):
    for values in messages:
        values["date"] = "2025" + values["date"][4:]


def kinds_exchanged(messages):
    messages[REQUEST], messages[RECORD] = messages[RECORD], messages[REQUEST]


# Each changes values; the forger may then write all digests anew.
CHANGES = {
    "bit of a record": record_bit,
    "records of two games exchanged": records_exchanged,
    "game of the record dropped": game_of_record_dropped,
    "shot added": shot_added,
    "outcome of another alphabet": outcome_of_another_alphabet,
    "answer flipped": answer_flipped,
    "answers in another order": answers_reversed,
    "answer dropped": answer_dropped,
    "letter of a question": question_letter,
    "order of a question": question_turned_round,
    "questions of two games exchanged": questions_exchanged,
    "question dropped": question_dropped,
    "system of one game drawn again": system_drawn_again,
    "systems of all games drawn again": all_systems_drawn_again,
    "bit of the seed": seed_bit,
    "another seed": setting(OPENING, "seed", OTHER_SEED.hex()),
    "another commitment": setting(TERMS, "commitment", commitment(OTHER_SEED)),
    "game dropped everywhere": game_dropped_everywhere,
    "fewer games": setting(TERMS, "games", 99),
    "more copies": setting(TERMS, "copies", 4),
    "half a shot": setting(TERMS, "copies", 1),
    "more qubits": setting(TERMS, "qubits", 20),
    "smaller alpha": setting(TERMS, "task", "observables:alpha=0.5,game=two"),
    "lower confidence": setting(TERMS, "confidence", "0.9"),
    "another protocol": setting(TERMS, "protocol", "local_pauli"),
    "another backend": setting(TERMS, "backend", "engine:willow"),
    "circuit of the request": setting(REQUEST, "circuit", "c" * 64),
    "circuit of the record": setting(RECORD, "circuit", "c" * 64),
    "circuit everywhere": circuit_everywhere,
    "settings of single copies": setting(REQUEST, "settings", [["XXXXXXXXXX"]] * 100),
    "digest of the receipt": setting(RECEIPT, "outcomes", "d" * 64),
    "one more right answer": one_more_right,
    "smaller p-value": setting(RESULT, "p_value", "1.00e-99"),
    "more copies excluded": more_excluded,
    "larger factor": setting(RESULT, "factor", "9999.00"),
    "later date of the opening": setting(OPENING, "date", "2999-01-01T00:00:00Z"),
    "earlier date of the receipt": setting(RECEIPT, "date", "2020-01-01T00:00:00Z"),
    "dates of last year": dates_of_last_year,
    "unknown key": setting(ANSWERS, "remark", "all is well"),
    "key lost": key_lost,
    "text in place of a number": setting(RESULT, "right", "100"),
    "truth in place of a number": setting(TERMS, "games", True),
    "nothing in place of a number": setting(TERMS, "copies", None),
    "huge number": setting(TERMS, "games", 10**400),
    "negative number": setting(TERMS, "copies", -2),
    "list in place of a text": setting(ANSWERS, "answers", ["0"] * 100),
    "deep lists": setting(REQUEST, "settings", json.loads("[" * 200 + "]" * 200)),
    "two kinds exchanged": kinds_exchanged,
}  # fmt: skip


def changed(files, name):
    """Returns the values of all messages after a change."""
    messages = copy.deepcopy(values_of(files))
    CHANGES[name](messages)
    return messages


def alone(files, name):
    """Writes the changed messages, each with the digest it had, as somebody who knows no better."""
    return dict(zip(NAMES, map(canonical, changed(files, name)), strict=True))


def with_digests(files, name):
    """Writes the changed messages with all digests anew."""
    return chained(changed(files, name))


def rewritten(files, name):
    """Writes the changed messages and all that follows from them: a complete rewriting."""
    return refilled(changed(files, name))


def octets_changed(files):
    """Returns files with other bytes, by what was done."""
    terms, record, last = NAMES[0], NAMES[2], NAMES[7]
    other = files[NAMES[4]]
    shifted = {
        "no number": files | {last: files[last].replace(b'"right":', b'"right":NaN,"x":')},
        "NaN": files | {terms: files[terms].replace(b'"games":100', b'"games":NaN')},
        "infinity": files | {terms: files[terms].replace(b'"games":100', b'"games":1e999')},
        "fraction": files | {terms: files[terms].replace(b'"games":100', b'"games":100.0')},
        "key twice": files | {terms: files[terms].replace(b'{"b', b'{"games":100,"b')},
        "blank": files | {terms: files[terms].replace(b",", b", ", 1)},
        "line added": files | {record: files[record] + b"\n"},
        "line end of another system": files | {record: files[record][:-1] + b"\r\n"},
        "file cut short": files | {record: files[record][:-100]},
        "file empty": files | {record: b""},
        "byte order mark": files | {record: b"\xef\xbb\xbf" + files[record]},
        "zero byte": files | {record: files[record] + b"\0"},
        "not a text": files | {record: b"\xff" * 100},
        "escaped letter": files | {record: files[record].replace(b"record", b"\\u0072ecord")},
        "keys in another order": files
        | {last: b"{" + b",".join(reversed(files[last][1:-2].split(b","))) + b"}\n"},
        "two files exchanged": files | {record: other, NAMES[4]: files[record]},
        "file more": files | {"9-more.json": b"{}\n"},
    }
    return shifted | {
        f"{name} missing": {n: octets for n, octets in files.items() if n != name} for name in NAMES
    }
