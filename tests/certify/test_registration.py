import json
from dataclasses import replace
from datetime import timedelta

import pytest

from quantum_advantage.certify import files
from quantum_advantage.certify.certificate import certify
from quantum_advantage.certify.choices import certificate_stem
from quantum_advantage.certify.methods import Anytime, Fixed
from quantum_advantage.certify.played import read_counts
from quantum_advantage.certify.registered import (
    certify_registered,
    choose_claim,
    registered_games,
)
from quantum_advantage.certify.registration import (
    claim_of,
    code_digest,
    read_registration,
    register,
)
from quantum_advantage.cli import main
from quantum_advantage.core.fields import moment_text
from quantum_advantage.core.files import write_json
from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.engine import collect
from quantum_advantage.study.kinds import decisions
from quantum_advantage.study.provenance import provenance_path
from quantum_advantage.study.spec import Spec
from quantum_advantage.study.wanted import Fixed as FixedBudget

SPEC = Spec("observables:alpha=0.9,game=two", "bell", 10, "qsim", 2, 10, 0)


@pytest.fixture(autouse=True)
def undrawn(monkeypatch):
    monkeypatch.setattr(files, "render", lambda draw, stem: None)


def collect_games(path, games=200, specs=(SPEC,), backend=None):
    counts = decisions("trial", path)
    counts.open()
    collect([FixedBudget(spec) for spec in specs], counts, games, backend=backend)
    counts.close()


@pytest.fixture
def file(tmp_path):
    return tmp_path / "registration.json"


@pytest.fixture
def path(tmp_path):
    (tmp_path / "out" / "data").mkdir(parents=True)
    return tmp_path / "out" / "data" / "trial.csv"


def certified(registration, path, **chosen):
    claim = choose_claim(registration, **chosen)
    return certify_registered(
        registration, *registered_games(registration, read_counts(path), claim)
    )


def refused(capsys, *arguments):
    assert main([*map(str, arguments)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err


def test_what_is_written_is_read_again(file):
    claims = [claim_of(replace(SPEC, qubits=n), 200) for n in (4, 10)]
    written = register(file, claims, 0.999)
    assert read_registration(file) == written
    assert (written.mode, written.confidence, written.claims) == ("fixed", 0.999, tuple(claims))
    assert written.code == code_digest()
    assert [claim.spec for claim in claims] == [replace(SPEC, qubits=4), SPEC]
    assert all(claim.circuit and claim.sampler for claim in claims)
    assert len({claim.circuit for claim in claims}) == 2


def test_a_registration_is_never_replaced(file):
    register(file, [claim_of(SPEC, 200)], 0.99)
    before = file.read_bytes()
    with pytest.raises(UsageError, match="never replaced"):
        register(file, [claim_of(SPEC, 400)], 0.99)
    assert file.read_bytes() == before


def test_registered_games_are_weighed_as_before(file, path):
    registration = register(file, [claim_of(SPEC, 200)], 0.999)
    collect_games(path)
    found = certified(registration, path)
    played, method = registered_games(registration, read_counts(path), choose_claim(registration))
    assert method == Fixed()
    alone = certify(played, Fixed(), confidence=0.999)
    assert found == replace(alone, registration=found.registration, registered=found.registered)
    assert (found.certified, found.price, found.games) == (True, 1, 200)
    assert found.registration == registration.digest


def test_more_data_than_registered_changes_nothing(file, path):
    registration = register(file, [claim_of(SPEC, 200)], 0.99)
    collect_games(path)
    before = certified(registration, path)
    collect_games(path, 400, (SPEC, replace(SPEC, qubits=4)))
    after = certified(registration, path)
    assert (after.p_value, after.right, after.games) == (before.p_value, before.right, 200)
    assert after.lower == before.lower


def test_less_data_than_registered_is_refused(file, path):
    registration = register(file, [claim_of(SPEC, 400)], 0.99)
    collect_games(path)
    with pytest.raises(UsageError, match="batch 20 is missing among the first 400 games"):
        certified(registration, path)


def test_registered_bets_may_be_looked_at_any_time(file, path):
    claim = claim_of(SPEC, 400, anytime=True, alternative=0.66)
    registration = register(file, [claim], 0.99)
    collect_games(path)
    found = certified(registration, path)
    assert (found.mode, found.alternative, found.games) == ("anytime", 0.66, 200)
    collect_games(path, 600)
    assert certified(registration, path).games == 600


def test_claims_of_one_registration_share_its_level(file, path):
    specs = [replace(SPEC, qubits=n) for n in (4, 6, 10)]
    registration = register(file, [claim_of(spec, 200) for spec in specs], 0.99)
    collect_games(path, 200, specs)
    found = certified(registration, path, qubits=10)
    alone = certify(
        registered_games(registration, read_counts(path), registration.claims[2])[0], Fixed()
    )
    assert found.p_value == pytest.approx(3 * alone.p_value)
    assert found.lower < alone.lower
    assert "shared by 3 claims" in found.method
    with pytest.raises(UsageError, match="3 of 3 registered claims are asked for"):
        certified(registration, path)
    with pytest.raises(UsageError, match="0 of 3 registered claims are asked for"):
        certified(registration, path, qubits=5)


@pytest.mark.parametrize(
    "change",
    [{"seed": 1}, {"budget": 4}, {"batch_size": 20}, {"qubits": 9}, {"backend": "stim"}],
    ids=str,
)
def test_data_of_another_spec_was_not_registered(change, file, path):
    registration = register(file, [claim_of(replace(SPEC, **change), 200)], 0.99)
    collect_games(path)
    with pytest.raises(UsageError, match=r"trial\.csv was not registered: it holds no rows of"):
        certified(registration, path)


def test_older_data_was_not_registered(file, path):
    collect_games(path)
    registration = register(file, [claim_of(SPEC, 200)], 0.99)
    with pytest.raises(UsageError, match=r"was not registered: it was begun at .*, before the"):
        certified(registration, path)
    # Not even if most of it came later.
    collect_games(path, 400)
    with pytest.raises(UsageError, match="before the registration"):
        certified(registration, path)
    before = replace(registration, registered=registration.registered - timedelta(days=1))
    assert certified(before, path).certified


def test_data_of_unknown_origin_was_not_registered(file, path):
    registration = register(file, [claim_of(SPEC, 200)], 0.99)
    collect_games(path)
    provenance_path(path).unlink()
    with pytest.raises(UsageError, match=r"trial\.json does not say when it was begun"):
        certified(registration, path)


@pytest.mark.parametrize("what", ["circuit", "sampler"])
def test_data_of_another_circuit_or_sampler_was_not_registered(what, file, path):
    claim = replace(claim_of(SPEC, 200), **{what: "a" * 64})
    registration = register(file, [claim], 0.99)
    collect_games(path)
    with pytest.raises(UsageError, match=f"was not registered: another {what} made it"):
        certified(registration, path)


def test_changed_code_is_told(file, path):
    registration = register(file, [claim_of(SPEC, 200)], 0.99)
    collect_games(path)
    assert not any("code has changed" in note for note in certified(registration, path).notes)
    changed = replace(registration, code="0" * 64)
    assert any("code has changed" in note for note in certified(changed, path).notes)


def test_claims_that_cannot_be_are_refused(file):
    with pytest.raises(UsageError, match="told beforehand"):
        claim_of(replace(SPEC, protocol="known_question"), 200)
    with pytest.raises(UsageError, match="belongs to the mode anytime"):
        claim_of(SPEC, 200, alternative=0.7)
    with pytest.raises(UsageError, match="alternative must lie between"):
        claim_of(SPEC, 200, anytime=True, alternative=0.5)
    with pytest.raises(UsageError, match="confidence must lie"):
        register(file, [claim_of(SPEC, 200)], 1.0)
    assert not file.exists()


CANNOT_BE = [
    {"registration": 2}, {"registered": "yesterday"}, {"registered": None}, {"mode": "any"},
    {"mode": "anytime"}, {"confidence": 1}, {"confidence": 0.5}, {"confidence": "x"}, {"code": "x"},
    {"claims": []}, {"claims": {}}, {"claims": [1]}, {"more": 1},
    {"registered": "2026-13-01T00:00:00.000000+00:00"},
]  # fmt: skip
CLAIM_CANNOT_BE = [
    {"qubits": 0}, {"qubits": "4"}, {"games": 205}, {"games": True}, {"copies": 0}, {"seed": -1},
    {"batch_size": 0}, {"task": "../x"}, {"backend": "a b"}, {"circuit": "x"}, {"sampler": None},
    {"alternative": 2}, {"task": {}}, {"backend": []}, {"more": 1},
]  # fmt: skip


@pytest.mark.parametrize("claim", [False, True])
def test_a_registration_that_cannot_be_is_refused_in_one_line(file, claim):
    register(file, [claim_of(SPEC, 200)], 0.99)
    values = json.loads(file.read_text())
    del values["check"]
    for changes in CLAIM_CANNOT_BE if claim else CANNOT_BE:
        changed = {**values, "claims": [{**values["claims"][0], **changes}]}
        write_json(file, changed if claim else {**values, **changes})
        with pytest.raises(UsageError, match=r"registration\.json is no registration") as caught:
            read_registration(file)
        assert "\n" not in str(caught.value)
    write_json(file, {**values, "claims": values["claims"] * 2})
    with pytest.raises(UsageError, match="a claim comes twice"):
        read_registration(file)


def test_a_registration_without_its_check_is_none(file):
    register(file, [claim_of(SPEC, 200)], 0.99)
    values = json.loads(file.read_text())
    del values["check"]
    file.write_text(json.dumps(values))
    with pytest.raises(UsageError, match="it has no check"):
        read_registration(file)


def test_an_edited_registration_is_noticed(file):
    register(file, [claim_of(SPEC, 200)], 0.99)
    file.write_text(file.read_text().replace('"games": 200', '"games": 400'))
    with pytest.raises(UsageError, match="does not match its check"):
        read_registration(file)


# The commands.

PLAN = "plan", "observables", "--qubits", 10, "--games", 200, "--backend", "law"


def test_plan_registers_and_certify_says_so(tmp_path, capsys, file):
    arguments = [*PLAN, "--seed", 3, "--register", file, "--out", tmp_path / "plans"]
    assert main([*map(str, arguments)]) == 0
    text = capsys.readouterr().out
    registration = read_registration(file)
    (claim,) = registration.claims
    assert f"SHA-256 {registration.digest}" in text
    assert f"--max-copies {claim.copies} --games 10 --trials 200 --seed 3" in text
    data = tmp_path / "out" / "data" / "trial.csv"
    data.parent.mkdir(parents=True)
    collect_games(data, 200, [claim.spec])
    assert main(["certify", str(data), "--registration", str(file)]) == 0
    text = capsys.readouterr().out
    when = moment_text(registration.registered)
    assert f"Registered: {when}, SHA-256 {registration.digest}." in text
    assert "published before the data was taken" in text
    (kept,) = (tmp_path / "out" / "certificates").glob("*.json")
    assert kept.stem.endswith(f"_copies_{claim.copies}_{registration.digest[:8]}")
    # What was registered is not also certified as if it had not been.
    assert "is a registered certificate of the same games" in refused(capsys, "certify", data)
    for option in ("copies", "games", "confidence", "budget"):
        value = 0.9 if option == "confidence" else 2
        line = refused(capsys, "certify", data, "--registration", file, f"--{option}", value)
        assert f"--{option} is part of the registration" in line


def test_other_levels_beside_it_are_told(tmp_path, capsys, file, path):
    registration = register(file, [claim_of(SPEC, 200)], 0.99)
    other = register(tmp_path / "other.json", [claim_of(SPEC, 400)], 0.99)
    collect_games(path, 400, [SPEC, replace(SPEC, qubits=4)])
    assert main(["certify", str(path), "--registration", str(file)]) == 0
    assert "at most the sum of the levels" not in capsys.readouterr().out
    assert main(["certify", str(path), "--registration", str(tmp_path / "other.json")]) == 0
    assert "kept of 1 others" in capsys.readouterr().out
    assert main(["certify", str(path), "--qubits", "4"]) == 0
    capsys.readouterr()
    assert main(["certify", str(path), "--registration", str(file)]) == 0
    assert "kept of 2 others" in capsys.readouterr().out
    played, _ = registered_games(registration, read_counts(path), registration.claims[0])
    stems = {certificate_stem(path.parent.parent, played, one.digest)
             for one in (registration, other)}  # fmt: skip
    assert all(stem.with_suffix(".json").exists() for stem in stems)


def test_several_claims_are_planned_at_their_share_of_the_level(tmp_path, capsys, file):
    arguments = ["plan", "observables", "--qubits", "8,10", "--games", "200", "--backend", "law"]
    more = ["--seed", "3", "--register", str(file), "--out", str(tmp_path), "--anytime"]
    assert main([*arguments, *more]) == 0
    text = capsys.readouterr().out
    assert "200 games at 99.5 %" in text
    assert "2 claims that share the level, mode anytime" in text
    registration = read_registration(file)
    assert registration.confidence == 0.99
    assert [type(claim.alternative) for claim in registration.claims] == [float, float]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--seed", "3"], "--seed would change nothing without --register"),
        (["--anytime"], "--anytime would change nothing without --register"),
        (["--alternative", "0.7"], "--alternative would change nothing without --register"),
        (["--register", "FILE"], "--register needs --seed S"),
        (["--register", "FILE", "--seed", "3", "--alternative", "0.7"], "belongs to --anytime"),
        (
            ["--register", "FILE", "--seed", "3", "--alternative", "0.501", "--anytime"],
            "alternative must lie between",
        ),
        (["--register", "THERE", "--seed", "3"], "exists; name a new file"),
    ],
)
def test_what_cannot_be_registered_is_one_line(tmp_path, capsys, file, arguments, reason):
    there = tmp_path / "there.json"
    there.write_text("mine")
    named = [{"FILE": str(file), "THERE": str(there)}.get(word, word) for word in arguments]
    plan = ["plan", "observables", "--qubits", "4", "--games", "200", "--backend", "law"]
    assert main([*plan, *named, "--out", str(tmp_path / "plans")]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert reason in err
    assert not file.exists()
    assert there.read_text() == "mine"


def test_the_method_of_a_claim_is_that_of_its_mode(file, path):
    claims = [claim_of(replace(SPEC, qubits=n), 200, anytime=True) for n in (10, 4)]
    registration = register(file, claims, 0.99)
    collect_games(path, 200, [claim.spec for claim in claims])
    _, method = registered_games(registration, read_counts(path), claims[0])
    assert method == Anytime(claims[0].alternative, 2)
