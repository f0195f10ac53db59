"""Fingerprints of backends: whether the sampler that a name stands for is still the same one.

A sampler is taken apart into plain values: its class, its attributes, the noise model in them, the
gates in that. Whatever differs between two samplers that are made from different seeds, or comes
from a source of randomness, belongs to the seed and is left out. Two samplers that differ in
nothing but the source code of their methods, or in a service behind them, look the same: their
owner distinguishes them by the field ``fingerprint``.
"""

from __future__ import annotations

import dataclasses
import dis
import enum
import functools
import hashlib
import random
import re
import types
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from itertools import islice
from typing import Any

import cirq
import numpy as np
import sympy

from quantum_advantage.backends.backend import Backend, make_sampler
from quantum_advantage.backends.names import BackendName
from quantum_advantage.backends.opening import open_backend
from quantum_advantage.circuits.digests import text_digest
from quantum_advantage.core.values import kind_name, kind_of

LENGTH = 20
# Floats count to so many digits, since the last ones differ between machines.
DIGITS = 12
_DEEPEST = 24
_MOST_VALUES = 200_000
_CHANCE = (
    np.random.Generator,
    np.random.RandomState,
    np.random.BitGenerator,
    np.random.SeedSequence,
    random.Random,
    types.ModuleType,
)
# Attributes that change from run to run, or must not go anywhere.
_SKIPPED = re.compile(
    "(^|_)(seeds?|prng|rng|random_state|cached?|hash|jobs|programs)(_|$)"
    "|(^|_)(token|secret|password|credentials?|api_key|headers?|authorization)(_|$)"
)
# Packages of clients, locks and files: what they hold says nothing of outcomes.
_HANDLES = {
    *("asyncio", "concurrent", "duet", "google", "grpc", "http", "io", "logging"),
    *("multiprocessing", "queue", "requests", "socket", "ssl", "threading", "_thread", "urllib3"),
    "weakref",
}
# They say which gates are taken, not what comes out, and their order differs from run to run.
_RULES = (cirq.Gateset, cirq.GateFamily)
_ADDRESS = re.compile("0x[0-9A-Fa-f]+")

# A path through attributes and items, and the text of the value there.
Value = tuple[str, str]


def fingerprint_of(backend: Backend) -> str:
    """Returns the fingerprint of a backend: the same in every process and on every machine.

    It is that of the backend's own ``fingerprint`` if it has one. Otherwise two samplers are made
    and looked into.

    Args:
        backend: The backend.

    Returns:
        20 hexadecimal digits.

    Raises:
        UsageError: If the backend makes no sampler.

    Example:
        >>> def flipping(chance):
        ...     noise = cirq.bit_flip(chance)
        ...     return Backend("trial", lambda seed: cirq.Simulator(seed=seed, noise=noise))
        >>> fingerprint_of(flipping(0.1)) == fingerprint_of(flipping(0.1))
        True
        >>> fingerprint_of(flipping(0.1)) == fingerprint_of(flipping(0.2))
        False
    """
    if backend.fingerprint:
        return _digest(f"given {backend.fingerprint}")
    first, second = (set(_all_values(make_sampler(backend, seed))) for seed in (0, 1))
    return _digest("\n".join(sorted(f"{path} {text}" for path, text in first & second)))


@functools.lru_cache
def fingerprint_of_name(name: BackendName) -> str:
    """Returns the fingerprint of the backend that a name opens.

    A real processor is not asked; its fingerprint is a digest of its name, of 64 digits.

    Args:
        name: The backend's name.

    Raises:
        UsageError: If the backend cannot be opened, or makes no sampler.
    """
    if name.base == "engine":
        return text_digest(str(name))
    return fingerprint_of(open_backend(name))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="backslashreplace")).hexdigest()[:LENGTH]


def _all_values(thing: object) -> Iterator[Value]:
    return islice(_values(thing, "", ()), _MOST_VALUES)


def _values(thing: object, path: str, above: tuple[int, ...]) -> Iterator[Value]:
    """Yields what an object is made of.

    Args:
        thing: The object.
        path: Where it is.
        above: The ids of the objects that hold it.
    """
    if isinstance(thing, _CHANCE):
        return
    if (text := _plain(thing)) is not None:
        yield path, text
        return
    yield path, kind_of(thing)
    if isinstance(thing, _RULES) or id(thing) in above or len(above) > _DEEPEST:
        return
    if str(type(thing).__module__).partition(".")[0] in _HANDLES:
        return
    for name, part in _parts(thing):
        yield from _values(part, f"{path}/{name}", (*above, id(thing)))


def _plain(thing: object) -> str | None:
    """Returns the text of a value without parts; None if it has parts."""
    if thing is None or isinstance(thing, (bool, int, str, np.bool_, np.integer)):
        return str(thing)
    if isinstance(thing, (float, np.floating)):
        return f"{float(thing) + 0.0:.{DIGITS}g}"
    if isinstance(thing, (complex, np.complexfloating)):
        return f"{_plain(thing.real)} {_plain(thing.imag)}i"
    if isinstance(thing, (bytes, bytearray)):
        return hashlib.sha256(thing).hexdigest()
    if isinstance(thing, type):
        return kind_name(thing)
    if isinstance(thing, enum.Enum):
        return f"{kind_of(thing)}.{thing.name}"
    if isinstance(thing, (np.dtype, sympy.Basic, cirq.Qid, types.BuiltinFunctionType)):
        return _ADDRESS.sub("", repr(thing))
    return None


def _parts(thing: Any) -> Iterator[tuple[str, object]]:
    """Yields the parts of an object, each with a name."""
    if isinstance(thing, np.ndarray):
        yield "shape", str(thing.shape)
        yield from _numbered(thing.ravel().tolist())
    elif isinstance(thing, Mapping):
        yield from sorted(((_joined(key), value) for key, value in thing.items()), key=_first)
    elif isinstance(thing, Set):
        yield from _numbered(sorted(map(_joined, thing)))
    elif isinstance(thing, Sequence) and not isinstance(thing, cirq.AbstractCircuit):
        yield from _numbered(thing)
    elif isinstance(thing, functools.partial):
        yield from (("func", thing.func), ("args", thing.args), ("keywords", thing.keywords))
    elif isinstance(thing, types.MethodType):
        yield from (("func", thing.__func__), ("self", thing.__self__))
    elif isinstance(thing, types.FunctionType):
        yield from _parts_of_function(thing)
    elif (held := _attributes(thing)) is not None:
        yield from sorted((n, v) for n, v in held.items() if not _SKIPPED.search(n.lower()))
    elif "__repr__" in vars(type(thing)):
        yield "repr", _ADDRESS.sub("", repr(thing))


def _attributes(thing: Any) -> Mapping[str, object] | None:
    """Returns what an object holds: what it writes as JSON, its fields or its attributes."""
    if isinstance(thing, (cirq.Gate, cirq.Operation, cirq.Moment, cirq.AbstractCircuit)):
        written: Callable[[], Mapping[str, object]] | None = getattr(thing, "_json_dict_", None)
        if written is not None:
            return written()
    if dataclasses.is_dataclass(thing):
        return {field.name: getattr(thing, field.name) for field in dataclasses.fields(thing)}
    slots = [
        name
        for kind in type(thing).__mro__
        for name in _listed(kind.__dict__.get("__slots__", ()))
        if hasattr(thing, name)
    ]
    held = dict(getattr(thing, "__dict__", {})) | {name: getattr(thing, name) for name in slots}
    return {str(name): value for name, value in held.items()} or None


def _parts_of_function(function: types.FunctionType) -> Iterator[tuple[str, object]]:
    """Yields the name of a function, the constants and names in it, and what it closes over."""
    yield "name", f"{function.__module__}.{function.__qualname__}"
    read = list(dis.get_instructions(function))
    constants = [i.argval for i in read if "CONST" in i.opname or "SMALL_INT" in i.opname]
    yield "constants", [c for c in constants if not isinstance(c, types.CodeType)]
    yield "names", list(function.__code__.co_names)
    yield "defaults", (function.__defaults__, function.__kwdefaults__)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield f"closure {name}", cell.cell_contents
        except ValueError:
            yield f"closure {name}", "empty"


def _numbered(things: Sequence[object]) -> Iterator[tuple[str, object]]:
    return ((str(number), thing) for number, thing in enumerate(things))


def _joined(thing: object) -> str:
    return " ".join(f"{path} {text}" for path, text in _all_values(thing))


def _first(pair: tuple[str, object]) -> str:
    return pair[0]


def _listed(names: object) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)  # type: ignore[arg-type]
