import contextlib
import dataclasses
import json
import os
import tracemalloc
import warnings
import zipfile

import cirq
import numpy as np
import pytest

from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.usage import UsageError
from quantum_advantage.formats import archive
from quantum_advantage.formats.archive import load_record, read_header, save_record
from quantum_advantage.formats.arrays import from_pennylane, to_pennylane
from quantum_advantage.formats.qubits import qubits_to_json
from quantum_advantage.formats.texts import write_measurements
from quantum_advantage.inference.shadows.expectations import expectations
from quantum_advantage.inference.shadows.stabiliser import stabiliser_fidelity
from quantum_advantage.measurements.measure import (
    measure_bases,
    measure_shadow,
    measure_stabiliser_shadow,
)
from quantum_advantage.measurements.measure_pairs import measure_bell
from quantum_advantage.measurements.merging import merge_records

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
    merged = merge_records([found, shadow], independent=True)
    assert merged.provenance == shadow.provenance
    with pytest.raises(UsageError, match="records 0 and 1 have the same bases"):
        merge_records([found, shadow])


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
    def fails(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", fails)
    with pytest.raises(OSError, match="No space left"):
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


def rewritten(path, sealed=True, **changes):
    """Writes a record's file again with other values, and a checksum that fits them."""
    with np.load(path) as arrays:
        kept = dict(arrays)
    header = json.loads(kept.pop("header").tobytes())
    for name, value in changes.items():
        if name in kept:
            kept[name] = value
        else:
            header[name] = value
    if sealed:
        header["sha256"] = archive._digest(header, kept)
    np.savez(path, header=np.frombuffer(json.dumps(header).encode(), dtype=np.uint8), **kept)


NOT = {"cirq_type": "sympy.Not", "args": ["__import__('os').system('touch /tmp/x')"]}
NAMED = {"cirq_type": "NamedQubit", "name": "a"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": 3}, r"of version 2 at most, not \('quantum-advantage record', 3\)"),
        ({"version": True}, r"of version 2 at most, not \('quantum-advantage record', True\)"),
        ({"format": "poem"}, "must be a quantum-advantage record"),
        (
            {"kind": "poem"},
            "damaged: kind must be shadow, stabiliser, bell or principal, not 'poem'",
        ),
        ({"kind": "bell"}, "damaged: qubits must be a whole number"),
        ({"kind": "stabiliser"}, "damaged: 'rows' is missing"),
        ({"shots": 57}, r"damaged: bases_x must be \(19, 1\) words"),
        ({"shots": -60}, "damaged: shots must be a whole number"),
        ({"shots": 60.0}, "damaged: shots must be a whole number"),
        ({"times": True}, "damaged: times must be a whole number"),
        ({"times": 0}, "damaged: times must be a whole number"),
        ({"times": 10**30}, "damaged: times must be a whole number"),
        ({"scheme": "ran\ndom"}, "damaged: scheme must be a text of one line"),
        ({"scheme": ["random"]}, "damaged: scheme must be a text of one line"),
        ({"provenance": [1]}, "damaged: provenance must be an object"),
        ({"provenance": {"a": [1]}}, "damaged: provenance must be plain values"),
        ({"outcomes": np.zeros((60, 1))}, "is no record: .* an array of whole numbers, not"),
        ({"outcomes": np.zeros((60, 1), dtype=np.int8)}, "damaged: it does not match its checksum"),
        ({"outcomes": np.full((60, 1), 8, np.uint64)}, "damaged: outcomes must have no bit beyond"),
        ({"bases_x": np.zeros((20, 1), np.uint64)}, "damaged: bases must be X, Y or Z"),
        ({"qubits": [1, 2, 3]}, "damaged: qubits must be of the types LineQubit, .*, not None"),
        (
            {"qubits": [NOT, NAMED, NAMED]},
            "damaged: qubits must be of the types .* not 'sympy.Not'",
        ),
        ({"qubits": [NAMED] * 3}, "damaged: qubits must all be different"),
        ({"qubits": [{**NAMED, "x": 1}]}, "damaged: a NamedQubit must have name"),
        ({"qubits": [{"cirq_type": "LineQubit", "x": 0.5}]}, "damaged: x must be a whole number"),
        ({"qubits": [{"cirq_type": "LineQubit", "x": 2**40}]}, "damaged: x must be a whole number"),
        ({"qubits": [{"cirq_type": ["a"], "x": 2**40}]}, "damaged: qubits must be of the types"),
        ({"qubits": {"a": 1}}, "damaged: qubits must be a list"),
        ({"qubits": []}, "damaged: qubits must be a list"),
        ({"qubits": [NAMED]}, "damaged: outcomes must have no bit beyond"),
    ],
)
def test_a_damaged_record_says_what_is_wrong(shadow, tmp_path, changes, message):
    path = tmp_path / "record.npz"
    save_record(path, shadow)
    rewritten(path, **changes)
    with pytest.raises(UsageError, match=message) as caught:
        load_record(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_no_code_of_a_header_runs(shadow, tmp_path):
    """Cirq's own reader would hand the text to sympy, which evaluates it."""
    touched, path = tmp_path / "touched", tmp_path / "record.npz"
    call = f"__import__('pathlib').Path({str(touched)!r}).touch()"
    save_record(path, shadow)
    rewritten(path, qubits=[{"cirq_type": "sympy.Not", "args": [call]}] * 3)
    for read in (load_record, read_header):
        with contextlib.suppress(UsageError):
            read(path)
    assert not touched.exists()


@pytest.mark.parametrize("changes", [{"times": 1}, {"scheme": "cycled"}, {"qubits": [NAMED]}])
def test_a_changed_value_is_noticed(shadow, tmp_path, changes):
    path = tmp_path / "record.npz"
    save_record(path, shadow)
    rewritten(path, sealed=False, **changes)
    for read in (load_record, read_header):
        with pytest.raises(UsageError, match="damaged: it does not match its checksum"):
            read(path)


def test_a_changed_outcome_is_noticed(shadow, tmp_path):
    path = tmp_path / "record.npz"
    save_record(path, shadow)
    outcomes = shadow.outcomes.copy()
    outcomes[7] ^= np.uint64(1)
    rewritten(path, sealed=False, outcomes=outcomes)
    with pytest.raises(UsageError, match="damaged: it does not match its checksum"):
        load_record(path)


def test_a_record_of_the_first_version_is_read_with_a_warning(shadow, tmp_path):
    path = tmp_path / "record.npz"
    save_record(path, shadow)
    with np.load(path) as arrays:
        kept = dict(arrays)
    header = json.loads(kept.pop("header").tobytes())
    del header["sha256"]
    header["version"] = 1
    np.savez(path, header=np.frombuffer(json.dumps(header).encode(), dtype=np.uint8), **kept)
    with pytest.warns(UserWarning, match="an earlier version, without a checksum"):
        same(load_record(path), shadow)


def test_every_type_of_qubit_comes_back(tmp_path):
    qubits = (
        cirq.LineQubit(-3), cirq.GridQubit(1, -2), cirq.NamedQubit("é a"), cirq.LineQid(2, 2),
        cirq.GridQid(1, 2, dimension=2), cirq.NamedQid("x", 2),
    )  # fmt: skip
    rng = np.random.default_rng(0)
    record = from_pennylane(rng.integers(0, 2, (9, 6)), rng.integers(0, 3, (9, 6)), qubits=qubits)
    save_record(tmp_path / "a", record)
    found = load_record(tmp_path / "a")
    assert found.qubits == qubits
    assert [type(q) for q in found.qubits] == [type(q) for q in qubits]
    # As Cirq writes them, so that records of earlier versions are read.
    assert qubits_to_json(qubits) == json.loads(cirq.to_json(list(qubits)))


def test_qubits_of_other_types_are_not_saved(tmp_path):
    odd = cirq.ops.CleanQubit(1)
    record = from_pennylane([[0]], [[1]], qubits=[odd])
    with pytest.raises(UsageError, match="to be saved, not CleanQubit; rename them"):
        save_record(tmp_path / "a", record)
    assert list(tmp_path.iterdir()) == []


def test_qubits_of_a_bell_record_come_back_where_it_has_them(tmp_path):
    measured = measure_bell(STATE, cirq.Simulator(seed=5), 30)
    for number, record in enumerate((measured, dataclasses.replace(measured, held=None))):
        path = tmp_path / f"{number}.npz"
        save_record(path, record)
        assert load_record(path).held == record.held
    assert measured.held is not None


def test_qubits_of_a_bell_record_that_do_not_fit_are_refused(tmp_path):
    path = tmp_path / "a.npz"
    save_record(path, measure_bell(STATE, cirq.Simulator(seed=5), 30))
    rewritten(path, held=[{"cirq_type": "LineQubit", "x": 0}])
    with pytest.raises(UsageError, match="held must be 3 different qubits"):
        load_record(path)


# Archives that claim more than they hold.


def member(shape, content=b"", descr="<u8", header=None):
    """The bytes of a .npy file whose header claims anything."""
    told = header or f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"
    text = told.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + content


@pytest.mark.parametrize(
    "content",
    [
        member((10**12, 1)),
        member((10**30, 1)),
        member((2**63, 2**63)),
        member((-1, 1)),
        member((60, 1), b"\0" * 479),
        member((60, 1), b"\0" * 481),
        member((1,), b"\0" * 8, descr="|O"),
        member((1,), b"\0" * 8, descr="<f8"),
        member((1,), b"\0" * 8, descr="<m8[s]"),
        member((1,), header="{'descr': '<u8', 'shape': (1,), 'fortran_order': " + "(" * 3000 + "}"),
        member((1,), header="__import__('os').system('true')"),
        member((1,), header="9" * 9000),
        b"",
        b"\x93NUMPY\x01",
        b"\x93NUMPY\x02\x00\xff\xff\xff\x7f",
        b"\x93NUMPY\x09\x00\x01\x00a",
    ],
)
def test_a_member_that_claims_what_is_not_there_is_refused(shadow, tmp_path, content):
    path = tmp_path / "record.npz"
    save_record(path, shadow)
    with zipfile.ZipFile(path) as old:
        kept = {name: old.read(name) for name in old.namelist()}
    kept["outcomes.npy"] = content
    with zipfile.ZipFile(path, "w") as new:
        for name, octets in kept.items():
            new.writestr(name, octets)
    tracemalloc.start()
    with pytest.raises(UsageError, match=r"record.npz is no record: .*header; ") as caught:
        load_record(path)
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()
    assert "\n" not in str(caught.value)


def test_a_compressed_member_is_refused_before_it_grows(shadow, tmp_path):
    path = tmp_path / "bomb.npz"
    zeros = np.zeros(30_000_000, dtype=np.uint8)
    np.savez_compressed(path, header=zeros)
    tracemalloc.start()
    with pytest.raises(UsageError, match=r"header.npy must not be compressed"):
        load_record(path)
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


def test_members_twice_or_of_other_names_are_refused(shadow, tmp_path):
    path = tmp_path / "record.npz"
    for name in ("outcomes.npy", "../outcomes.npy", "poem"):
        path.unlink(missing_ok=True)
        save_record(path, shadow)
        with zipfile.ZipFile(path, "a") as archive_file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            archive_file.writestr(name, member((60, 1), b"\0" * 480))
        with pytest.raises(UsageError, match=r"is no record: .*; it holds "):
            load_record(path)


@pytest.mark.parametrize(
    "header",
    [
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"NaN",
        b"{}",
        b"[]",
        b"\xff",
        b'{"format": NaN}',
        b"1e999",
    ],
)
def test_a_header_that_is_no_json_object_is_refused(tmp_path, header):
    path = tmp_path / "record.npz"
    np.savez(path, header=np.frombuffer(header, dtype=np.uint8))
    with pytest.raises(UsageError, match=r"record.npz is no record"):
        load_record(path)


def test_a_truncated_file_is_refused_wherever_it_is_cut(shadow, tmp_path):
    path = tmp_path / "record.npz"
    save_record(path, shadow)
    content = path.read_bytes()
    for cut in range(0, len(content), 7):
        path.write_bytes(content[:cut])
        with pytest.raises(UsageError, match=r"record.npz is no record"):
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


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_a_device_is_no_record(device):
    with pytest.raises(UsageError, match=rf"{device} is no record: .*it must be a file of at most"):
        load_record(device)


@pytest.mark.parametrize("record", [None, "record.npz", 3, [1], {"qubits": []}])
def test_what_is_no_record_is_not_saved(tmp_path, record):
    with pytest.raises(
        UsageError, match="must be a shadow, stabiliser, Bell or principal record, not"
    ):
        save_record(tmp_path / "a", record)
    for write in (lambda r: write_measurements(tmp_path / "m.txt", r), to_pennylane):
        with pytest.raises(UsageError, match="must be a shadow record, not"):
            write(record)
    assert list(tmp_path.iterdir()) == []
