import json
from dataclasses import replace
from importlib.resources import files

import pytest

from quantum_advantage.certify.certificate import certify
from quantum_advantage.certify.methods import Afterwards, Fixed
from quantum_advantage.certify.played import Played
from quantum_advantage.certify.score import read_score, score_of, score_schema, write_score
from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.spec import CurveSpec

KEY = CurveSpec("observables:alpha=0.9,game=two", "bell", 10, "engine:willow", 10, 0)
PLAYED = Played("trial", KEY, 2, 2, (8, 9, 7, 8) * 5, 10, "0" * 64, (2,))
GRANTED = replace(
    certify(PLAYED, Fixed()),
    registration="a" * 64,
    registered="2026-01-31T12:00:00.000000+00:00",
)
UNREGISTERED = certify(PLAYED, Afterwards(1, 1))
REFUSED = certify(replace(PLAYED, right=(5, 5)), Fixed())


@pytest.mark.parametrize("certificate", [GRANTED, UNREGISTERED, REFUSED])
def test_score_is_read_as_it_is_written(certificate, tmp_path):
    path = tmp_path / "score.json"
    write_score(path, certificate)
    found = read_score(path)
    assert found == score_of(certificate)
    assert found["score"] == (certificate.factor if certificate.certified else 0)
    assert list(found) == score_schema()["required"] == list(score_schema()["properties"])


def test_schema_is_package_data_of_draft_2020_12():
    schema = json.loads(
        files("quantum_advantage.certify").joinpath("score.schema.json").read_text()
    )
    assert schema == score_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["additionalProperties"] is False
    assert all(rule["description"] and rule["type"] for rule in schema["properties"].values())
    # The reader knows all words that the schema uses, so that both say the same.
    words = {word for rule in schema["properties"].values() for word in rule}
    known = {"const", "enum", "pattern", "maxLength", "minimum", "maximum", "exclusiveMinimum"}
    assert words <= known | {"exclusiveMaximum", "type", "description"}


CANNOT_BE = [
    {"version": 2}, {"version": True}, {"task": ""}, {"task": "../x"}, {"protocol": None},
    {"qubits": 0}, {"qubits": 10.5}, {"qubits": "10"}, {"device": "a b"}, {"unit": "shots"},
    {"copies": 0}, {"games": 0}, {"right": -1}, {"right": 500}, {"right": 3}, {"confidence": 0.5},
    {"confidence": 1}, {"certified": 1}, {"certified": False}, {"score": 0}, {"score": -1},
    {"score": "90"}, {"score": None}, {"accuracy": 0.5}, {"accuracy": 2}, {"p_value": 0.5},
    {"p_value": -1}, {"largest_conventional": 0.4}, {"learners": "nobody"}, {"condition": None},
    {"condition": "a\nb"}, {"registration": "x"}, {"registration": None}, {"registered": None},
    {"registered": "2026-13-31T12:00:00.000000+00:00"}, {"registered": "now"}, {"data": "x"},
    {"package": 1}, {"more": 1},
]  # fmt: skip


@pytest.mark.parametrize("changes", CANNOT_BE, ids=str)
def test_a_score_that_cannot_be_is_refused_in_one_line(changes, tmp_path):
    path = tmp_path / "score.json"
    path.write_text(json.dumps({**score_of(GRANTED), **changes}))
    with pytest.raises(UsageError, match=r"score\.json is no score \(") as caught:
        read_score(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("missing", score_schema()["required"])
def test_nothing_may_be_missing(missing, tmp_path):
    path = tmp_path / "score.json"
    path.write_text(json.dumps({k: v for k, v in score_of(GRANTED).items() if k != missing}))
    with pytest.raises(UsageError, match=f"see {missing}"):
        read_score(path)


@pytest.mark.parametrize("text", ["", "[]", "1", "{", '{"version": NaN}', '{"a": 1, "a": 2}'])
def test_what_is_no_object_is_refused(text, tmp_path):
    path = tmp_path / "score.json"
    path.write_text(text)
    with pytest.raises(UsageError, match="is no score"):
        read_score(path)


def test_score_makes_its_folder(tmp_path):
    path = tmp_path / "scores" / "today" / "score.json"
    write_score(path, GRANTED)
    assert read_score(path) == score_of(GRANTED)


def test_another_score_is_not_replaced(tmp_path):
    path = tmp_path / "score.json"
    write_score(path, GRANTED)
    write_score(path, GRANTED)
    with pytest.raises(UsageError, match="exists and is another one"):
        write_score(path, REFUSED)
    assert read_score(path) == score_of(GRANTED)
