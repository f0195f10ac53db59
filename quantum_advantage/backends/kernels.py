"""Which kernels compute here: the parts of libraries that were chosen for this processor.

They differ in the last bits of floats, and single-precision ones in the seventh digit, so that a
draw at the very edge of an outcome may fall to its other side on another machine.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import qsimcirq
import stim
from threadpoolctl import threadpool_info

# What numpy.show_runtime reads.
_NUMPY = "numpy._core._multiarray_umath"
# Modules of stim, of which one is imported.
_STIM = "stim._stim_"


def kernels() -> dict[str, str]:
    """Returns which kernels run in this process.

    Returns:
        ``openblas of numpy`` and ``openblas of scipy`` (if they are loaded: architecture and
        version), ``numpy`` (the features beyond its baseline that it was built for and uses),
        ``qsim`` (avx512, avx2, sse or basic) and ``stim`` (avx2, sse2 or polyfill).

    Example:
        >>> {"numpy", "qsim", "stim"} <= set(kernels())
        True
    """
    found = {}
    for library in threadpool_info():
        if library["user_api"] == "blas":
            owner = next((part for part in ("numpy", "scipy") if _is_of(library, part)), "others")
            name = f"{library['internal_api']} of {owner}"
            found[name] = f"{library.get('architecture', 'unknown')} {library['version']}"
    numpy = importlib.import_module(_NUMPY)
    used = [name for name in numpy.__cpu_dispatch__ if numpy.__cpu_features__.get(name)]
    found["numpy"] = " ".join(used) or "baseline"
    found["qsim"] = qsimcirq.qsim.__name__.rpartition("qsim_")[2]
    found["stim"] = _stim_module().removeprefix(_STIM)
    return dict(sorted(found.items()))


def _is_of(library: dict[str, str], package: str) -> bool:
    return any(part.startswith(package) for part in Path(library["filepath"]).parts)


def _stim_module() -> str:
    """Returns the module that stim's classes come from."""
    loaded = [name for name in sys.modules if name.startswith(_STIM)]
    return stim.Circuit.__module__ if stim.Circuit.__module__ in loaded else loaded[0]
