"""Toy workloads, times that are made up, and records of them."""

import numpy as np
from speed import machine
from speed.children import Measured, measure_here
from speed.digests import Outcome
from speed.timing import Times
from speed.workload import Against, Prepared, Side, Workload

MACHINE = dict.fromkeys(machine.IDENTITY, "toy") | {
    "caches": {"L1": "48K"},
    "memory": 8.0,
    "cirq-core": "1.7",
}


def prepared(work, other, **changes):
    return Prepared(
        inputs=[np.arange(3)],
        work=Side(work, **changes),
        other=Side(other),
        outcome=lambda found: Outcome((np.asarray(found),)),
    )


def workload(name="toy", value=5, **changes):
    return Workload(
        name=name,
        title=f"the {name} workload",
        unit="one call",
        against=changes.pop("against", Against.LIMIT),
        other="less work",
        prepare=lambda peers: prepared(lambda: value, lambda: 0),
        **changes,
    )


def measure_in(ratios, results="r", inputs="i"):
    """Returns a measurement with given ratios, in place of a process."""

    def measure(workload, effort):
        work = tuple(ratio for ratio in ratios for _ in range(2))
        times = Times(first=9.0, work=work, other=(1.0,) * len(work))
        return Measured(times, inputs, results, "exact", memory=64.0)

    return measure


def here(workload, effort):
    return measure_here(workload, effort)


def result(ratio=2.0, low=1.9, high=2.1, **changes):
    values = {
        "unit": "one call",
        "against": "limit",
        "clock": "wall",
        "inputs": "i",
        "results": "r",
        "results are": "exact",
        "seconds": ratio,
        "other": 1.0,
        "ratio": ratio,
        "low": low,
        "high": high,
        "rounds": [[ratio]],
        "first": 3.0,
        "memory": 64.0,
    }
    return values | changes


def record(results=None, **changes):
    values = {
        "date": "2026-11-29T08:00:00+00:00",
        "version": "0.1.0",
        "commit": "abc",
        "machine": MACHINE,
        "load": 0.1,
        "results": {"toy": result()} if results is None else results,
        "skipped": {},
    }
    return values | changes
