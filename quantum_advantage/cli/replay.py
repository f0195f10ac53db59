"""``quantum-advantage replay``: plays stored batches again and compares the rows."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quantum_advantage.backends.calibration_files import look_beside
from quantum_advantage.cli.arguments import add_json, add_workers, check_file, print_json
from quantum_advantage.core.arguments import at_least
from quantum_advantage.core.usage import UsageError

if TYPE_CHECKING:
    from quantum_advantage.study.replay import Replayed, StoredBatch
    from quantum_advantage.study.spec import Spec


def add_parser(commands: Any) -> None:
    """Adds the command and its arguments."""
    replay = commands.add_parser("replay", help="play stored batches again and compare the rows")
    replay.add_argument(
        "data", type=Path, nargs="+", help="files of counts or estimates, or folders of them"
    )
    some = replay.add_mutually_exclusive_group()
    some.add_argument(
        "--batches", type=at_least(1), default=1, metavar="B", help="of each spec, default 1"
    )
    some.add_argument("--all", action="store_true", help="all batches")
    replay.add_argument(
        "--record", action="store_true", help="write what was replayed into the provenance files"
    )
    add_workers(replay)
    add_json(replay)
    replay.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Plays stored batches again and compares the rows; 1 if some differ."""
    from quantum_advantage.backends.names import SAMPLER
    from quantum_advantage.study.kinds import read_dataset
    from quantum_advantage.study.replay import stored_batches

    files = {}
    for path in _data_files(args.data):
        look_beside(path)
        results = read_dataset(path)
        batches = stored_batches(results, None if args.all else args.batches)
        if not batches:
            sys.stderr.write(f"replay: {path} holds no whole batch that can be played again\n")
        foreign = {spec.backend for spec in results.whole_batches()}
        for name in sorted(name for name in foreign if name.startswith(f"{SAMPLER}:")):
            sys.stderr.write(
                f"replay: {path}: batches of {name} are left out: it is code of its owner's, which "
                "no name in a file imports\n"
            )
        files[path] = batches
    replayed = _replayed(files, args.workers)
    if args.json:
        print_json(files=[_values(path, replayed[path]) for path in files])
    for path, batches in files.items():
        if not args.json:
            _report(path, batches, replayed[path])
        if args.record:
            _record(path, replayed[path])
    return 0 if all(result.equal for results in replayed.values() for result in results) else 1


def _data_files(places: list[Path]) -> list[Path]:
    """Returns the data files among files, and those in folders."""
    files: list[Path] = []
    for place in places:
        if place.is_dir():
            inside = sorted(place.glob("*.csv"))
            files += [path for path in inside if not path.stem.endswith("_summary")]
        else:
            check_file("data", place, "a file of counts or estimates, or a folder of them")
            files.append(place)
    if not files:
        raise UsageError(f"{', '.join(map(str, places))} must hold files of counts or estimates")
    return list(dict.fromkeys(files))


def _replayed(files: dict[Path, list[StoredBatch]], workers: int) -> dict[Path, list[Replayed]]:
    from quantum_advantage.experiment.progress import Reporter
    from quantum_advantage.study.engine import Progress
    from quantum_advantage.study.replay import replay
    from quantum_advantage.study.workers import process_pool

    home = {id(stored): path for path, batches in files.items() for stored in batches}
    everything = [stored for batches in files.values() for stored in batches]
    left = Counter(stored.spec for stored in everything)
    found: dict[Path, list[Replayed]] = {path: [] for path in files}
    with process_pool(workers) if workers > 1 else nullcontext() as executor:
        reporter = Reporter("replay", workers)
        reporter.expect(left)
        try:
            for done, result in enumerate(replay(everything, executor), start=1):
                spec = result.stored.spec
                found[home[id(result.stored)]].append(result)
                left[spec] -= 1
                wanted = {s: number for s, number in left.items() if number}
                reporter(Progress(done, len(everything), spec, wanted, result.seconds))
        finally:
            reporter.close()
    return found


def _values(path: Path, results: list[Replayed]) -> dict[str, Any]:
    """Returns what is told of a file, with the batches that differ."""
    differing = [result.stored for result in results if not result.equal]
    return {
        "file": str(path),
        "batches": len(results),
        "equal": len(results) - len(differing),
        "specs": len({result.stored.spec for result in results}),
        "seconds": sum(result.seconds for result in results),
        "differing": [
            {"spec_id": stored.spec.id, "batch": stored.batch}
            | {name: getattr(stored.spec, name) for name in ("task", "protocol", "qubits")}
            for stored in sorted(differing, key=lambda stored: (str(stored.spec), stored.batch))
        ],
    }


def _report(path: Path, batches: list[StoredBatch], results: list[Replayed]) -> None:
    equal = sum(result.equal for result in results)
    seconds = sum(result.seconds for result in results)
    specs = len({stored.spec for stored in batches})
    sys.stdout.write(f"{path}: {equal} of {len(batches)} batches of {specs} specs are equal")
    sys.stdout.write(f", {seconds:.0f} s of work\n")
    differing = [result.stored for result in results if not result.equal]
    for stored in sorted(differing, key=lambda stored: (str(stored.spec), stored.batch)):
        spec = stored.spec
        sys.stdout.write(f"    differs: batch {stored.batch} of {spec.protocol}, ")
        sys.stdout.write(f"{spec.qubits} qubits on {spec.backend}, budget {spec.budget}, ")
        sys.stdout.write(f"{spec.task}\n")
    if differing:
        _tell_other_kernels(path, [stored.spec for stored in differing])


def _tell_other_kernels(path: Path, specs: Iterable[Spec]) -> None:
    """Says if rows that differ were made on other kernels: rounding may move a rare outcome."""
    from quantum_advantage.study.provenance import provenance_path, read_provenance

    kept = read_provenance(provenance_path(path))
    others = {item for spec in specs for item in kept.other_kernels(spec).items()}
    for part, (there, here) in sorted(others):
        sys.stdout.write(f"    made with {part} {there}, replayed with {here}: amplitudes round ")
        sys.stdout.write("otherwise, and an outcome at the edge of two may be the other one\n")


def _record(path: Path, results: list[Replayed]) -> None:
    """Writes the provenance of the specs all of whose batches that were replayed are equal."""
    from quantum_advantage.study.provenance import provenance_path, read_provenance

    kept = read_provenance(provenance_path(path))
    differing = {result.stored.spec for result in results if not result.equal}
    equal = [result for result in results if result.stored.spec not in differing]
    kept.begin(dict.fromkeys((result.stored.spec for result in equal), 0))
    for result in equal:
        kept.add(result.stored.spec, result.seconds)
    kept.write()
