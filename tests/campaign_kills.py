"""Kills at random moments: runs are killed with ``kill -9``, go on, and must end as unbroken ones.

Run by hand: ``python tests/campaign_kills.py [KILLS] [SEED] [NAME ...]``. No row may be lost that
was on disk, none may come twice, and rows, summary and figure must be those of an unbroken run.
``verify`` must write the same table.
"""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 1200  # seconds
SMALL = ["--quick", "--trials", "40", "--games", "2", "--max-copies", "60", "--workers", "2"]
RUNS = {
    "predicting_observables": [*SMALL, "--qubits", "2"],
    "learning_processes": [*SMALL, "--qubits", "2"],
    "testing_purity": [*SMALL, "--protocols", "bell,collisions"],
    "exact_posterior": ["--quick", "--qubits", "2", "--workers", "2"],
    "sensing": ["--quick", "--workers", "2"],
    "predicting_observables on a cluster": [*SMALL[:-2], "--qubits", "2"],
}
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def command(name: str, arguments: list[str], out: Path) -> list[str]:
    """Returns the command line of a run."""
    if name == "verify":
        code = "import sys; from quantum_advantage.cli import main; sys.exit(main())"
        return [sys.executable, "-c", code, "verify", "--quick", "--out", str(out)]
    script = ROOT / "experiments" / f"{name.partition(' ')[0]}.py"
    return [sys.executable, str(script), *arguments, "--out", str(out)]


def start(line: list[str]) -> subprocess.Popen[bytes]:
    """Starts a run in a session of its own, silently."""
    return subprocess.Popen(
        line,
        env=ENVIRONMENT,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def whole_rows(out: Path) -> list[bytes]:
    """Returns the rows on disk without a torn last one."""
    found: list[bytes] = []
    for path in sorted((out / "data").glob("*.csv")):
        if not path.name.endswith("_summary.csv"):
            found += path.read_bytes().split(b"\n")[1:-1]
    return found


def results(out: Path) -> dict[str, bytes]:
    """Returns what must be equal to the byte: all but the order of the rows, logs and jobs."""
    kinds = {".png", ".svg", ".pdf", ".md"}
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.suffix in kinds or path.name.endswith("_summary.csv")
    }


def prepare(name: str, out: Path) -> None:
    """Makes an output folder; that of verify holds the committed counts."""
    out.mkdir()
    if name == "verify":
        shutil.copytree(ROOT / "figures" / "data", out / "data")


def campaign(name: str, arguments: list[str], kills: int, rng: random.Random, place: Path) -> str:
    """Kills a run so many times and lets it end; returns what went wrong, or nothing."""
    home, out = place / "home", place / "out"
    for folder in (home, out):
        prepare(name, folder)
    began = time.monotonic()
    if start(command(name, arguments, home)).wait(PATIENCE):
        return "the unbroken run failed"
    usual = time.monotonic() - began
    done = 0
    while done < kills:
        before = set(whole_rows(out))
        process = start(command(name, arguments, out))
        try:
            # Half of them early, where little was done, half in all that is left.
            process.wait(rng.uniform(0.2, 1.0) * usual)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            done += 1
            time.sleep(1.0)  # its workers follow it
        else:
            if process.returncode:
                return f"status {process.returncode} after {done} kills"
            # It came to its end before the kill: begin anew.
            if results(out) != results(home) or set(whole_rows(out)) != set(whole_rows(home)):
                return f"another result after {done} kills"
            shutil.rmtree(out)
            prepare(name, out)
            continue
        if not before <= set(whole_rows(out)):
            return f"rows lost by kill {done}"
    if start(command(name, arguments, out)).wait(PATIENCE):
        return "the last run failed"
    rows = whole_rows(out)
    if len(rows) != len(set(rows)):
        return f"{len(rows) - len(set(rows))} rows come twice"
    if set(rows) != set(whole_rows(home)):
        return "other rows"
    different = [key for key, value in results(home).items() if results(out).get(key) != value]
    return f"other files: {different}" if different else ""


def start_cluster() -> tuple[str, list[subprocess.Popen[bytes]]]:
    """Starts a scheduler and two workers; returns its address and the processes."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    code = "import sys; from distributed.cli.{} import main; sys.exit(main())"
    scheduler = ["--port", str(port), "--host", "127.0.0.1", "--no-dashboard"]
    worker = [address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0"]
    lines = [("dask_scheduler", scheduler), ("dask_worker", worker), ("dask_worker", worker)]
    made = [start([sys.executable, "-c", code.format(name), *rest]) for name, rest in lines]
    return address, made


def main() -> int:
    """Runs the campaign and prints what it found."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    names = sys.argv[3:] or [*RUNS, "verify"]
    share, bad = -(-kills // len(names)), 0
    for name in names:
        processes: list[subprocess.Popen[bytes]] = []
        arguments = list(RUNS.get(name, []))
        if name.endswith("cluster"):
            address, processes = start_cluster()
            arguments += ["--cluster", address]
        try:
            with tempfile.TemporaryDirectory() as place:
                trouble = campaign(name, arguments, share, rng, Path(place))
        finally:
            for process in processes:
                process.kill()
        bad += bool(trouble)
        sys.stdout.write(f"{name}: {share} kills, {trouble or 'as if unbroken'}\n")
        sys.stdout.flush()
    return bad


if __name__ == "__main__":
    sys.exit(main())
