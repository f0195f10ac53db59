"""What could have been chosen after the data: the curves in all data files of a folder.

Every curve counts, whether a bound is proven for its games or not, and so does every certificate
that is kept beside the data, although its curve may be gone.
"""

from __future__ import annotations

import hashlib
from dataclasses import astuple
from pathlib import Path

from quantum_advantage.certify.methods import Afterwards
from quantum_advantage.certify.played import Played, read_counts
from quantum_advantage.core.naming import parse
from quantum_advantage.study.dataset import Dataset
from quantum_advantage.study.lines import header_of
from quantum_advantage.study.rows import DecisionRow
from quantum_advantage.study.spec import CurveSpec
from quantum_advantage.study.tables import first_lines

FOLDER = "certificates"
_COPIES = "_copies_"


def home_of(data: Path) -> Path:
    """Returns the output folder that a file of counts lies in: ``DIR`` of ``DIR/data/NAME.csv``.

    Args:
        data: The file; in a folder of another name, that folder.
    """
    folder = data.resolve().parent
    return folder.parent if folder.name == "data" else folder


def curve_name(experiment: str, key: CurveSpec) -> str:
    """Returns the name of a curve, with which its certificates begin.

    Args:
        experiment: The experiment's name.
        key: What was played.
    """
    identity = hashlib.sha256(repr(astuple(key)).encode()).hexdigest()[:8]
    return f"{experiment}_{parse(key.protocol)[0]}_{key.qubits}_{identity}"


def certificate_stem(out: Path, played: Played, registration: str | None) -> Path:
    """Returns the path of a certificate without its ending.

    Args:
        out: The output folder.
        played: The games.
        registration: Digest of the registration; None if there is none.
    """
    name = f"{curve_name(played.experiment, played.key)}{_COPIES}{played.copies}"
    return out / FOLDER / (name if registration is None else f"{name}_{registration[:8]}")


def curves_beside(data: Path, counts: Dataset[DecisionRow]) -> set[str]:
    """Returns the names of all curves in the data files of a folder, and of kept certificates.

    Args:
        data: A file of counts in the folder.
        counts: What it holds.

    Raises:
        UsageError: If another file is damaged.
        OSError: If one cannot be read.
    """
    names = _curves_in(counts)
    for path in sorted(set(data.resolve().parent.glob("*.csv")) - {data.resolve()}):
        if path.is_file() and first_lines(path)[0] == header_of(DecisionRow):
            names |= _curves_in(read_counts(path))
    for path in (home_of(data) / FOLDER).glob("*_*.json"):
        curve, found, _ = path.stem.rpartition(_COPIES)
        names.add(curve if found else path.stem)
    return names


def _curves_in(counts: Dataset[DecisionRow]) -> set[str]:
    return {curve_name(counts.experiment, key) for key in {row.spec.curve for row in counts}}


def chosen_afterwards(data: Path, counts: Dataset[DecisionRow], played: Played) -> Afterwards:
    """Returns how the games of a data file are weighed if nothing was registered.

    Args:
        data: The file of counts.
        counts: What it holds.
        played: The games.

    Raises:
        UsageError: If another data file of the folder is damaged.
        OSError: If one cannot be read.
    """
    return Afterwards(len(played.prefixes), len(curves_beside(data, counts)))
