import json

import cirq
import numpy as np
import pytest
from characterise_examples import blocks_of, exact_on, learned_on

from quantum_advantage.characterise.blocks import Block
from quantum_advantage.characterise.files import (
    layer_errors,
    noise_lines,
    noise_text,
    read_noise,
)
from quantum_advantage.core.files import seal_json

BACKEND = "qvm:weber"


@pytest.fixture(scope="module")
def learned():
    return learned_on("weber", 4, "cz_both", settings=12, shots=50)


@pytest.fixture
def path(learned, tmp_path):
    file = tmp_path / "noise.json"
    file.write_text(noise_text(BACKEND, blocks_of("weber", 4), learned))
    return file


def rewritten(path, change):
    """The file with something changed, under a check that fits again."""
    values = json.loads(path.read_text())
    del values["check"]
    change(values)
    path.write_text(seal_json(values))
    return path


def test_what_was_learned_comes_back_as_it_was(path, learned):
    backend, blocks, again = read_noise(path)
    assert backend == BACKEND
    assert blocks == blocks_of("weber", 4)
    assert (again.layer, again.depths, again.settings, again.shots) == (
        *(learned.layer, learned.depths),
        *(12, 50),
    )
    assert list(again.decays) == list(learned.decays)
    for start, decay in learned.decays.items():
        for name in ("amplitudes", "factors", "low", "high", "p_values"):
            assert (getattr(again.decays[start], name) == getattr(decay, name)).all()


def test_the_file_says_which_eigenvalues_are_learned_alone(path):
    for block in json.loads(path.read_text())["blocks"]:
        alone = {e["string"] for e in block["eigenvalues"] if e["alone"]}
        assert alone == {"ZI", "IZ", "ZZ", "XX", "XY", "YX", "YY"}
        assert len(block["eigenvalues"]) == 15
        assert all(0.7 < e["value"] < 1 and 0 < e["error"] < 0.2 for e in block["eigenvalues"])
        visits = {tuple(d["visits"]) for d in block["decays"]}
        assert ("XI", "XZ") in visits
        assert len(block["decays"]) == 30


def test_an_edit_is_noticed(path):
    path.write_text(path.read_text().replace('"shots": 50', '"shots": 5000'))
    with pytest.raises(ValueError, match="does not match its check"):
        read_noise(path)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda v: v.update(format="other"), "its format must be"),
        (lambda v: v.update(layer="swap"), "layer must be one of"),
        (lambda v: v.update(depths=[0, 3]), "even numbers"),
        (lambda v: v.update(settings=1), "settings"),
        (lambda v: v.update(blocks=[]), "holds no block"),
        (lambda v: v.pop("shots"), "shots is missing"),
        (lambda v: v["blocks"][0].update(pairs="1.6-1.7"), "two pairs"),
        (lambda v: v["blocks"][0]["decays"].pop(), "not those of the layer"),
        (lambda v: v["blocks"][1]["decays"][3].update(low=1.0), "outside its interval"),
        (lambda v: v["blocks"][1]["decays"][3].update(factor="0.9"), "factor"),
        (lambda v: v.update(blocks=3), "is not what was learned about a layer"),
    ],
)
def test_what_is_no_such_file_is_refused_in_one_line(path, change, named):
    with pytest.raises(ValueError, match=named) as error:
        read_noise(rewritten(path, change))
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_blocks_off_a_grid_have_no_place_in_a_file(learned):
    line = cirq.LineQubit.range(4)
    with pytest.raises(ValueError, match="blocks must stand on a grid"):
        noise_text("qsim", [Block(tuple(line[:2]), tuple(line[2:]))] * 2, learned)


# The table.


def test_table_has_a_line_for_each_decay_and_tells_what_is_learned(learned):
    lines = list(noise_lines(blocks_of("weber", 4), learned, exact_on("weber", 4, "cz_both")))
    assert lines[0].startswith("layer cz_both: 6 circuits of 6 layers at most, 12 settings of 50")
    assert lines[0].endswith("3600 in all")
    assert len(lines) == 2 + 30 + 4
    # What is measured several times has lines of other beginnings or circuits.
    names = [line[:34] for line in lines[2:32]]
    assert len(set(names)) == 30
    words = [tuple(name.split()) for name in names]
    assert {("ZI", "ZI", "plain"), ("ZI", "ZI", "turned")} < set(words)
    assert {("XI", "XZ", "XI", "plain"), ("XI", "XZ", "XZ", "plain")} < set(words)
    assert lines[32].startswith("lines of the same strings measure the same factor")
    assert "learned alone: XX, ZI, YX, IZ, XY, ZZ, YY" in lines
    products = lines[-2].removeprefix("learned in products alone: ").partition(";")[0].split(", ")
    assert sorted(products) == ["IX", "IY", "XI", "XZ", "YI", "YZ", "ZX", "ZY"]
    assert "13 independent products of 15 eigenvalues" in lines[-2]
    held = int(lines[-1].split("inside ")[1].split()[0])
    assert lines[-1].endswith("of 60 95 % intervals")
    assert 45 <= held <= 60


def test_table_without_a_noise_model_says_nothing_of_one(learned):
    lines = list(noise_lines(blocks_of("weber", 4), learned))
    assert not any("noise model" in line for line in lines)


def test_errors_of_layers_are_those_of_the_factors(learned):
    errors = layer_errors(learned)
    assert errors.shape == (2,)
    assert ((errors > 0.05) & (errors < 0.25)).all()
    assert np.allclose(
        errors, 1 - np.mean([decay.factors for decay in learned.decays.values()], axis=0)
    )
