"""Samplers, and what they send back, checked before any of it counts as data.

A sampler is foreign code: a simulator, a service, a mock. Its results for a sweep are accepted if
there is one for each parameter set, with these parameters in it, and if every result holds for
every measurement key a table (repetitions, qubits) of zeros and ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import kind_name, kind_of

# Services round parameters to single precision, 6e-8 of their size.
TOLERANCE = 2e-7

Bits = npt.NDArray[np.uint8]
Point = Mapping[str, float]


def check_sampler(sampler: object) -> None:
    """Refuses what cannot run circuits.

    Args:
        sampler: What is to run them.

    Raises:
        UsageError: If it is missing, a class, or has no ``run_sweep``.

    Example:
        >>> check_sampler(cirq.Simulator())
        >>> check_sampler(None)
        Traceback (most recent call last):
        quantum_advantage.core.usage.UsageError: sampler must be a cirq.Sampler, which has a method
        run_sweep, not None
    """
    if is_sampler(sampler):
        return
    if isinstance(sampler, type):
        raise UsageError(
            f"sampler must be an object, not the class {kind_name(sampler)}; write "
            f"{sampler.__name__}()"
        )
    found = "None" if sampler is None else f"a {kind_of(sampler)}"
    raise UsageError(f"sampler must be a cirq.Sampler, which has a method run_sweep, not {found}")


def is_sampler(thing: object) -> bool:
    """Tells whether something has the method of a sampler; a class does not count.

    Example:
        >>> is_sampler(cirq.Simulator()), is_sampler(cirq.Simulator)
        (True, False)
    """
    return not isinstance(thing, type) and any(
        callable(getattr(thing, name, None)) for name in ("run_sweep", "sample_table")
    )


def read_results(
    results: object,
    points: Sequence[Point],
    repetitions: int,
    keys: Mapping[str, int],
    sender: str,
) -> dict[str, Bits]:
    """Reads what a sampler returned for a sweep.

    Results in another order than the parameter sets are put in order by their own ``params``.

    Args:
        results: What it returned.
        points: The parameter sets of the sweep.
        repetitions: The repetitions of each.
        keys: The number of qubits of each measurement key.
        sender: Who returned it, for messages.

    Returns:
        For each key the outcomes, (points, repetitions, qubits).

    Raises:
        UsageError: If the results are not those of the sweep.

    Example:
        >>> results = [
        ...     cirq.ResultDict(params=cirq.ParamResolver({"t": t}), measurements={"m": [[int(t)]]})
        ...     for t in (1.0, 0.0)
        ... ]
        >>> bits = read_results(results, [{"t": 0.0}, {"t": 1.0}], 1, {"m": 1}, "a service")
        >>> bits["m"].ravel().tolist()  # in the order of the parameter sets
        [0, 1]
    """
    given = one_for_each(results, len(points), sender)
    order = _places([result.params for result in given], points, sender)
    given = [given[place] for place in order]
    tables = [_tables(result, keys, sender) for result in given]
    return {
        key: _outcomes([table[key] for table in tables], (repetitions, width), key, sender)
        for key, width in keys.items()
    }


def one_for_each(results: object, points: int, sender: str) -> list[cirq.Result]:
    """Returns the results as a list, if there are as many as points.

    Args:
        results: What a sampler or a service returned.
        points: The number of parameter sets.
        sender: Who returned it, for messages.

    Raises:
        UsageError: If it is something else, or has another length.

    Example:
        >>> one_for_each([], 2, "the service")
        Traceback (most recent call last):
        quantum_advantage.core.usage.UsageError: the service returned 0 results for 2 points
    """
    if not isinstance(results, Iterable) or isinstance(results, (str, bytes, Mapping)):
        what = "None" if results is None else f"a {kind_of(results)}"
        raise UsageError(f"{sender} returned {what} instead of a list of results, one for a point")
    given = list(islice(results, points + 1))
    for result in given:
        if not isinstance(result, cirq.Result):
            raise UsageError(f"{sender} returned a {kind_of(result)} where a cirq.Result belongs")
    if len(given) != points:
        found = f"more than {points}" if len(given) > points else str(len(given))
        raise UsageError(f"{sender} returned {found} results for {points} points")
    return given


def _places(params: Sequence[object], points: Sequence[Point], sender: str) -> list[int]:
    """Returns for each point which result belongs to it."""
    names = list(points[0]) if points else []
    if not names:
        return list(range(len(points)))
    found = [_values(one, names) for one in params]
    if len(points) == 1 and params[0] == cirq.ParamResolver({}):
        # A single parameter set cannot be mistaken for another one.
        return [0]
    for number, one in enumerate(found):
        if one is None:
            raise UsageError(
                f"{sender} returned result {number} of {len(points)} without the parameters that "
                f"it belongs to; cirq.ResultDict takes them as params="
            )
    asked = np.array([[point[name] for name in names] for point in points], dtype=np.float64)
    got = np.array(found, dtype=np.float64)
    numbered = [_numbered(asked[:, i], got[:, i]) for i in range(len(names))]
    for i, (_, own) in enumerate(numbered):
        if (own < 0).any():
            number = int(np.argmax(own < 0))
            raise UsageError(
                f"{sender} returned result {number} of {len(points)} for {names[i]} = "
                f"{got[number, i]:g}, which was not asked for"
            )
    wanted, own = (np.stack([pair[k] for pair in numbered], axis=1) for k in (0, 1))
    if np.array_equal(wanted, own):
        return list(range(len(points)))
    into, out = np.lexsort(wanted.T), np.lexsort(own.T)
    if not np.array_equal(wanted[into], own[out]):
        raise UsageError(f"{sender} returned results of other parameter sets than were asked for")
    order = np.empty(len(points), dtype=np.int64)
    order[into] = out
    return order.tolist()


def _values(params: object, names: Sequence[str]) -> list[float] | None:
    """Returns the values of some symbols; None if they are not all given as numbers."""
    if not isinstance(params, cirq.ParamResolver):
        return None
    given = params.param_dict
    if any(name not in given for name in names):
        given = {str(name): value for name, value in given.items()}
    try:
        return [float(given[name]) for name in names]
    except (KeyError, TypeError, ValueError):
        return None


def _numbered(
    asked: npt.NDArray[np.float64], got: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Numbers the values of a symbol in a sweep; those that rounding may join are one.

    Returns:
        The numbers of the requested values, and of those closest to the returned ones, (points,)
        each; -1 where none lies within the tolerance.
    """
    distinct, places = np.unique(asked, return_inverse=True)
    apart = np.diff(distinct) > 2 * TOLERANCE * np.maximum(1, np.abs(distinct[1:]))
    groups = np.concatenate([[0], np.cumsum(apart)])
    above = np.clip(np.searchsorted(distinct, got), 0, distinct.size - 1)
    below = np.maximum(above - 1, 0)
    nearer = np.abs(distinct[below] - got) < np.abs(distinct[above] - got)
    closest = np.where(nearer, below, above)
    near = np.abs(distinct[closest] - got) <= TOLERANCE * np.maximum(1, np.abs(got))
    return groups[places], np.where(near, groups[closest], -1)


def _tables(
    result: cirq.Result, keys: Mapping[str, int], sender: str
) -> Mapping[str, npt.ArrayLike]:
    """Returns the tables of a result, if its keys are those of the circuit."""
    try:
        # A result that holds several instances of a key has no tables, and says so.
        tables = result.measurements
    except ValueError as error:
        raise UsageError(
            f"{sender} returned a result without one table for each measurement key: {error}"
        ) from error
    if not isinstance(tables, Mapping) or set(tables) != set(keys):
        found = ", ".join(map(repr, tables)) if isinstance(tables, Mapping) else kind_of(tables)
        raise UsageError(
            f"{sender} returned outcomes of the measurement keys {found or 'none'} instead of "
            f"{', '.join(map(repr, keys))}"
        )
    return tables


def _outcomes(
    tables: Sequence[npt.ArrayLike], shape: tuple[int, int], key: str, sender: str
) -> Bits:
    """Returns the outcomes of a key, (points, *shape), if all are zeros and ones."""
    arrays = [_array(table, shape, key, sender) for table in tables]
    stacked = np.stack(arrays)
    bits: Bits = (stacked == 1).astype(np.uint8)
    wrong = ~(bits.astype(np.bool_) | (stacked == 0))
    if wrong.any():
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise UsageError(
            f"{sender} returned the outcome {stacked[place]!s} of measurement key {key!r}, in "
            f"repetition {place[1]} of point {place[0]}, where only 0 and 1 can be"
        )
    return bits


def _array(
    table: npt.ArrayLike, shape: tuple[int, int], key: str, sender: str
) -> npt.NDArray[np.generic]:
    """Returns the table of a key as an array of numbers, if it has the right shape."""
    try:
        array = np.asarray(table)
    except ValueError:
        raise UsageError(
            f"{sender} returned rows of unequal lengths of measurement key {key!r}"
        ) from None
    if array.ndim == 2 and array.shape[1] == shape[1] and array.shape[0] != shape[0]:
        raise UsageError(
            f"{sender} returned {array.shape[0]} of {shape[0]} repetitions of measurement key "
            f"{key!r}"
        )
    if array.shape != shape:
        raise UsageError(
            f"{sender} returned outcomes of shape {array.shape} of measurement key {key!r}, where "
            f"(repetitions, qubits) = {shape} belong"
        )
    if array.dtype.kind not in "biufcO" or np.ma.is_masked(table):
        what = "masked values" if np.ma.is_masked(table) else f"the type {array.dtype}"
        raise UsageError(
            f"{sender} returned {what} of measurement key {key!r}, where only 0 and 1 can be"
        )
    return array


def check_words(
    words: object, shots: int, keys: Mapping[str, int], sender: str
) -> Mapping[str, npt.NDArray[np.uint64]]:
    """Checks the packed bits that a sampler returned for a table of dial positions.

    Args:
        words: For each measurement key (shots, words) uint64, as ``bits.pack_bits`` packs them.
        shots: The number of shots of the request.
        keys: The number of qubits of each measurement key.
        sender: Who returned it, for messages.

    Returns:
        The words.

    Raises:
        UsageError: If the results are not those of the sweep.

    Example:
        >>> from quantum_advantage.core.bits import pack_bits
        >>> words = {"m": pack_bits([[0, 1], [1, 1]])}
        >>> check_words(words, 2, {"m": 2}, "a sampler") is words
        True
        >>> check_words(words, 2, {"m": 1}, "a sampler")
        Traceback (most recent call last):
        quantum_advantage.core.usage.UsageError: a sampler returned bits beyond the 1 qubits of
        measurement key 'm'
    """
    if not isinstance(words, Mapping) or set(words) != set(keys):
        found = ", ".join(map(repr, words)) if isinstance(words, Mapping) else kind_of(words)
        raise UsageError(
            f"{sender} returned packed bits of {found or 'none'} instead of "
            f"{', '.join(map(repr, keys))}"
        )
    for key, width in keys.items():
        array, shape = words[key], (shots, -(-width // 64))
        if not isinstance(array, np.ndarray) or array.dtype != np.uint64 or array.shape != shape:
            what = (
                f"{array.dtype} of shape {array.shape}"
                if isinstance(array, np.ndarray)
                else kind_of(array)
            )
            raise UsageError(
                f"{sender} returned {what} of measurement key {key!r}, where packed bits, uint64 "
                f"of shape {shape}, belong"
            )
        # Bits beyond the last qubit must be clear.
        if width % 64 and np.bitwise_or.reduce(array[:, -1], initial=0) >> np.uint64(width % 64):
            raise UsageError(
                f"{sender} returned bits beyond the {width} qubits of measurement key {key!r}"
            )
    return words
