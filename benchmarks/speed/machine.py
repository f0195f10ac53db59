"""What machine a record comes from: hardware and versions, without names of hosts or folders."""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from speed.workload import cores

# Records are compared only if these are the same. Others may differ: their change is what one
# wants to see.
IDENTITY = ("cpu", "cores", "python", "numpy", "blas", "numba", "stim", "qsimcirq")
PACKAGES = ("numpy", "scipy", "numba", "stim", "cirq-core", "cirq-google", "qsimcirq")


def describe() -> dict[str, Any]:
    """Describes this machine.

    Returns:
        The model of the processor, cores that may be used, sizes of caches, memory in GiB, the
        system, and versions; None for a package that is not installed.
    """
    found: dict[str, Any] = {
        "cpu": _cpu(),
        "cores": cores(),
        "caches": _caches(),
        "memory": _memory(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "blas": _blas(),
    }
    return found | {name: _version(name) for name in PACKAGES}


def same(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Tells whether ratios of two machines may be compared.

    Args:
        first: The description of one.
        second: That of the other.
    """
    return all(first.get(key) == second.get(key) for key in IDENTITY)


def load() -> float | None:
    """Returns how many processes waited for a core in the last minute, where this is known."""
    with contextlib.suppress(OSError, AttributeError):
        return round(os.getloadavg()[0], 2)
    return None


def _cpu() -> str:
    with contextlib.suppress(OSError):
        fields: dict[str, str] = {}
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            name, _, value = line.partition(":")
            fields.setdefault(name.strip(), value.strip())
        numbers = [fields[key] for key in ("cpu family", "model", "stepping") if key in fields]
        if "model name" in fields:
            # Virtual machines hide the product's name; the numbers still tell the kind.
            return f"{fields['model name']} ({'-'.join(numbers)})"
    return platform.processor() or platform.machine()


def _caches() -> dict[str, str]:
    found = {}
    for folder in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        with contextlib.suppress(OSError):
            level, kind, size = (
                (folder / name).read_text().strip() for name in ("level", "type", "size")
            )
            if kind != "Instruction":
                found[f"L{level}"] = size
    return found


def _memory() -> float | None:
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    return None


def _blas() -> str | None:
    import numpy as np

    with contextlib.suppress(KeyError, TypeError):
        blas: Any = np.show_config(mode="dicts")
        blas = blas["Build Dependencies"]["blas"]
        return f"{blas['name']} {blas['version']}"
    return None


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
