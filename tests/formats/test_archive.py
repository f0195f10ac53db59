import json
import zipfile

import cirq
import numpy as np
import pytest

from quantum_advantage.acquire import (
    measure_bases,
    measure_bell,
    measure_shadow,
    measure_stabiliser_shadow,
)
from quantum_advantage.formats.archive import load_record, read_header, save_record
from quantum_advantage.inference.shadows import expectations, merge_records
from quantum_advantage.inference.stabiliser_shadows import stabiliser_fidelity
from quantum_advantage.pauli import PauliStrings

QUBITS = cirq.GridQubit(0, 3), cirq.NamedQubit("a"), cirq.LineQubit(5)
STATE = cirq.Circuit(cirq.H(QUBITS[0]), cirq.CNOT(*QUBITS[:2]), cirq.T(QUBITS[2]))
STATE.append(cirq.H(QUBITS[2]))


@pytest.fixture(scope="module")
def shadow():
    return measure_shadow(STATE, cirq.Simulator(seed=1), 60, seed=2, times=3)


def same(one, other):
    assert one.qubits == other.qubits
    assert one.outcomes.tolist() == other.outcomes.tolist()


def test_a_shadow_record_comes_back_whole(shadow, tmp_path):
    path = tmp_path / "record.npz"
    save_record(path, shadow, backend="qsim", time="2024-05-01")
    found = load_record(path)
    same(found, shadow)
    assert [b.tolist() for b in found.bases] == [b.tolist() for b in shadow.bases]
    assert (found.times, found.scheme) == (3, "random")
    assert found.provenance == {**shadow.provenance, "backend": "qsim", "time": "2024-05-01"}
    strings = PauliStrings.from_text(["XXI", "IIZ"])
    assert expectations(found, strings).tolist() == expectations(shadow, strings).tolist()
    merged = merge_records([found, shadow])
    assert merged.provenance == shadow.provenance


def test_header_says_what_the_record_is(shadow, tmp_path):
    path = tmp_path / "record.npz"
    save_record(path, shadow)
    header = read_header(path)
    assert (header["kind"], header["shots"], header["times"]) == ("shadow", 60, 3)
    assert header["provenance"]["seed"] == 2
    assert set(header["provenance"]) == {"package", "circuit", "sampler", "seed"}


def test_bases_keep_the_name_of_their_scheme(tmp_path):
    record = measure_bases(STATE, cirq.Simulator(), ["XYZ"], scheme="derandomised")
    save_record(tmp_path / "a", record)
    assert load_record(tmp_path / "a").scheme == "derandomised"


def test_a_stabiliser_record_comes_back_whole(tmp_path):
    record = measure_stabiliser_shadow(STATE, cirq.Simulator(seed=3), 40, seed=4)
    save_record(tmp_path / "a.npz", record)
    found = load_record(tmp_path / "a.npz")
    same(found, record)
    generators = PauliStrings.from_text(["XXI", "ZZI", "IIX"])
    assert stabiliser_fidelity(found, generators) == stabiliser_fidelity(record, generators)
    assert found.provenance == record.provenance


def test_a_bell_record_comes_back_whole(tmp_path):
    record = measure_bell(STATE, cirq.Simulator(seed=5), 30)
    save_record(tmp_path / "a.npz", record, time="noon")
    found = load_record(tmp_path / "a.npz")
    assert found.qubits == 3
    assert found.system.tolist() == record.system.tolist()
    assert found.memory.tolist() == record.memory.tolist()
    assert read_header(tmp_path / "a.npz")["provenance"] == {"time": "noon"}


def test_a_file_is_never_overwritten(shadow, tmp_path):
    path = tmp_path / "record.npz"
    path.write_text("precious")
    with pytest.raises(FileExistsError):
        save_record(path, shadow)
    assert path.read_text() == "precious"


def test_nothing_is_left_of_a_file_that_could_not_be_written(shadow, tmp_path, monkeypatch):
    def fails(*_, **__):
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez", fails)
    with pytest.raises(OSError, match="disk full"):
        save_record(tmp_path / "record.npz", shadow)
    assert list(tmp_path.iterdir()) == []


def test_the_file_holds_no_pickle(shadow, tmp_path):
    path = tmp_path / "record.npz"
    save_record(path, shadow)
    with zipfile.ZipFile(path) as archive:
        assert sorted(archive.namelist()) == [
            f"{name}.npy" for name in ("bases_x", "bases_z", "header", "outcomes")
        ]
    with np.load(path, allow_pickle=False) as arrays:
        assert {name: arrays[name].dtype.kind for name in arrays.files} == dict.fromkeys(
            arrays.files, "u"
        )


def rewritten(path, **changes):
    """Writes a record's file again with other arrays or header entries."""
    with np.load(path) as arrays:
        kept = dict(arrays)
    header = json.loads(kept.pop("header").tobytes())
    for name, value in changes.items():
        if name in kept:
            kept[name] = value
        else:
            header[name] = value
    np.savez(path, header=np.frombuffer(json.dumps(header).encode(), dtype=np.uint8), **kept)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": 2}, r"of version 1 at most, not \('quantum-advantage record', 2\)"),
        ({"format": "poem"}, "must be a quantum-advantage record"),
        ({"kind": "poem"}, "damaged: kind must be shadow, stabiliser or bell, not 'poem'"),
        ({"shots": 57}, r"damaged: bases_x must be \(19, 1\) words"),
        ({"outcomes": np.zeros((60, 1))}, "damaged: outcomes must be .* float64"),
        ({"qubits": [1, 2, 3] * 30}, r"damaged: bases_x must be \(20, 2\) words"),
    ],
)
def test_a_damaged_record_says_what_is_wrong(shadow, tmp_path, changes, message):
    path = tmp_path / "record.npz"
    save_record(path, shadow)
    rewritten(path, **changes)
    with pytest.raises(ValueError, match=message):
        load_record(path)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x03\x04 nonsense"])
def test_a_file_that_is_no_record_is_named(tmp_path, content):
    path = tmp_path / "poem.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"poem.npz is no record: expected an .npz file"):
        load_record(path)


def test_a_plain_array_is_no_record(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros(3))
    with pytest.raises(ValueError, match=r"a.npy is no record"):
        read_header(tmp_path / "a.npy")
