"""The kinds of files that the package reads: a good one of each, its reader, its mutations."""

import contextlib
import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import cirq
import mutations
import numpy as np

from quantum_advantage.backends.devices.job_files import (
    Job,
    JobError,
    one_line,
    read_jobs,
    read_run,
    write_job,
    write_run,
)
from quantum_advantage.backends.devices.job_outcomes import read_outcomes, write_outcomes
from quantum_advantage.backends.devices.packing import RULE
from quantum_advantage.certify import files as certifying
from quantum_advantage.certify.certificate import certify
from quantum_advantage.certify.choices import certificate_stem, chosen_afterwards, home_of
from quantum_advantage.certify.methods import Fixed
from quantum_advantage.certify.played import read_counts, select_games
from quantum_advantage.certify.registration import claim_of, read_registration, register
from quantum_advantage.certify.score import read_score, write_score
from quantum_advantage.claims.checking import Found
from quantum_advantage.claims.log import append_log, read_log
from quantum_advantage.core.bits import pack_bits
from quantum_advantage.core.files import check_of, write_file
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.usage import UsageError
from quantum_advantage.formats import archive, arrays, texts
from quantum_advantage.measurements.records import BellRecord, StabiliserRecord
from quantum_advantage.measurements.stabiliser import decode_random_bases, random_bases
from quantum_advantage.preflight.files import HEADER, read_preflight
from quantum_advantage.study.accuracy import Point, read_summary, write_summary
from quantum_advantage.study.errors import EstimatePoint, read_estimates, write_estimates
from quantum_advantage.study.kinds import estimates as open_estimates
from quantum_advantage.study.lines import format_row, header_of
from quantum_advantage.study.rows import DecisionRow, EstimateRow
from quantum_advantage.study.spec import PointSpec, Spec
from quantum_advantage.tasks.shared.prefixes import shots_played

QUBITS = cirq.GridQubit(0, 3), cirq.NamedQubit("a"), cirq.LineQubit(5)
GAMES = Spec("observables:alpha=0.9,game=two", "bell", 4, "qsim", 20, 50, 3)
SYSTEMS = Spec("whole_purity:mixing=0.1", "bell", 2, "qsim", 40, 3, 7)
IDENTITY = hashlib.sha256(b"code and data").hexdigest()


@dataclass(frozen=True)
class Kind:
    """A kind of files.

    ``write`` writes a good file and returns its path; ``read`` reads it and does what the package
    does with it, and returns what can be compared. ``seal`` makes a check fit again; ``checked``
    tells whether the format has one. ``parts`` tells that a part of the values is no changed value.
    """

    write: Callable[[Path], Path]
    read: Callable[[Path], Any]
    mutate: Callable[..., bytes]
    seal: Any = None
    checked: bool = True
    parts: bool = False


def plain(value):
    """Returns a value that can be compared."""
    if isinstance(value, np.ndarray):
        return str(value.dtype), value.shape, value.tobytes()
    if isinstance(value, PauliStrings):
        return value.qubits, plain(value.x), plain(value.z)
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return tuple(plain(inner) for inner in value)
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return repr(value)


# Records.


def shadow():
    rng = np.random.default_rng(1)
    bits, bases = rng.integers(0, 2, (40, 3)), rng.integers(0, 3, (20, 3)).repeat(2, axis=0)
    record = arrays.from_pennylane(bits, bases, qubits=QUBITS, times=2)
    return replace(record, provenance={"seed": 3, "circuit": "ab" * 32, "sampler": "cirq"})


def stabiliser():
    rng = np.random.default_rng(2)
    bases = decode_random_bases(random_bases(3, 30, rng))
    outcomes = rng.integers(0, 8, 30).astype(np.uint64)
    return StabiliserRecord(QUBITS, bases, outcomes, {"seed": None})


def bell():
    words = pack_bits(np.random.default_rng(3).integers(0, 2, (2, 50, 70)))
    return BellRecord(70, words[0], words[1])


def save(record):
    def write(folder):
        archive.save_record(folder / "record.npz", record, backend="qsim", time="noon")
        return folder / "record.npz"

    return write


def read_archive(path):
    archive.read_header(path)
    return plain(archive.load_record(path))


def seal_record(members):
    header = json.loads(npy(members["header.npy"]).tobytes())
    held = {
        name.removesuffix(".npy"): npy(c) for name, c in members.items() if "header" not in name
    }
    header["sha256"] = archive._digest(header, held)
    return np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)


def npy(content):
    from quantum_advantage.core.npy import parse_npy

    return parse_npy(content)


# Results.


def write_counts(folder):
    rows = [
        DecisionRow.of("trial", GAMES, batch, 2 * shots, shots, 30 + batch % 7)
        for batch in range(20)
        for shots in shots_played(20, 2)
    ]
    path = folder / "data" / "trial.csv"
    path.parent.mkdir()
    path.write_text(header_of(DecisionRow) + "\n" + "".join(map(format_row, rows)))
    return path


def read_and_certify(path):
    """What ``certify`` does, without its picture."""
    counts = read_counts(path)
    batches = {
        (repr(spec), number): plain(rows)
        for spec, whole in counts.whole_batches().items()
        for number, rows in whole.items()
    }
    try:
        played = select_games(counts)
    except UsageError as error:
        # The command was given the name.
        raise UsageError(f"{path}: {error}") from None
    stem = certificate_stem(home_of(path), played, None)
    write_file_of(stem, certify(played, chosen_afterwards(path, counts, played)))
    return batches


def write_file_of(stem, certificate):
    stem.parent.mkdir(exist_ok=True)
    write_file(stem.with_suffix(".json"), json.dumps(asdict(certificate)))


def write_estimates_rows(folder):
    rng = np.random.default_rng(4)
    rows = [
        EstimateRow.of(
            "trial", SYSTEMS, batch, 40, 20, system, "purity:first=2", tuple(rng.random(3))
        )
        for batch in range(20)
        for system in range(3)
    ]
    path = folder / "trial.csv"
    path.write_text(header_of(EstimateRow) + "\n" + "".join(map(format_row, rows)))
    return path


def read_estimate_rows(path):
    return {
        (repr(spec), number): plain(rows)
        for spec, whole in open_estimates("trial", path).whole_batches().items()
        for number, rows in whole.items()
    }


def write_points(folder):
    points = [
        Point("trial", PointSpec(GAMES.task, "bell", n, "qsim"), 0.7, 2.5 * n, 2.0 * n, 3.0 * n,
              1000, None)
        for n in range(2, 12)
    ]  # fmt: skip
    write_summary(points, folder / "trial_summary.csv")
    return folder / "trial_summary.csv"


def write_estimate_points(folder):
    points = [
        EstimatePoint("trial", PointSpec(SYSTEMS.task, "bell", n, "qsim"), "purity:first=2", 40, 60,
                      0.5, 0.4, 0.6, 0.5, 0.1, 0.05, 0.2, 0.95)
        for n in range(2, 12)
    ]  # fmt: skip
    write_estimates(points, folder / "trial_summary.csv")
    return folder / "trial_summary.csv"


# Jobs.

JOB = Job("0123456789" * 2, "0a1b2c3d", 1, "abcdef0123" * 2, 4, 24, 3.25)
SHAPES = {"0 system": (24, 3), "0 memory": (24, 3)}


def write_jobs(folder):
    jobs = folder / "jobs"
    jobs.mkdir()
    bits = np.random.default_rng(5).integers(0, 2, (2, 24, 3)).astype(np.uint8)
    digest = write_outcomes(jobs, JOB, dict(zip(SHAPES, bits, strict=True)))
    times = {"calibrated": "2026-03-01T10:00:00+00:00", "created": "2026-03-01T10:00:01+00:00"}
    write_job(jobs, replace(JOB, state="done", digest=digest, **times))
    service = {"processor": "chip", "config": "c", "run": "r", "snapshot": ""}
    pinned = {"pairs 2": "3.3-3.2+4.3-4.4", "damping 2": [[1.0, 0.9, 0.8, 0.9]] * 2}
    said = {"calibrated": "", "started": "", "cut": RULE}
    write_run(jobs, {"service": service, "key": JOB.key, **said, "pinned": pinned})
    return jobs


def file_of_jobs(name):
    return lambda folder: write_jobs(folder) / name


def read_all_jobs(path):
    folder = path.parent
    run, jobs = read_run(folder), read_jobs(folder)
    try:
        outcomes = [
            plain(read_outcomes(folder, job, SHAPES)) for job in jobs if job.state == "done"
        ]
    except (OSError, ValueError) as error:
        # As the folder of the jobs says it.
        raise JobError(f"{folder / JOB.name}.npz is damaged ({one_line(str(error))})") from None
    # A job that is not done is asked for again; whether it was sent is known by its id.
    return plain(run), plain(jobs), outcomes


def seal_json(text):
    values = json.loads(text)
    values.pop("check", None)
    values["check"] = check_of(values)
    return json.dumps(values)


# Preflights, certificates, logs.


def preflight_rows():
    rows = []
    for i in range(6):
        factors = 0.9, 0.85, 0.92 + i / 100
        ends = [f"{v:.6g}" for f in factors for v in (f, f - 0.02, f + 0.02)]
        cost = f"{np.prod(factors) ** -0.5:.6g}"
        numbers = [
            "0.9",
            "0.88",
            "0.92",
            "2.5",
            "2.4",
            "2.6",
            *ends,
            *["0.01", "0.005", "0.02"] * 4,
        ]
        rows.append(["qvm:weber", f"{i}.4-{i}.3", *numbers, cost, str(i % 2)])
    return rows


def write_preflight(folder):
    from quantum_advantage.preflight.files import _next_check

    lines, check = [mutations.joined(HEADER)], 6
    for cells in preflight_rows():
        check = _next_check(cells, check)
        lines.append(mutations.joined([*cells, f"{check:08x}"]))
    (folder / "weber.csv").write_text("".join(f"{line}\n" for line in lines))
    return folder / "weber.csv"


def write_old_preflight(folder):
    lines = map(mutations.joined, [HEADER[:-1], *preflight_rows()])
    (folder / "weber.csv").write_text("".join(f"{line}\n" for line in lines))
    return folder / "weber.csv"


def seal_preflight(lines, at):
    from quantum_advantage.preflight.files import _next_check

    check = len(lines) - 1
    for i, line in enumerate(lines[1:], start=1):
        body = line.rpartition(",")[0]
        try:
            (cells,) = mutations.csv.reader([body])
        except (ValueError, mutations.csv.Error):
            return lines
        check = _next_check(cells, check)
        lines[i] = f"{body},{check:08x}"
    return lines


def write_certificate(folder):
    counts = write_counts(folder)
    played = select_games(read_counts(counts))
    stem = certificate_stem(folder, played, None)
    stem.parent.mkdir()
    values = json.loads(json.dumps(asdict(certify(played, Fixed()))))
    certifying.write_json(stem.with_suffix(".json"), values)
    return stem.with_suffix(".json")


def read_certificate(path):
    (counts,) = path.parent.parent.glob("data/*.csv")
    played = select_games(read_counts(counts))
    certifying.refuse_changed_data(path.with_suffix(""), played)
    found = certifying.read_certificate(path.with_suffix(""))
    return {name: plain(found[name]) for name in found}


def write_registration(folder):
    claims = [claim_of(replace(GAMES, qubits=n), 1000, anytime=True) for n in (3, 4)]
    register(folder / "registration.json", claims, 0.99)
    return folder / "registration.json"


def write_a_score(folder):
    played = select_games(read_counts(write_counts(folder)))
    write_score(folder / "score.json", certify(played, Fixed()))
    return folder / "score.json"


def write_log(folder):
    for number in range(8):
        append_log(folder / "claims.log", IDENTITY, f"claim {number}", Found("0.7 λ", True))
    return folder / "claims.log"


def read_claims(path):
    return plain(read_log(path, IDENTITY))


def seal_log(lines, at):
    with contextlib.suppress(ValueError, TypeError):
        claim, found, _ = json.loads(lines[at])
        lines[at] = json.dumps([claim, found, check_of({"claim": claim, "found": found})])
    return lines


def mutate_log(content, rng, seal):
    lines = content.decode().split("\n")[:-1]
    at = int(rng.integers(len(lines)))
    if at and rng.random() < 0.7:
        lines[at] = mutations.change_json(json.loads(lines[at]), rng).replace("\n", " ")
        lines = seal(lines, at) if seal else lines
        return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass")
    return mutations.pick(rng, mutations.BYTES)(content, rng)


# Files of others.


def foreign(name, content):
    def write(folder):
        path = folder / name
        path.write_bytes(content)
        return path

    return write


def some_bits(rows, columns, largest=1):
    return np.random.default_rng(6).integers(0, largest + 1, (rows, columns))


def text_of(rows, qubits=4):
    rng = np.random.default_rng(7)
    pairs = [
        " ".join(f"{'XYZ'[b]} {s}" for b, s in zip(rng.integers(0, 3, qubits), signs, strict=True))
        for signs in rng.choice([1, -1], (rows, qubits))
    ]
    return f"{qubits}\n" + "".join(f"{line} \n" for line in pairs)


OBSERVABLES = "4\n2 X 0 Y 1\n1 Z 3 2.5\n0\n4 X 0 X 1 X 2 X 3\n"
SUBSYSTEMS = "4\n2 0 1\n1 3\n3 1 2 3\n"
BASES = "X Y Z\nZ Z X\nY X X\n"
BELL_FILE = "Q-size-4-pauli-XXYZ.npy"
DYNAMICS_FILE = "1D-scramble-C-size-4-depth-5-type-0-batch-0-number-3.npy"


def mutate_text(content, rng, seal):
    words = content.decode().split(" ")
    words[int(rng.integers(len(words)))] = mutations.pick(rng, mutations.CELLS)
    return " ".join(words).encode()


def mutate_array(content, rng, seal):
    return mutations.mutate_npy(content, rng)


KINDS = {
    "shadow record": Kind(save(shadow()), read_archive, mutations.mutate_npz, seal_record),
    "stabiliser record": Kind(save(stabiliser()), read_archive, mutations.mutate_npz, seal_record),
    "Bell record": Kind(save(bell()), read_archive, mutations.mutate_npz, seal_record),
    "counts": Kind(
        write_counts, read_and_certify, mutations.mutate_csv, mutations.seal_row, parts=True
    ),
    "estimates": Kind(
        write_estimates_rows, read_estimate_rows, mutations.mutate_csv, mutations.seal_row,
        parts=True,
    ),
    "job": Kind(file_of_jobs(f"{JOB.name}.json"), read_all_jobs, mutations.mutate_json, seal_json),
    "outcomes of a job": Kind(
        file_of_jobs(f"{JOB.name}.npz"), read_all_jobs, mutations.mutate_npz
    ),
    "run": Kind(file_of_jobs("run.json"), read_all_jobs, mutations.mutate_json, seal_json),
    "preflight": Kind(write_preflight, lambda path: plain(read_preflight(path)),
                      mutations.mutate_csv, seal_preflight),
    "certificate": Kind(write_certificate, read_certificate, mutations.mutate_json, seal_json),
    "registration": Kind(
        write_registration, lambda path: plain(replace(read_registration(path), digest="")),
        mutations.mutate_json, seal_json,
    ),
    "score": Kind(write_a_score, read_score, mutations.mutate_json, checked=False),
    "claims log": Kind(write_log, read_claims, mutate_log, seal_log, parts=True),
    "summary": Kind(write_points, lambda path: plain(read_summary(path)), mutations.mutate_csv,
                    checked=False),
    "summary of estimates": Kind(
        write_estimate_points, lambda path: plain(read_estimates(path)), mutations.mutate_csv,
        checked=False,
    ),
    "old preflight": Kind(write_old_preflight, lambda path: plain(read_preflight(path)),
                          mutations.mutate_csv, checked=False),
    "measurements": Kind(foreign("m.txt", text_of(20).encode()),
                         lambda path: plain(texts.read_measurements(path, scheme="random")),
                         mutate_text, checked=False),
    "observables": Kind(foreign("o.txt", OBSERVABLES.encode()),
                        lambda path: plain(texts.read_weighted_observables(path)), mutate_text,
                        checked=False),
    "subsystems": Kind(foreign("s.txt", SUBSYSTEMS.encode()),
                       lambda path: plain(texts.read_subsystems(path)), mutate_text, checked=False),
    "bases": Kind(foreign("b.txt", BASES.encode()), lambda path: plain(texts.read_bases(path)),
                  mutate_text, checked=False),
    "Bell array": Kind(foreign(BELL_FILE, mutations.npy_of(some_bits(30, 8))),
                       lambda path: plain(arrays.read_recirq_bell(path)), mutate_array,
                       checked=False),
    "array of an evolution": Kind(foreign(DYNAMICS_FILE, mutations.npy_of(some_bits(30, 4))),
                                  lambda path: plain(arrays.read_recirq_dynamics(path)),
                                  mutate_array, checked=False),
}  # fmt: skip
