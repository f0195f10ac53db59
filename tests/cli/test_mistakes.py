"""What a person gets wrong with each command ends with one line, and leaves nothing behind."""

import pytest

from quantum_advantage.cli import main
from quantum_advantage.cli.arguments import QUESTIONS
from quantum_advantage.cli.parser import subparsers_of
from quantum_advantage.tasks.base import DecidingTask
from quantum_advantage.tasks.registry import task_class, task_names

LAYER = "characterise weber --layer cz --pairs 2"
SEAL, PLAN = "seal observables --qubits 4", "plan observables --qubits 4"
REGISTER = f"{PLAN} --seed 1 --register"
NO_FOLDER = "must be a folder that can be written: file is a file"

# Each runs where `file` is a file of no use, `folder` an empty folder, and `nowhere` is not.
MISSING = {
    "audit nowhere": "folder nowhere does not exist; name the --out of seal",
    "certify nowhere": "data nowhere does not exist; name a file of counts",
    "certify file --registration nowhere": "--registration nowhere does not exist; name what plan",
    "compare nowhere": "new nowhere does not exist; name the --out of experiments",
    "compare folder nowhere": "committed nowhere does not exist",
    "devices nowhere.json": "calibration file 'nowhere.json' cannot be read: No such file",
    "layout nowhere.json --pairs 2": "calibration file 'nowhere.json' cannot be read",
    "preflight nowhere.json --pairs 2": "calibration file 'nowhere.json' cannot be read",
    "characterise nowhere.json --layer cz --pairs 2": "'nowhere.json' cannot be read",
    "plan observables --preflight nowhere": "--preflight nowhere does not exist; name the CSV file",
    f"{REGISTER} nowhere/x": "--register nowhere/x must lie in a folder: nowhere is none",
    "replay nowhere": "data nowhere does not exist; name a file of counts or estimates",
    "report nowhere": "folder nowhere does not exist; name the --out of an experiment",
    "run signs --draw --out nowhere": "--draw finds nothing in nowhere/data/signs.csv",
    "run predicting_ground_states --data nowhere": "must be a folder, not 'nowhere'",
    "verify --out nowhere": "--out nowhere must hold a folder data with counts",
}
WRONG_CHOICE = {
    "bound --task observabels": "did you mean observables?",
    "bound --task purities": "no bound is proven for the games of purities",
    "bound --game three": "game must be one of two, one, not 'three'",
    "characterise weber --layer czz --pairs 2": "layer must be one of wait, cz, cz_both, not 'czz'",
    "completion bsh": "did you mean bash?",
    "demo --jsn": "did you mean --json?",
    "devices wever": "did you mean weber?",
    "layout wever --pairs 2": "did you mean weber?",
    "list --papr": "did you mean --paper?",
    "plan observabels": "did you mean observables?",
    "plan purities": "did you mean purity?",
    "plan observables --protocol bel": "did you mean bell?",
    "plan observables --backend qsmi": "did you mean qsim?",
    "preflight wever --pairs 2": "did you mean weber?",
    "run sensin": "did you mean sensing?",
    "run signs --protocols bel": "did you mean bell?",
    f"{SEAL} --out new --protocol bel": "protocol 'bel' must be bell or local_pauli",
    "seal purity --out new": "task 'purity' must be observables",
    "show bel": "did you mean bell?",
    "verify --quik": "did you mean --quick?",
    "audit folder --publishd 0": "did you mean --published?",
    "certify file --protocl bell": "did you mean --protocol?",
    "compare folder --jsn": "did you mean --json?",
    "replay file --alll": "did you mean --all?",
    "report folder --jsn": "did you mean --json?",
}
WRONG_NUMBER = {
    "bound --target 1": "--target: '1' must be a number strictly between 0.5 and 1",
    "certify file --confidence 2": "--confidence: '2' must be",
    f"{LAYER} --depths 3": "depths must be at least two different even numbers",
    "layout weber --pairs 900": "weber holds 24 disjoint pairs, not 900; ask for at most 24",
    f"{PLAN} --copies 0": "--copies: '0' must be a whole number, at least 1",
    "preflight weber --pairs 2 --shots 5": "--shots: '5' must be a whole number, at least 120",
    "replay file --batches 0": "--batches: '0' must be",
    "run signs --qubits 0": "--qubits: qubits '0' must read",
    f"{SEAL} --out new --games 0": "--games: '0' must be",
    "show bell --qubits x": "--qubits: 'x' must be",
}
# A folder for a file, and the other way round.
WRONG_KIND = {
    "audit file": "folder file is a file; name the --out of seal",
    "certify folder": "data folder is a folder; name a file of counts",
    "certify file": "file holds no counts",
    "certify file --registration folder": "--registration folder is a folder; name what plan",
    "compare file": "new file is a file; name the --out of experiments",
    "compare folder": "folder/data holds no summaries; run an experiment first",
    "compare folder file": "committed file is a file",
    "devices folder": "unknown virtual processor 'folder'",
    "plan observables --preflight folder": "--preflight folder is a folder",
    "plan observables --preflight file": "file is no record of a preflight",
    f"{REGISTER} folder": "--register folder exists; name a new file",
    "replay folder": "folder must hold files of counts or estimates",
    "replay file": "file holds no counts",
    "report file": "folder file is a file; name the --out of an experiment",
    "report folder": "folder holds nothing of a run",
    "run predicting_ground_states --data file": "must be a folder, not 'file'",
    f"{SEAL} --out folder": "folder is there already: a sealed run takes a new folder",
    "verify --out file": "--out file must hold a folder data with counts",
    "verify --out folder": "folder/data is no folder",
}
UNWRITABLE = {
    f"{LAYER} --out file": "--out file must be a folder that can be written",
    "certify file --out file": f"--out file {NO_FOLDER}",
    "certify file --score nowhere/x": "--score nowhere/x must lie in a folder: nowhere is none",
    "layout weber --pairs 2 --out file": f"--out file {NO_FOLDER}",
    f"{PLAN} --out file/new": f"--out file/new {NO_FOLDER}",
    "preflight weber --pairs 2 --out file": "--out file must be a folder that can be written",
    "run signs --out file": f"--out file {NO_FOLDER}",
    f"{SEAL} --out file": f"--out file {NO_FOLDER}",
    f"{SEAL} --out file/new": f"--out file/new {NO_FOLDER}",
}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(text, said, id=text)
        for cases in (MISSING, WRONG_CHOICE, WRONG_NUMBER, WRONG_KIND, UNWRITABLE)
        for text, said in cases.items()
    ],
)
def test_a_mistake_is_one_line_that_begins_as_typed(tmp_path, monkeypatch, capsys, text, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("nothing of use\n")
    (tmp_path / "folder").mkdir()
    words = text.split()
    try:
        status = main(words)
    except SystemExit as ended:
        status = ended.code
    out, err = capsys.readouterr()
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert said in err
    # An experiment that exists is part of what was typed.
    typed = words[:2] if words[0] == "run" and "unknown experiment" not in err else words[:1]
    assert err.startswith(f"quantum-advantage {' '.join(typed)}: error: ")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder"]


def test_every_command_that_takes_a_name_has_a_wrong_one():
    assert {text.split()[0] for text in WRONG_CHOICE} == set(subparsers_of())


@pytest.mark.parametrize("command", ["bound", "plan"])
def test_help_says_what_every_task_that_decides_asks(command):
    text = subparsers_of()[command].format_help()
    deciding = {name for name in task_names() if issubclass(task_class(name), DecidingTask)}
    assert deciding == set(QUESTIONS)
    for task, question in QUESTIONS.items():
        assert f"  {task:20s} {question}\n" in text
