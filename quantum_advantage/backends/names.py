"""The names of backends, checked with the standard library alone.

A simulator has the name of its module in ``named``, as ``qsim`` and ``stim``, ``law`` draws from
the exact law of the experiment without circuits, and ``auto`` stands for circuits on qsim to the n
that a script names and the law beyond. ``depolarize=p`` puts ``cirq.depolarize(p, 2)`` after every
two-qubit gate, ``readout=e`` a bit flip of probability e before every measurement.

``qvm:PROCESSOR`` is a virtual Google processor with its calibration, ``engine:PROJECT/PROCESSOR`` a
real one. Both take ``pairs=3.3-3.2+4.3-4.4``, the pairs to use (row.column of the system, then of
the memory qubit); the real one takes ``config=NAME`` with ``run=NAME`` or ``snapshot=ID``. The
project is not part of a backend's identity, and is written nowhere.

``qvm:FILE.json`` is a virtual processor built of a calibration that was saved from a processor. Its
identity is the file's name without the folder and the digest of its content, as in
``qvm:chip.json,digest=44136fa355b3678a``.

A virtual processor takes what calibrations do not tell, as ``overrotation=0.01``, ``drift=0.01``,
``crosstalk=0.05`` (radians) and ``idling=0.1`` (MHz); ``devices.imperfections`` states them.

``noise=twirled`` replaces the errors of ``qsim`` or ``qvm`` by their Pauli twirls, which can be
drawn before a circuit is simulated (``simulators.trajectories``): larger noisy circuits run.

Both take ``place=circuit``, which chooses a chain of pairs by all gates of the circuit and its
readout (``devices.chain_placement``); without it every coupler counts once.

Both take ``gauge=cz``, ``syc``, ``sqrt_iswap`` or ``all``, the two-qubit gates with random gauges,
and ``dd=xx``, ``yy`` or ``xyxy``, dynamical decoupling (``devices.mitigation``).

``sampler:MODULE:FUNCTION`` is what a function of the user's own returns. Reading such a name
imports nothing: only where the user gives it does ``opening.open_sampler`` import the module.

Other names are those of backends that installed packages announce in the group
``quantum_advantage.backends`` of entry points, with options of their own, as ``my_chip:bias=0.1``.
"""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from quantum_advantage.backends.calibration_files import ENDING, named_file
from quantum_advantage.core.naming import canonical, parse, read_options
from quantum_advantage.core.plugins import foreign_names
from quantum_advantage.core.usage import UsageError, did_you_mean

if TYPE_CHECKING:
    import cirq

# The group of entry points by which other packages announce backends.
GROUP = "quantum_advantage.backends"
# A module in this folder is the simulator of its name; listing them imports none.
_FOLDER = Path(__file__).with_name("named")
SIMULATORS = tuple(sorted(module.name for module in pkgutil.iter_modules([str(_FOLDER)])))
NAMES = ("auto", *SIMULATORS, "law", "qvm", "engine")
# ((row, column) of the system qubit, (row, column) of the memory qubit)
PairPlace = tuple[tuple[int, int], tuple[int, int]]

# The options of local noise, which a simulator may take, with their defaults.
NOISE: Mapping[str, float | int | str] = {"depolarize": 0.0, "readout": 0.0}
_LARGEST = {"depolarize": 15 / 16, "readout": 0.5}
# What calibrations do not tell, which a virtual processor may take, with the largest that it takes.
IMPERFECTIONS: Mapping[str, float] = {
    "overrotation": 0.5,
    "drift": 0.5,
    "crosstalk": 1.5,
    "idling": 10.0,
}
# What may be done against coherent errors on a processor: which two-qubit gates get random gauges,
# and the pulses of dynamical decoupling.
MITIGATION: Mapping[str, tuple[str, ...]] = {
    "gauge": ("cz", "syc", "sqrt_iswap", "all"),
    "dd": ("xx", "yy", "xyxy"),
}
# What may stand in the place of the noise that a calibration, or a name, says.
TWIRLED = "twirled"
# What may decide where a chain of pairs goes, other than its pairs.
CIRCUIT = "circuit"
# The word before MODULE:FUNCTION of a user's own sampler.
SAMPLER = "sampler"
_MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*\Z", re.ASCII)
_FORMS = {"qvm": "qvm:PROCESSOR", "engine": "engine:PROJECT/PROCESSOR"}
_PLACE = r"[A-Za-z0-9][A-Za-z0-9_\-]*"
_PAIR = re.compile(r"(\d+)\.(\d+)-(\d+)\.(\d+)\Z")


class Simulator(Protocol):
    """What a module in ``named`` holds; it imports the standard library alone until it is used.

    Attributes:
        OPTIONS: The options of the simulator, with their defaults; ``NOISE`` among them if it
            takes local noise.
    """

    OPTIONS: Mapping[str, float | int | str]

    def make_sampler(self, options: Mapping[str, Any], seed: int) -> cirq.Sampler:
        """Makes a fresh sampler from all options, filled in, and a seed."""
        ...


def simulator(base: str) -> Simulator:
    """Imports a simulator, one of ``SIMULATORS``."""
    return cast("Simulator", import_module(f"{__package__}.named.{base}"))


@dataclass(frozen=True)
class BackendName:
    """A backend's name, read.

    Attributes:
        base: ``law``, ``auto``, ``qvm``, ``engine`` or a simulator, or a name that another package
            announces.
        options: The options that are not the default, by name; of a backend of another package, as
            text.
        processor: The processor of ``qvm`` and ``engine``, or the name of a calibration file.
        project: The Google Cloud project of ``engine``; never written.
        pairs: The pairs to use, or none to have them chosen.
        config: The device configuration of ``engine``, with ``run`` or ``snapshot``.
        run: The run that holds the configuration.
        snapshot: The snapshot that holds it.
        digest: The digest of a calibration file.
        function: The ``MODULE:FUNCTION`` of ``sampler``.
    """

    base: str
    options: tuple[tuple[str, float | int | str], ...] = ()
    processor: str = ""
    project: str = ""
    pairs: tuple[PairPlace, ...] = ()
    config: str = ""
    run: str = ""
    snapshot: str = ""
    digest: str = ""
    function: str = ""

    def __str__(self) -> str:
        if self.function:
            return f"{self.base}:{self.function}"
        if not self.processor:
            return canonical(self.base, dict(self.options))
        options = {
            "pairs": write_pairs(self.pairs),
            "config": self.config,
            "run": self.run,
            "snapshot": self.snapshot,
            "digest": self.digest,
        }
        given: dict[str, object] = {key: value for key, value in options.items() if value}
        rest = canonical("", dict(self.options) | given)[1:]
        return f"{self.base}:{self.processor}" + (f",{rest}" if rest else "")

    @property
    def foreign(self) -> bool:
        """Whether somebody else's code brings it."""
        return self.base not in NAMES

    @property
    def on_device(self) -> bool:
        """Whether it is a processor, virtual or real."""
        return self.base in _FORMS

    @property
    def label(self) -> str:
        """What files about a processor are called by."""
        stem = self.processor.removesuffix(ENDING)
        return f"{stem}_{self.digest[:8]}" if self.digest else self.processor

    @property
    def gauge(self) -> str:
        """The two-qubit gates of a processor that get random gauges, or nothing."""
        return str(dict(self.options).get("gauge", "")) if self.on_device else ""

    @property
    def twirled(self) -> bool:
        """Whether its errors are replaced by their Pauli twirls."""
        return not self.foreign and dict(self.options).get("noise") == TWIRLED

    @property
    def fits_circuit(self) -> bool:
        """Whether the whole circuit decides where a chain of pairs goes."""
        return self.on_device and dict(self.options).get("place") == CIRCUIT

    @property
    def dd(self) -> str:
        """The pulses of dynamical decoupling on a processor, or nothing."""
        return str(dict(self.options).get("dd", "")) if self.on_device else ""

    @property
    def depolarize(self) -> float:
        """The total error probability p of ``cirq.depolarize(p, 2)``."""
        return self._noise("depolarize")

    @property
    def readout(self) -> float:
        """The probability e of a readout flip."""
        return self._noise("readout")

    def _noise(self, key: str) -> float:
        return 0.0 if self.foreign else float(dict(self.options).get(key, 0.0))

    @property
    def noisy(self) -> bool:
        """Whether its name asks for local noise."""
        return bool(self.depolarize or self.readout)

    @property
    def is_local(self) -> bool:
        """Whether it runs here, and its name asks for nothing but local noise."""
        here = not (self.foreign or self.on_device)
        return here and all(key in NOISE for key, _ in self.options)

    def on_pairs(self, pairs: tuple[PairPlace, ...]) -> BackendName:
        """Returns the name of the same processor with these pairs, which need no other choice.

        Args:
            pairs: The pairs.
        """
        options = tuple((key, value) for key, value in self.options if key != "place")
        return replace(self, pairs=pairs, options=options)

    def resolve(self, circuits: bool) -> BackendName:
        """Replaces ``auto`` by ``qsim`` where circuits are to run, and by ``law`` elsewhere."""
        if self.base != "auto":
            return self
        return replace(self, base="qsim" if circuits else "law")


def read_backend(text: str) -> BackendName:
    """Reads a backend's name such as ``qsim:depolarize=0.01,readout=0.02`` or ``qvm:weber``.

    Raises:
        ValueError: If the backend or an option is unknown, or a value is out of range.
    """
    base, _, rest = text.partition(":")
    if base in _FORMS:
        return _read_processor(text, base, rest)
    if base == SAMPLER:
        if not _MODULE.match(rest):
            raise UsageError(f"backend {text!r} must read sampler:MODULE:FUNCTION")
        return BackendName(base, function=rest)
    if base in NAMES:
        return _read_simulator(text, simulator(base).OPTIONS if base in SIMULATORS else NOISE)
    known = dict.fromkeys((*NAMES, *foreign_names(GROUP)))
    if base not in known:
        near = did_you_mean(base, known)
        raise UsageError(f"unknown backend {text!r}; choose one of {', '.join(known)}{near}")
    return BackendName(base, tuple(parse(text)[1].items()))


def _read_simulator(text: str, defaults: Mapping[str, float | int | str]) -> BackendName:
    base, options = read_options(text, defaults)
    for key, value in options.items():
        if key in NOISE and not 0 <= float(value) <= _LARGEST[key]:
            raise UsageError(f"{key} in {text!r} must lie between 0 and {_LARGEST[key]}")
    _check_words(text, options)
    given = ((key, options[key]) for key in sorted(options) if options[key] != defaults[key])
    return BackendName(base, tuple(given))


def _read_processor(text: str, base: str, rest: str) -> BackendName:
    place, comma, given = rest.partition(",")
    from_file = base == "qvm" and place.endswith(ENDING)
    # In files a real processor goes without its project.
    pattern = _PLACE if base == "qvm" else rf"(?:(?P<project>[A-Za-z0-9:._\-]+)/)?{_PLACE}"
    match = re.fullmatch(".+" if from_file else pattern, place)
    if match is None or (comma and not given):
        raise UsageError(f"backend {text!r} must read {_FORMS[base]}")
    known: dict[str, float | int | str] = {"pairs": "", "place": "", "gauge": "", "dd": ""}
    if base == "qvm":
        known |= dict.fromkeys(IMPERFECTIONS, 0.0)
        known |= {"noise": ""}
    if base == "engine":
        known |= {"config": "", "run": "", "snapshot": ""}
    if from_file:
        known["digest"] = ""
    try:
        _, options = read_options(f"{base}:{given}" if given else base, known)
        pairs = read_pairs(str(options["pairs"]))
    except ValueError as error:
        reason = str(error).replace(repr(f"{base}:{given}"), repr(text))
        raise UsageError(
            reason if repr(text) in reason else f"backend {text!r}: {reason}"
        ) from None
    config, run, snapshot = (str(options.get(key, "")) for key in ("config", "run", "snapshot"))
    if (run and snapshot) or bool(config) != bool(run or snapshot):
        raise UsageError(
            f"backend {text!r} must name config=NAME together with run=NAME or snapshot=ID, or "
            "none of them"
        )
    _check_words(text, options)
    if pairs and options.get("place"):
        raise UsageError(f"place in {text!r} changes nothing where pairs are named; leave it out")
    for key, choices in MITIGATION.items():
        if options[key] and options[key] not in choices:
            raise UsageError(
                f"{key} in {text!r} must be one of {', '.join(choices)}, not {options[key]!r}"
            )
    for key, most in IMPERFECTIONS.items():
        if not 0 <= float(options.get(key, 0)) <= most:
            raise UsageError(f"{key} in {text!r} must lie between 0 and {most:g}")
    processor, digest = place.rpartition("/")[2], ""
    if from_file:
        processor, digest = named_file(place, str(options["digest"]))
    return BackendName(
        base,
        tuple(
            (key, options[key])
            for key in sorted((*IMPERFECTIONS, *MITIGATION, "noise", "place"))
            if options.get(key)
        ),
        processor=processor,
        project=(match.groupdict().get("project") or ""),
        pairs=pairs,
        config=config,
        run=run,
        snapshot=snapshot,
        digest=digest,
    )


def _check_words(text: str, options: Mapping[str, float | int | str]) -> None:
    if options.get("noise", "") not in ("", TWIRLED):
        raise UsageError(f"noise in {text!r} must be {TWIRLED}, not {options['noise']!r}")
    if options.get("place", "") not in ("", CIRCUIT):
        raise UsageError(f"place in {text!r} must be {CIRCUIT}, not {options['place']!r}")


def read_pairs(text: str) -> tuple[PairPlace, ...]:
    """Reads ``3.3-3.2+4.3-4.4``.

    Raises:
        ValueError: If a pair does not read so.
    """
    pairs = []
    for part in text.split("+") if text else ():
        match = _PAIR.match(part)
        if match is None:
            raise UsageError(
                f"pair {part!r} must read row.column-row.column, and pairs are joined by +, as in "
                "3.3-3.2+4.3-4.4"
            )
        a, b, c, d = map(int, match.groups())
        pairs.append(((a, b), (c, d)))
    return tuple(pairs)


def write_pairs(pairs: Iterable[PairPlace]) -> str:
    """Writes pairs as :func:`read_pairs` reads them."""
    return "+".join(f"{a}.{b}-{c}.{d}" for (a, b), (c, d) in pairs)
