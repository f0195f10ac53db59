import json
import re
from pathlib import Path

from quantum_advantage.core.shipped import experiment_scripts
from quantum_advantage.experiment.paper import ITEMS

ROOT = Path(__file__).resolve().parents[2]


def test_list_prints_a_line_about_every_experiment(printed):
    head, *lines, _ = printed("list").splitlines()
    assert head.split()[:2] == ["experiment", "seconds"]
    assert [line.split()[0] for line in lines] == list(experiment_scripts())
    assert all(len(line.split(maxsplit=2)[2]) > 20 for line in lines)


def test_every_script_is_reproduced_once_from_the_longest_to_the_shortest(printed):
    listed = json.loads(printed("list", "--json"))["experiments"]
    seconds = {e["name"]: e["seconds"] for e in listed}
    (names,) = re.findall(r"^SCRIPTS := ((?:.*\\\n)*.*)", (ROOT / "Makefile").read_text(), re.M)
    names = names.replace("\\", "").split()
    assert sorted(names) == sorted(path.stem for path in (ROOT / "experiments").glob("*.py"))
    ordered = [seconds[name] for name in names]
    assert ordered == sorted(ordered, reverse=True)


def test_map_of_the_paper_is_the_table_of_the_front_page(printed):
    figure, script = r"\[.+?\]\(docs/gallery/(\w+)\.md\)", r"`experiments/(\w+)\.py`"
    row = re.compile(rf"^\| (.+?) \| {figure} \| {script} \|$")
    found = [row.match(line) for line in (ROOT / "README.md").read_text().splitlines()]
    assert [(m[1], m[2]) for m in found if m] == list(ITEMS)
    assert all(m[2] == m[3] for m in found if m)
    head, *lines = printed("list", "--paper").splitlines()
    assert head.split() == ["paper", "figure", "command"]
    for line, (item, name) in zip(lines, ITEMS, strict=True):
        assert re.split(r"  +", line) == [
            item,
            f"out/{name}.png",
            f"quantum-advantage run {name}",
        ]


def test_every_item_of_the_paper_has_an_experiment():
    assert {name for _, name in ITEMS} <= set(experiment_scripts())


def test_list_refuses_what_it_does_not_know(refused):
    assert "did you mean --paper?" in refused("list", "--papr")
    assert "unrecognized arguments: signs" in refused("list", "signs")
