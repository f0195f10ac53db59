"""Mutates files of every kind and counts what becomes of them; prints the counts as JSON.

    python campaign.py FOLDER FILES FIRST

mutates FILES files, in turn of every kind, from the seed FIRST on, below FOLDER.
"""

import json
import resource
import sys
import warnings
from collections import Counter
from pathlib import Path

import mutations
import numpy as np
from kinds import KINDS

from quantum_advantage.core.usage import UsageError

ESCAPED = (Path("/tmp/ESCAPED"), Path("/tmp/ESCAPED.npy"))


def tree(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def unchanged(kind, original, found):
    if found == original:
        return True
    if kind.parts:
        return all(key in original and original[key] == value for key, value in found.items())
    return False


def try_one(name, seed, folder):
    """Mutates one file; returns what became of it, and the text of what is wrong."""
    kind, rng = KINDS[name], np.random.default_rng([seed, *name.encode()])
    home = folder / "home"
    home.mkdir()
    path = kind.write(home)
    content = path.read_bytes()
    sealed = kind.seal is not None and rng.random() < 0.35
    if sealed or rng.random() < 0.6:
        changed = kind.mutate(content, rng, kind.seal if sealed else None)
    else:
        changed = mutations.pick(rng, mutations.BYTES)(content, rng)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        original = kind.read(path)
        path.write_bytes(changed)
        before = tree(folder)
        try:
            found = kind.read(path)
        except (UsageError, OSError) as error:
            text = str(error)
            if "\n" in text or len(text) > 1000:
                return "not one line", text
            if path.name not in text and path.stem not in text:
                return "without the name of the file", text
            outcome = "refused", ""
        except Exception as error:
            return "traceback", f"{type(error).__name__}: {error}"
        else:
            if changed == content or unchanged(kind, original, found):
                outcome = "accepted, equal", ""
            elif sealed:
                outcome = "accepted, changed and sealed anew", ""
            elif not kind.checked:
                outcome = "accepted, changed in a format without a check", ""
            else:
                outcome = "ACCEPTED, CHANGED", f"{changed[:300]!r}"
    new = {p for p in tree(folder) - before if not p.startswith("home/certificates")}
    if new or any(p.exists() for p in ESCAPED):
        return "written outside", str(new)
    return outcome


def remove(folder):
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


def run(folder, files, first, names=tuple(KINDS)):
    """Returns for each kind how often what happened, and the seeds where something was wrong."""
    counts, wrong = {name: Counter() for name in names}, []
    for number in range(files):
        name, seed = names[number % len(names)], first + number
        outcome, text = try_one(name, seed, folder)
        remove(folder)
        counts[name][outcome] += 1
        if not outcome.startswith(("refused", "accepted")):
            wrong.append((name, seed, outcome, text))
    return counts, wrong


if __name__ == "__main__":
    found, trouble = run(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    json.dump({"counts": found, "wrong": trouble, "megabytes": memory}, sys.stdout, indent=1)
