"""What was learned about a layer: JSON for other programs, and a table for people.

The file carries a check, as all JSON of this package does. It holds the decays, from which
everything else follows, and the eigenvalues for programs that mitigate errors.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.names import PairPlace, read_pairs, write_pairs
from quantum_advantage.characterise.blocks import Block
from quantum_advantage.characterise.characterisation import Characterisation, check_depths
from quantum_advantage.characterise.exact import exact_factors
from quantum_advantage.characterise.layers import (
    Layer,
    read_layer,
    string_number,
    string_text,
    visited,
)
from quantum_advantage.characterise.learnable import Start, learnable
from quantum_advantage.core.fields import number, text, whole
from quantum_advantage.core.files import read_json, seal_json
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.bell.decays import Decays

Floats = npt.NDArray[np.float64]

FORMAT = "quantum_advantage layer noise 1"
_WHAT = "what was learned about a layer"
_FIELDS = ("amplitude", "factor", "low", "high", "p_value")
_MOST = 1_000_000
_PLUS_MINUS = 1e4


def noise_text(backend: str, blocks: Sequence[Block], learned: Characterisation) -> str:
    """Returns what was learned as JSON with a check.

    Args:
        backend: The backend's name.
        blocks: The blocks, on a chip.
        learned: What was learned.

    Example:
        See :func:`read_noise`.
    """
    return seal_json({"format": FORMAT, **noise_values(backend, blocks, learned)})


def noise_values(
    backend: str, blocks: Sequence[Block], learned: Characterisation
) -> dict[str, Any]:
    """Returns what was learned as values that JSON can hold.

    Args:
        backend: The backend's name.
        blocks: The blocks, on a chip.
        learned: What was learned.

    Example:
        See :func:`read_noise`.
    """
    known = learnable(learned.layer)
    values, errors = known.products(np.eye(len(known.strings)), learned.decays)
    alone = known.alone
    entries = []
    for i, block in enumerate(blocks):
        decays = [
            {
                "string": string_text(start.string),
                "turned": start.turned,
                "visits": [str(s) for s in visited(learned.layer, start.turned, start.string)],
                **dict(zip(_FIELDS, _numbers(decay, i), strict=True)),
            }
            for start, decay in learned.decays.items()
        ]
        eigenvalues = [
            {
                "string": string_text(s.system),
                "memory": string_text(s.memory),
                "value": None if math.isnan(values[j, i]) else float(values[j, i]),
                "error": None if math.isnan(errors[j, i]) else float(errors[j, i]),
                "alone": bool(alone[j]),
            }
            for j, s in enumerate(known.strings)
        ]
        entries.append(
            {
                "pairs": write_pairs(_places(block)),
                "decays": decays,
                "eigenvalues": eigenvalues,
            }
        )
    return {
        "backend": backend,
        "layer": learned.layer.name,
        "depths": list(learned.depths),
        "settings": learned.settings,
        "shots": learned.shots,
        "blocks": entries,
    }


def read_noise(path: Path) -> tuple[str, tuple[Block, ...], Characterisation]:
    """Reads what :func:`noise_text` wrote.

    Args:
        path: The file.

    Returns:
        The backend's name, the blocks and what was learned about them.

    Raises:
        UsageError: If it is no such file, or does not match its check.
        OSError: If it cannot be read.

    Example:
        >>> import tempfile
        >>> from quantum_advantage.backends.opening import open_backend
        >>> from quantum_advantage.characterise.characterisation import characterise
        >>> from quantum_advantage.characterise.layers import LAYERS
        >>> from quantum_advantage.core.files import write_file
        >>> a, b, c, d = cirq.GridQubit.rect(2, 2)
        >>> block = Block((a, b), (c, d))
        >>> qsim = open_backend("qsim").make(1)
        >>> learned = characterise(qsim, [block], LAYERS["cz"], (0, 2), 3, 40, seed=2)
        >>> path = Path(tempfile.mkdtemp()) / "noise.json"
        >>> write_file(path, noise_text("qsim", [block], learned))
        >>> backend, blocks, again = read_noise(path)
        >>> backend, blocks == (block,), again.layer == learned.layer
        ('qsim', True, True)
    """
    found = read_json(path, _WHAT)
    try:
        if found.get("format") != FORMAT:
            raise ValueError(f"its format must be {FORMAT!r}, not {found.get('format')!r}")
        layer = read_layer(text(found["layer"], "layer"))
        depths = check_depths([whole(d, "depths", 0, _MOST) for d in found["depths"]])
        blocks = tuple(_block(entry) for entry in found["blocks"])
        if not blocks:
            raise ValueError("it holds no block")
        learned = Characterisation(
            layer,
            depths,
            whole(found["settings"], "settings", 2, _MOST),
            whole(found["shots"], "shots", 1, _MOST),
            _decays(layer, found["blocks"]),
        )
        return text(found["backend"], "backend"), blocks, learned
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        reason = f"{error.args[0]} is missing" if isinstance(error, KeyError) else error
        raise UsageError(f"{path} is not {_WHAT}: {reason}") from None


def noise_lines(
    blocks: Sequence[Block], learned: Characterisation, exact: Floats | None = None
) -> Iterator[str]:
    """Yields what was learned as a table for people: a line a decay, a column a block.

    A factor that several signals show has a line for each.

    Args:
        blocks: The blocks, on a chip.
        learned: What was learned.
        exact: (blocks, 16, 16) the eigenvalues of the noise model, if it is known.

    Example:
        >>> from quantum_advantage.backends.opening import open_backend
        >>> from quantum_advantage.characterise.characterisation import characterise
        >>> from quantum_advantage.characterise.layers import LAYERS
        >>> a, b, c, d = cirq.GridQubit.rect(2, 2)
        >>> qsim = open_backend("qsim").make(1)
        >>> learned = characterise(qsim, [Block((a, b), (c, d))], LAYERS["wait"], (0, 2), 3, 40)
        >>> lines = list(noise_lines([Block((a, b), (c, d))], learned))
        >>> lines[1].split()
        ['factor', 'of', 'signal', 'circuits', '0.0-1.0+0.1-1.1']
        >>> lines[2].split()[:4]
        ['XI', 'XI', 'plain', '1.0000']
    """
    layer, known = learned.layer, learnable(learned.layer)
    names = [write_pairs(_places(block)) for block in blocks]
    width = max(24, *(len(name) + 2 for name in names))
    yield (
        f"layer {layer.name}: {learned.circuits} circuits of {learned.depths[-1]} layers at most, "
        f"{learned.settings} settings of {learned.shots} shots, {learned.copies} in all"
    )
    head = f"{'factor of':18s}{'signal':8s}{'circuits':8s}"
    yield head + "".join(name.rjust(width) for name in names)
    inside = total = 0
    bad = set(learned.misfits())
    order = sorted(
        learned.decays, key=lambda s: (visited(layer, s.turned, s.string), s.turned, s.string)
    )
    for start in order:
        decay = learned.decays[start]
        cells = []
        for i in range(learned.blocks):
            half = (decay.high[i] - decay.low[i]) / 2
            cell = f"{decay.factors[i]:.4f} ± {half:.4f}"
            cells.append(cell + ("!" if (start, i) in bad else ""))
        if exact is not None:
            truth = exact_factors(exact, layer, start.turned)[:, start.string]
            inside += int(((decay.low <= truth) & (truth <= decay.high)).sum())
            total += truth.size
        met = " ".join(str(s) for s in visited(layer, start.turned, start.string))
        head = f"{met:18s}{string_text(start.string):8s}{'turned' if start.turned else 'plain':8s}"
        yield head + "".join(cell.rjust(width) for cell in cells)
    if len({visited(layer, s.turned, s.string) for s in order}) < len(order):
        yield (
            "lines of the same strings measure the same factor: their signal begins as another "
            "string, or the circuits have quarter turns about Z behind the CZ gates (turned)"
        )
    alone = [str(s) for s, one in zip(known.strings, known.alone, strict=True) if one]
    only = [str(s) for s, one in zip(known.strings, known.alone, strict=True) if not one]
    yield f"learned alone: {', '.join(alone)}" if alone else "none is learned alone"
    if only:
        yield (
            f"learned in products alone: {', '.join(only)}; {known.independent} independent "
            f"products of {len(known.strings)} eigenvalues are learned"
        )
    if bad:
        every = len(learned.decays) * learned.blocks
        yield f"! {len(bad)} of {every} signals do not decay as A λ^d"
    if exact is not None:
        yield f"the noise model's own value lies inside {inside} of {total} 95 % intervals"


def layer_errors(learned: Characterisation) -> Floats:
    """Returns (blocks,) the error of a layer: 1 less the mean factor of all strings, as a share.

    Args:
        learned: What was learned.

    Example:
        >>> from quantum_advantage.characterise.layers import LAYERS
        >>> one = Decays(*(np.array([v]) for v in (0.9, 0.98, 0.97, 0.99, 0.6)))
        >>> found = Characterisation(LAYERS["wait"], (0, 2), 9, 9, {Start(False, 1): one})
        >>> layer_errors(found).round(3).tolist()
        [0.02]
    """
    return np.asarray(1 - np.mean([d.factors for d in learned.decays.values()], axis=0))


def _numbers(decay: Decays, block: int) -> list[float]:
    columns = (decay.amplitudes, decay.factors, decay.low, decay.high, decay.p_values)
    return [float(column[block]) for column in columns]


def _places(block: Block) -> list[PairPlace]:
    def place(qubit: cirq.Qid) -> tuple[int, int]:
        if not isinstance(qubit, cirq.GridQubit):
            raise UsageError(f"blocks must stand on a grid, and {qubit} does not")
        return qubit.row, qubit.col

    return [(place(system), place(memory)) for system, memory in block.pairs]


def _block(entry: dict[str, Any]) -> Block:
    places = read_pairs(text(entry["pairs"], "pairs"))
    if len(places) != 2:
        raise ValueError(f"a block must have two pairs, not {len(places)}")
    (a, b), (c, d) = (tuple(cirq.GridQubit(*place) for place in pair) for pair in places)
    return Block((a, c), (b, d))


def _decays(layer: Layer, entries: Sequence[dict[str, Any]]) -> dict[Start, Decays]:
    found: dict[Start, list[list[float]]] = {start: [] for start in learnable(layer).starts}
    for entry in entries:
        starts = [
            Start(bool(one["turned"]), string_number(text(one["string"], "string")))
            for one in entry["decays"]
        ]
        if starts != list(found):
            raise ValueError("its decays are not those of the layer, in their order")
        for start, one in zip(starts, entry["decays"], strict=True):
            values = [number(one[name], name, -_PLUS_MINUS, _PLUS_MINUS) for name in _FIELDS]
            if not values[2] <= values[1] <= values[3]:
                raise ValueError("a factor lies outside its interval")
            found[start].append(values)
    return {start: Decays(*np.array(rows).T) for start, rows in found.items()}
