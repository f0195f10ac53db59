"""A thousand invocations of the command and of all scripts, meant and meaningless, by one seed.

Run by hand: ``python tests/campaign_commands.py [COUNT] [SEED]``. Each runs in a process that holds
the package already, with a watch: none may end in a traceback, take more than one line for a
mistake, or run over 20 seconds without having said what it will cost.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import random
import re
import signal
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = sorted((ROOT / "experiments").glob("*.py"))
PATIENCE = 20  # seconds
PRICE = re.compile(r"some [0-9.e+]+ (?:s|minutes|hours|days|years) of ")

PROTOCOLS = [
    "bell",
    "bell_calibrated",
    "local_pauli",
    "random_clifford",
    "mutually_unbiased",
    "memory:qubits=1",
    "mutually_unbiased_cycled",
    "known_question",
    "product_two_copy",
    "different_hidden",
    "no_signal",
    "bell_grouped:times=3",
    "collisions",
    "randomized_measurements",
    "bell_sign",
    "bell_tolerant",
    "bell_on_chain",
    "bell_on_grid",
    "complement_collisions",
    "z_collisions",
    "y_marginals",
    "learned_symbols",
    "entangled_sensors",
    "separate_sensors",
    "known_star",
    "heterodyne",
    "squeezed_pairs",
    "local_pauli:times=3",
    "bel",
    "memory:qubits=99",
    "nope",
]
TASKS = [
    "observables",
    "observables:alpha=0.5",
    "observables:alpha=0.9,game=one",
    "purity",
    "purity:depolarize=0.1",
    "principal_component",
    "time_reversal",
    "time_reversal:depth=3",
    "time_reversal:native=syc",
    "processes",
    "purities",
    "whole_purity",
    "dynamics",
    "dynamics:geometry=grid",
    "posterior",
    "string_errors",
    "sensor_array",
    "companion",
    "displacement",
    "phases:depth=2",
    "chain_phases",
    "purity:mixing=3",
    "observables:alpha=nan",
    "observables:game=three",
    "purify",
]
BACKENDS = [
    "auto",
    "qsim",
    "stim",
    "law",
    "qsim:readout=0.1",
    "qsim:depolarize=0.01",
    "law:readout=0.02",
    "qvm:weber",
    "qvm:rainbow",
    "qvm:willow_pink",
    "qvm:webber",
    "engine:proj/chip",
    "qsim:readout=0.9",
    "qsim:nope=1",
    "nope",
]
SIZES = [
    "1",
    "2",
    "3",
    "4",
    "2,4",
    "2:6:2",
    "5",
    "8",
    "12",
    "20",
    "0",
    "-1",
    "1000",
    "2000",
    "20:2",
    "x",
    "1e3",
    "99999999999",
    "3:5",
]
COUNTS = [
    "1",
    "2",
    "10",
    "100",
    "1000",
    "1e3",
    "5e2",
    "0",
    "-3",
    "1.5",
    "3.0",
    "0x3",
    "1_0",
    "x",
    "nan",
    "1e13",
    "1e99",
    "99999999999999999999",
]
NUMBERS = [
    "0.7",
    "0.9",
    "0.99",
    "0.6",
    "0.5",
    "1",
    "0",
    "2",
    "-1",
    "nan",
    "inf",
    "1e-9",
    "1e-200",
    "0.9_9",
    "x",
    "0.70",
    "1e400",
]
NOTHING = ("", " ", "\u00e9", "a\nb", "--", "=", ":", ",", "\x00")


@dataclass(frozen=True)
class Outcome:
    """What became of an invocation."""

    arguments: list[str]
    status: object
    seconds: float
    told: str
    trouble: str


class TooLong(BaseException):
    """The watch's."""


def _options(rng: random.Random, pool: dict[str, tuple[str, ...] | None], most: int) -> list[str]:
    chosen: list[str] = []
    for option in rng.sample(sorted(pool), rng.randint(0, min(most, len(pool)))):
        values = pool[option]
        chosen.append(option)
        if values is not None and rng.random() < 0.97:
            chosen.append(rng.choice(values) if rng.random() < 0.95 else rng.choice(NOTHING))
    return chosen


def of_a_script(rng: random.Random, folder: Path) -> list[str]:
    """Returns a script and its arguments."""
    pool: dict[str, tuple[str, ...] | None] = {
        "--qubits": tuple(SIZES),
        "--protocols": (*PROTOCOLS, "bell,local_pauli", "bell,"),
        "--backend": tuple(BACKENDS),
        "--task": tuple(TASKS),
        "--trials": tuple(COUNTS),
        "--max-copies": tuple(COUNTS),
        "--seed": tuple(COUNTS),
        "--games": tuple(COUNTS),
        "--workers": ("1", "2", "0", "1e9", "x"),
        "--max-minutes": ("1", "0", "nan", "1e9", "x"),
        "--cluster": ("", "tcp://127.0.0.1:1", "nowhere"),
        "--target": ("0.7", "0.7,0.9", "1", "nan", "x", "0.6"),
        "--drop-outliers": None,
        "--quick": None,
        "--full": None,
    }
    chosen = _options(rng, pool, 5)
    # Most are dry runs: what a run itself does is for the tests of the engine.
    mode = rng.choice(["--dry-run"] * 4 + ["--draw", "--dry-run --draw", ""])
    if not mode and "--quick" not in chosen:
        chosen.append("--quick")
    return [rng.choice(SCRIPTS).stem, *chosen, *mode.split(), "--out", str(folder)]


def of_the_command(rng: random.Random, folder: Path) -> list[str]:
    """Returns a subcommand and its arguments."""
    data = str(rng.choice(sorted((ROOT / "figures" / "data").glob("*.csv"))))
    processors = "weber", "qvm:rainbow", "willow_pink", "webber", "qsim", "engine:proj/chip", ""
    out = {"--out": (str(folder), "/proc/none", "")}
    kinds: dict[str, tuple[tuple[tuple[str, ...], ...], dict[str, tuple[str, ...] | None]]] = {
        "show": (
            (tuple(PROTOCOLS),),
            {"--task": tuple(TASKS), "--qubits": ("1", "2", "3", "4", "0", "30", "200000", "x")},
        ),
        "bound": (
            (),
            {
                "--task": tuple(TASKS),
                "--qubits": tuple(SIZES),
                "--target": tuple(NUMBERS),
                "--alpha": tuple(NUMBERS),
                "--game": ("two", "one", "three", ""),
            },
        ),
        "compare": ((("figures", str(folder), ""), ("figures", str(folder), "")), {}),
        "devices": ((), {}),
        "layout": (
            (processors,),
            {"--pairs": ("1", "4", "8", "60", "0", "x"), "--chain": None, **out},
        ),
        "preflight": (
            (processors,),
            {
                "--pairs": ("1", "4", "60", "0", "x"),
                "--shots": ("120", "600", "1", "1e9"),
                "--drop-outliers": None,
                "--max-minutes": ("1", "0", "x"),
                **out,
            },
        ),
        "certify": (
            ((data, data, "nowhere.csv", ""),),
            {
                "--copies": tuple(COUNTS),
                "--games": tuple(COUNTS),
                "--budget": tuple(COUNTS),
                "--confidence": tuple(NUMBERS),
                "--registration": (data, "nowhere.json", ""),
                "--score": (str(folder / "score.json"), str(folder)),
                "--protocol": tuple(PROTOCOLS),
                "--qubits": ("2", "4", "20", "0"),
                "--backend": tuple(BACKENDS),
                "--task": tuple(TASKS),
                "--seed": ("0", "1", "x"),
                "--out": (str(folder),),
            },
        ),
        "plan": (
            (tuple(TASKS),),
            {
                "--backend": tuple(BACKENDS),
                "--preflight": (data, "nowhere.csv", ""),
                "--qubits": ("2", "4", "2:6:2", "20", "60", "0"),
                "--confidence": tuple(NUMBERS),
                "--games": ("20", "100", "1000", "1e9", "5", "x"),
                "--protocol": tuple(PROTOCOLS),
                "--register": (str(folder / "registration.json"), str(folder)),
                "--seed": ("0", "1", "x"),
                "--copies": tuple(COUNTS),
                "--anytime": None,
                "--alternative": tuple(NUMBERS),
                "--out": (str(folder),),
            },
        ),
        "shw": ((), {}),
        "--version": ((), {}),
        "": ((), {}),
    }
    name = rng.choice([*kinds, "show", "bound", "certify", "plan"])
    positional, pool = kinds[name]
    values = [rng.choice(choices) for choices in positional if rng.random() < 0.97]
    chosen = _options(rng, pool, 4)
    if "--out" in pool and "--out" not in chosen:
        chosen += ["--out", str(folder)]
    return [name, *values, *chosen]


def invoke(arguments: list[str], patience: float = PATIENCE) -> Outcome:
    """Runs one invocation in this process and judges it."""
    printed, told = io.StringIO(), io.StringIO()
    status: object = None
    trouble = ""
    start = time.process_time()

    def ring(number: int, frame: object) -> None:
        raise TooLong

    # Of this process's own work, so that others on the machine do not count; and a last resort.
    before = [signal.signal(number, ring) for number in (signal.SIGPROF, signal.SIGALRM)]
    signal.setitimer(signal.ITIMER_PROF, patience)
    signal.setitimer(signal.ITIMER_REAL, 10 * patience)
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(told):
            try:
                status = _run(arguments)
            except SystemExit as ended:
                status = ended.code
    except TooLong:
        said = printed.getvalue() + told.getvalue()
        status = "too long"
        trouble = "" if PRICE.search(said) else "over 20 s without a price"
    except BaseException:
        trouble = traceback.format_exc()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in zip((signal.SIGPROF, signal.SIGALRM), before, strict=True):
            signal.signal(number, handler)
    lines = told.getvalue().splitlines()
    if status == 2 and sum(": error: " in line for line in lines) != 1:
        trouble = f"not one line: {told.getvalue()!r}"
    elif status not in (0, 1, 2, "too long") and not trouble:
        trouble = f"status {status!r}"
    return Outcome(arguments, status, time.process_time() - start, told.getvalue(), trouble)


def _run(arguments: list[str]) -> object:
    name, *rest = arguments
    script = ROOT / "experiments" / f"{name}.py"
    if not script.is_file():
        from quantum_advantage.cli import main

        return main(arguments if name else rest)
    spec = importlib.util.spec_from_file_location(name, script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    from quantum_advantage.experiment.runner import run_script

    return run_script(module.EXPERIMENT, module.draw, rest)


def campaign(count: int, seed: int, folder: Path) -> list[Outcome]:
    """Runs so many invocations and returns what became of each."""
    rng = random.Random(seed)
    found = []
    for _ in range(count):
        make = of_a_script if rng.random() < 0.6 else of_the_command
        found.append(invoke(make(rng, folder)))
    return found


if __name__ == "__main__":
    os.chdir(ROOT)
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as place:
        rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
        bad = 0
        statuses: dict[object, int] = {}
        for k in range(number):
            make = of_a_script if rng.random() < 0.6 else of_the_command
            done = invoke(make(rng, Path(place)))
            statuses[done.status] = statuses.get(done.status, 0) + 1
            if done.trouble:
                bad += 1
                sys.stdout.write(f"--- {k}: {done.arguments}\n{done.trouble}\n{done.told}\n")
                sys.stdout.flush()
            elif done.seconds > PATIENCE - 1:
                sys.stdout.write(f"    {k}: {done.seconds:.0f} s, price told: {done.arguments}\n")
        sys.stdout.write(f"{number} invocations, statuses {statuses}, troubles {bad}\n")
    sys.exit(bool(bad))
