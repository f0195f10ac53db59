"""Tests the claims, and writes a table of the results."""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from pathlib import Path

from quantum_advantage.claims.checking import Found, NoDataError, Setting
from quantum_advantage.claims.claim import Claim, Verdict
from quantum_advantage.claims.log import append_log, identity_of, read_log
from quantum_advantage.claims.table import CLAIMS
from quantum_advantage.core.extras import MissingExtraError
from quantum_advantage.core.files import write_file


def verify(
    setting: Setting,
    claims: Sequence[Claim] = CLAIMS,
    report: Callable[[Verdict], None] = lambda verdict: None,
    log: Path | None = None,
    executor: Executor | None = None,
) -> list[Verdict]:
    """Tests claims.

    Args:
        setting: Where the data is, and how much is played anew.
        claims: The claims.
        report: Called with the verdict of each, in their order.
        log: The file with the findings of an interrupted verification, to which this one adds. It
            is removed in the end. None keeps no log.
        executor: What tests several claims of :data:`CLAIMS` at a time; by default each is tested
            in this process, one after the other.

    Returns:
        A verdict for each claim, in order; one without its data has the outcome ``no data``, one
        whose test needs an optional package that is not installed ``untested``.

    Raises:
        ValueError: If the log or the data holds something else, or was edited.
        OSError: If the log cannot be written.

    Example:
        >>> setting = Setting(Path("no data"), quick=True)
        >>> toy = (
        ...     Claim("1", "one Bell shot", "games", "0.70", lambda s: Found("0.71", True)),
        ...     Claim("control", "a coin wins", "games", "0.70", lambda s: Found("0.50", False)),
        ... )
        >>> [verdict.outcome for verdict in verify(setting, toy)]  # the control fails, as it must
        ['pass', 'pass']
    """
    identity = identity_of(setting) if log else ""
    known = read_log(log, identity) if log else {}
    verdicts: dict[str, Verdict] = {}
    untold = deque(claims)
    for claim, finding in _findings(claims, setting, known, executor):
        verdict = verdicts[claim.claim] = _verdict(claim, finding)
        if log and verdict.found and claim.claim not in known:
            append_log(log, identity, claim.claim, verdict.found)
        while untold and untold[0].claim in verdicts:
            report(verdicts[untold.popleft().claim])
    if log:
        log.unlink(missing_ok=True)
    return [verdicts[claim.claim] for claim in claims]


def _findings(
    claims: Sequence[Claim],
    setting: Setting,
    known: Mapping[str, Found],
    executor: Executor | None,
) -> Iterator[tuple[Claim, Callable[[], Found]]]:
    """Yields every claim with what returns its finding: those that are known, then as they end."""
    for claim in claims:
        if claim.claim in known:
            yield claim, functools.partial(known.__getitem__, claim.claim)
    untested = [claim for claim in claims if claim.claim not in known]
    if executor is None:
        for claim in untested:
            yield claim, functools.partial(claim.check, setting)
        return
    running = {executor.submit(_check_named, claim.claim, setting): claim for claim in untested}
    for future in as_completed(running):
        yield running[future], future.result


def _check_named(name: str, setting: Setting) -> Found:
    """Tests the claim of that name; a worker process gets no test, but looks it up."""
    (claim,) = (claim for claim in CLAIMS if claim.claim == name)
    return claim.check(setting)


def _verdict(claim: Claim, finding: Callable[[], Found]) -> Verdict:
    try:
        found = finding()
    except FileNotFoundError as error:
        return Verdict(claim, f"{error.filename} is missing", "no data")
    except NoDataError as error:
        return Verdict(claim, str(error), "no data")
    except MissingExtraError as error:
        return Verdict(claim, str(error), "untested")
    return Verdict(claim, found.value, "pass" if found.met != claim.control else "FAIL", found)


def all_hold(verdicts: Iterable[Verdict]) -> bool:
    """Tells whether all claims that were tested passed, at least one; no data counts as failed.

    Example:
        >>> claim = Claim("1", "one Bell shot", "games", "0.70", lambda s: Found("0.71", True))
        >>> all_hold([Verdict(claim, "0.71", "pass")]), all_hold([Verdict(claim, "", "no data")])
        (True, False)
    """
    outcomes = {v.outcome for v in verdicts}
    return "pass" in outcomes and outcomes <= {"pass", "untested"}


def untested_line(verdicts: Sequence[Verdict]) -> str:
    """Returns how many claims were not tested, and what to install; nothing if all were.

    Example:
        >>> claim = Claim("1", "groups", "games", "0.70", lambda s: Found("0.71", True))
        >>> print(untested_line([Verdict(claim, "this needs x: pip install x", "untested")]))
        1 of 1 claims was not tested, for lack of an optional package: this needs x: pip install x
        >>> untested_line([Verdict(claim, "0.71", "pass")])
        ''
    """
    reasons = [v.value for v in verdicts if v.outcome == "untested"]
    if not reasons:
        return ""
    verb = "was" if len(reasons) == 1 else "were"
    return (
        f"{len(reasons)} of {len(verdicts)} claims {verb} not tested, for lack of an optional "
        f"package: {'; '.join(dict.fromkeys(reasons))}"
    )


def claims_table(verdicts: Sequence[Verdict]) -> str:
    """Returns the table as Markdown.

    Example:
        >>> claim = Claim("1", "one Bell shot", "games", "0.70", lambda s: Found("0.71", True))
        >>> print(claims_table([Verdict(claim, "0.71", "pass")]).splitlines()[-1])
        | 1 | one Bell shot | games | 0.70 | 0.71 | pass | `quantum-advantage verify` |
    """
    passed, untested = (sum(v.outcome == o for v in verdicts) for o in ("pass", "untested"))
    lines = [
        "# Claims",
        "",
        f"{passed} of {len(verdicts)} tests came out as they must. Written by "
        "`quantum-advantage verify`.",
        *(["", f"{untested} were not tested: a package is missing."] if untested else []),
        "",
        "A negative control is a test that must fail: it passes here when it does.",
        "",
        "| # | claim | test | criterion | measured (95 % interval) | outcome | command |",
        "|---|---|---|---|---|---|---|",
    ]
    for v in verdicts:
        c = v.claim
        cells = (c.number, c.claim, c.test, c.criterion, v.value, v.outcome, f"`{c.command}`")
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join([*lines, ""])


def write_claims(verdicts: Sequence[Verdict], path: Path) -> None:
    """Writes the table, replacing the old one in one step.

    Raises:
        OSError: If it cannot be written.

    Example:
        >>> import tempfile
        >>> claim = Claim("1", "one Bell shot", "games", "0.70", lambda s: Found("0.71", True))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_claims([Verdict(claim, "0.71", "pass")], Path(folder, "CLAIMS.md"))
        ...     print(Path(folder, "CLAIMS.md").read_text().splitlines()[2])
        1 of 1 tests came out as they must. Written by `quantum-advantage verify`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, claims_table(verdicts))
