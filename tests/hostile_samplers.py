"""Samplers that send back something else than they were asked for, for several test files."""

from __future__ import annotations

import cirq
import numpy as np
import sympy


class Spoilt(cirq.Sampler):
    """A simulator whose results go through a function before anybody sees them."""

    def __init__(self, spoil, seed=1):
        self._spoil, self._seed = spoil, seed

    def run_sweep(self, program, params, repetitions=1):
        simulator = cirq.Simulator(seed=self._seed)
        return self._spoil(simulator.run_sweep(program, params, repetitions))


def each(change, *, params=lambda resolver: resolver):
    """Spoils every table of outcomes."""

    def spoil(results):
        return [
            cirq.ResultDict(
                params=params(result.params),
                measurements={key: change(table) for key, table in result.measurements.items()},
            )
            for result in results
        ]

    return spoil


def tables(change):
    """Spoils the tables of every result, all keys together."""

    def spoil(results):
        return [
            cirq.ResultDict(params=r.params, measurements=change(dict(r.measurements)))
            for r in results
        ]

    return spoil


def records(change):
    """Gives records (repetitions, instances, qubits) instead of tables."""

    def spoil(results):
        return [
            cirq.ResultDict(
                params=r.params, records={key: change(table) for key, table in r.records.items()}
            )
            for r in results
        ]

    return spoil


def one_value(value, kind=None):
    """Puts one value into the last place of the last table."""

    def spoil(results):
        changed = each(lambda table: table.astype(kind or np.asarray(value).dtype))(results)
        for table in changed[-1].measurements.values():
            table[-1, -1] = value
        return changed

    return spoil


def first_key_renamed(table):
    key = next(iter(table))
    return {"other": table.pop(key), **table}


def masked(table):
    return np.ma.masked_array(table, mask=np.ones_like(table))


class NotAResult:
    def __init__(self):
        self.measurements, self.params = {}, cirq.ParamResolver({})


# How results are spoilt, and what the one line says of them. All are wrong for every circuit.
WRONG = {
    "one column": (each(lambda t: t[:, :1]), r"shape \(\d+, 1\)"),
    "one column more": (each(lambda t: np.concatenate([t, t[:, :1]], axis=1)), "shape"),
    "no columns": (each(lambda t: t[:, :0]), "shape"),
    "transposed": (each(lambda t: np.concatenate([t, t, t]).T), "shape"),
    "flat": (each(np.ravel), "shape"),
    "three axes": (each(lambda t: t[..., None]), "shape"),
    "a number": (each(lambda t: 1), "shape"),
    "None for a table": (each(lambda t: None), "shape"),
    "ragged": (each(lambda t: [[0], [0, 1]]), "unequal lengths|shape"),
    "7": (one_value(7), "outcome 7 "),
    "-1": (one_value(-1), "outcome -1 "),
    "0.5": (one_value(0.5), "outcome 0.5 "),
    "NaN": (one_value(np.nan), "outcome nan "),
    "infinity": (one_value(np.inf), "outcome inf "),
    "256": (one_value(256), "outcome 256 "),
    "255": (one_value(np.uint8(255)), "outcome 255 "),
    "nearly 1": (one_value(np.nextafter(1.0, 0)), "outcome 0.99"),
    "complex": (one_value(1 + 1j), r"outcome \(1\+1j\) "),
    "None for a bit": (one_value(None, object), "outcome None "),
    "texts": (each(lambda t: t.astype(str)), "the type <U"),
    "signs": (each(lambda t: 1 - 2 * t.astype(np.int8)), "outcome -1 "),
    "masked": (each(masked), "masked values"),
    "one repetition less": (each(lambda t: t[:-1]), r"\d+ of \d+ repetitions"),
    "one repetition more": (each(lambda t: np.concatenate([t, t[:1]])), r"\d+ of \d+ repetitions"),
    "two instances": (records(lambda t: np.concatenate([t, t], axis=1)), "repeated keys"),
    "flat records": (records(lambda t: t[:, 0, :]), "without one table"),
    "a key missing": (tables(lambda t: dict(list(t.items())[1:])), "measurement keys"),
    "a key renamed": (tables(first_key_renamed), "measurement keys 'other'"),
    "a key more": (tables(lambda t: t | {"extra": next(iter(t.values()))}), "'extra' instead of"),
    "no keys": (tables(lambda t: {}), "measurement keys none"),
    "None": (lambda results: None, "returned None instead of a list"),
    "a number of results": (len, "returned a int instead of a list"),
    "a text": (str, "returned a str instead of a list"),
    "the result alone": (lambda results: results[0], "returned a cirq.*ResultDict instead"),
    "a dictionary": (lambda results: dict(enumerate(results)), "returned a dict instead"),
    "results of a batch": (lambda results: [results], "returned a list where a cirq.Result"),
    "dictionaries": (lambda rs: [dict(r.measurements) for r in rs], "a dict where a cirq.Result"),
    "another class": (lambda results: [NotAResult()], "NotAResult where a cirq.Result"),
    "None inside": (lambda results: [None, *results[1:]], "NoneType where a cirq.Result"),
    "no results": (lambda results: [], r"returned 0 results for \d+ points"),
    "a result less": (lambda results: results[:-1], r"returned \d+ results for \d+ points"),
    "a result more": (lambda results: [*results, results[0]], r"returned more than \d+ results"),
    "without end": (lambda results: iter(lambda: results[0], None), "returned more than"),
}


def negated(resolver):
    return cirq.ParamResolver({k: -1.7 - v for k, v in resolver.param_dict.items()})


def doubled(results):
    """The first result stands in for the last one, parameters and all."""
    return [*results[:-1], results[0]]


# Wrong where there are several parameter sets.
WRONG_PARAMETERS = {
    "no parameters": (each(np.array, params=lambda r: None), "without the parameters"),
    "other names": (
        each(np.array, params=lambda r: cirq.ParamResolver({"x": 1.0})),
        "without the parameters",
    ),
    "texts": (
        each(np.array, params=lambda r: cirq.ParamResolver(dict.fromkeys(r.param_dict, "x"))),
        "without the parameters",
    ),
    "other values": (each(np.array, params=negated), "which was not asked for"),
    "NaN": (
        each(np.array, params=lambda r: cirq.ParamResolver(dict.fromkeys(r.param_dict, np.nan))),
        "which was not asked for",
    ),
    "a result twice": (doubled, "other parameter sets"),
}


def in_single_precision(resolver):
    return cirq.ParamResolver({k: float(np.float32(v)) for k, v in resolver.param_dict.items()})


def by_symbols(resolver):
    return cirq.ParamResolver({sympy.Symbol(k): v for k, v in resolver.param_dict.items()})


def with_more(resolver):
    return cirq.ParamResolver({**resolver.param_dict, "temperature": 0.015})


# Other forms of the right answer.
RIGHT = {
    "as it is": lambda results: results,
    "a tuple": tuple,
    "a generator": iter,
    "an array": lambda results: np.array([*results, None], dtype=object)[:-1],
    "truth values": each(lambda t: t.astype(bool)),
    "floats": each(lambda t: t.astype(float)),
    "half precision": each(lambda t: t.astype(np.float16)),
    "objects": each(lambda t: t.astype(object)),
    "lists": each(lambda t: t.tolist()),
    "signed": each(lambda t: t.astype(np.int64)),
    "columns first in memory": each(np.asfortranarray),
    "records": records(lambda t: t),
    "in single precision": each(np.array, params=in_single_precision),
    "symbols": each(np.array, params=by_symbols),
    "more parameters": each(np.array, params=with_more),
    "reversed": lambda results: results[::-1],
    "shuffled": lambda rs: [rs[i] for i in np.random.default_rng(1).permutation(len(rs))],
    "reversed in single precision": lambda results: each(np.array, params=in_single_precision)(
        results[::-1]
    ),
}
