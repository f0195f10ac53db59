"""What has changed since an earlier record of the same machine and the same inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from speed import machine
from speed.history import Record

# A ratio that has grown by more than this factor, beyond the noise, is told.
DROP = 1.10


@dataclass(frozen=True)
class Change:
    """A workload now and the last time that it was measured so.

    Attributes:
        name: The workload.
        factor: The ratio now over the ratio then; above 1 it has become slower.
        beyond_noise: Whether the two intervals are apart.
        same_results: Whether the first results were the same.
        commit: The commit of then.
        date: The day of then.
    """

    name: str
    factor: float
    beyond_noise: bool
    same_results: bool
    commit: str | None
    date: str

    @property
    def dropped(self) -> bool:
        """Whether it has become slower by more than a tenth, beyond the noise of both runs."""
        return self.beyond_noise and self.factor > DROP

    @property
    def gained(self) -> bool:
        """Whether it has become faster by as much."""
        return self.beyond_noise and self.factor < 1 / DROP

    def sentence(self) -> str | None:
        """Says in one line what deserves to be told, or returns None."""
        since = f"since {self.date[:10]}" + (f" ({self.commit})" if self.commit else "")
        told = []
        if self.dropped:
            told.append(f"slower by {self.factor - 1:.0%}, beyond the noise")
        if self.gained:
            told.append(f"faster by {1 - self.factor:.0%}, beyond the noise")
        if not self.same_results:
            told.append("other results from the same inputs")
        return f"{self.name}: {'; '.join(told)}; {since}" if told else None


def earlier(record: Record, name: str, history: Sequence[Record]) -> Record | None:
    """Returns the last record with which a workload of a new record may be compared.

    It has the same machine, inputs and clock, and the same thing beside the work.

    Args:
        record: The new record.
        name: The workload.
        history: Records, the oldest first.
    """
    now = record["results"][name]
    for past in reversed(history):
        then = past["results"].get(name)
        if then is None or not machine.same(past["machine"], record["machine"]):
            continue
        if all(then[key] == now[key] for key in ("inputs", "unit", "against", "clock")):
            return past
    return None


def change(name: str, now: Mapping[str, Any], past: Record) -> Change:
    """Compares a workload with an earlier record of it.

    Args:
        name: The workload.
        now: What was measured now.
        past: The earlier record.
    """
    then = past["results"][name]
    return Change(
        name=name,
        factor=now["ratio"] / then["ratio"],
        beyond_noise=now["low"] > then["high"] or now["high"] < then["low"],
        same_results=now["results"] == then["results"],
        commit=past["commit"],
        date=past["date"],
    )


def changes(record: Record, history: Sequence[Record]) -> dict[str, Change]:
    """Compares all workloads that can be compared.

    Args:
        record: The new record.
        history: Earlier records, the oldest first.
    """
    found = {}
    for name, now in record["results"].items():
        past = earlier(record, name, history)
        if past is not None:
            found[name] = change(name, now, past)
    return found


def to_be_told(found: Mapping[str, Change]) -> bool:
    """Tells whether a check fails: a workload has dropped, or has other results."""
    return any(one.dropped or not one.same_results for one in found.values())
